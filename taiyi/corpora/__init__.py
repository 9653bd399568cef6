"""Corpora in their original files → Examples. A corpus is one row in `rows/`, a file form one module in `formats/`.

A row names its `format`, `lang`, `files` (split → official file names), `labels`, `licence` and `source`; the other
keys are its format's. A format module has `read(text, row) -> Iterator[Example]` and knows no corpus.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from taiyi.errors import FormatError, InputError
from taiyi.tasks.base import Example

ROWS = Path(__file__).parent / "rows"
OPENERS: dict[str, Callable[[Path], Any]] = {"": open, ".xz": lzma.open, ".gz": gzip.open}


def corpus_names() -> tuple[str, ...]:
    """Every corpus that has a row."""
    return tuple(sorted(path.stem for path in ROWS.glob("*.yaml")))


@cache
def corpus_row(name: str) -> Mapping[str, Any]:
    """The row of a corpus. Raises InputError where there is none."""
    path = ROWS / f"{name}.yaml"
    if not path.is_file():
        raise InputError(f"There is no corpus {name!r}; known are {', '.join(corpus_names())}.")
    row: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return row


def read_corpus(name: str, split: str, data_dir: Path) -> Iterator[Example]:
    """The examples of a split ("train", "dev"), in the order of the files.

    Files are looked for by their official names, plain or with .xz or .gz, anywhere under `data_dir`. Raises InputError
    where a split is not known and FormatError where a file is missing or corrupt.
    """
    row = corpus_row(name)
    if split not in row["files"]:
        raise InputError(f"The corpus {name} has no split {split!r}; it has {', '.join(row['files'])}.")
    read = import_module(f"taiyi.corpora.formats.{row['format']}").read
    names = row["files"][split]
    for file in [names] if isinstance(names, str) else names:
        yield from read(read_text(find_file(data_dir, file, row.get("folder"))), row)


def find_file(data_dir: Path, name: str, folder: str | None = None) -> Path:
    """The file of that official name, below a folder of the name `folder` where the name alone is not enough."""
    for suffix in OPENERS:
        for path in sorted(data_dir.rglob(name + suffix)):
            if folder is None or folder in path.parts:
                return path
    raise FormatError(
        f"There is no {name} (or {name}.xz, {name}.gz) under {data_dir}.", code="corpus_missing", file=name
    )


def read_text(path: Path) -> str:
    """The whole text of a file, unpacked; line ends and byte order marks are kept as they stand."""
    opener = OPENERS.get(path.suffix, open) if path.suffix in OPENERS else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        text: str = file.read()
    return text
