"""Corpora in their original files → Examples. A corpus is one row in `rows/`, a file form one module in `formats/`.

A row names its `lang`, `licence`, `source`, its `format` and `files` (split → official file name, or several in order),
`labels` (theirs: ours), and its format's own keys. Where a corpus is given out in several forms, `forms` lists them:
each is laid over the row, and the first whose files are all there is read; its `note` says what must be known of it.
`folder` and `holds` tell namesakes apart (`taiyi.corpora.files.find_files`). `members` is a glob: a file is then a
folder, tar or zip, of which the members that match are read (or a plain one that goes with it).

A format module knows no corpus. It has `read(text, row) -> Iterator[Example]`, called for one file (or member) after
the other, or, where files belong together, `read_together(texts, row)` with all the split's texts by file name. An
example's id is the official one; a reader leaves it empty where a corpus has none, and the position in the split, from
0, is put there (as where the row says `ids: position`: its ids are those of sources or whole articles, and repeat).
What is wrong in a file is a `CorruptError`.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from taiyi.corpora.files import CorruptError, find_file, find_files, is_packed, read_members, read_text
from taiyi.errors import DocumentError, FormatError, InputError
from taiyi.tasks.base import Example

__all__ = ["corpus_names", "corpus_row", "find_corpus", "find_file", "form_note", "read_corpus", "read_text"]

ROWS = Path(__file__).parent / "rows"


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


def corpus_splits(name: str) -> tuple[str, ...]:
    """The splits that some form of the corpus has."""
    return tuple(dict.fromkeys(split for form in _forms(corpus_row(name)) for split in form["files"]))


def find_corpus(name: str, split: str, data_dir: Path) -> list[Path]:
    """The files that `read_corpus` would read, in order. Raises its errors."""
    return _locate(name, split, data_dir)[1]


def form_note(name: str, split: str, data_dir: Path) -> str:
    """What must be known of the form that `read_corpus` would read; empty where it is as good as any. Raises its
    errors."""
    note: str = _locate(name, split, data_dir)[0].get("note", "")
    return note


def read_corpus(name: str, split: str, data_dir: Path) -> Iterator[Example]:
    """The examples of a split ("train", "dev", "test"), in the order of the files.

    Files are looked for by their official names, plain or with .xz or .gz, anywhere under `data_dir`. Raises InputError
    where a split is not known and FormatError where a file is missing or corrupt, or an id comes twice.
    """
    form, paths = _locate(name, split, data_dir)
    texts = (source for path in paths for source in _sources(path, form))
    seen: set[str] = set()
    for position, (file, example) in enumerate(_examples(texts, form)):
        id = str(position) if form.get("ids") == "position" else example.id or str(position)
        if id in seen:
            raise FormatError(f"{file}: the id {id} comes twice; take the second document out.", code="corpus_corrupt")
        seen.add(id)
        yield example if example.id == id else _with_id(example, id)


def _forms(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    shared = {key: value for key, value in row.items() if key != "forms"}
    return [{**shared, **form} for form in row.get("forms", [{}])]


def _locate(name: str, split: str, data_dir: Path) -> tuple[dict[str, Any], list[Path]]:
    """The first form of the corpus whose files are all there, and the files."""
    if split not in corpus_splits(name):
        has = ", ".join(corpus_splits(name))
        raise InputError(f"The corpus {name} has no split {split!r}; it has {has}.")
    looked_for = []
    for form in _forms(corpus_row(name)):
        if split not in form["files"]:
            continue
        files = form["files"][split]
        files = [files] if isinstance(files, str) else files
        found = {file: _found(data_dir, file, form) for file in files}
        if all(found.values()):
            return form, [found[file][0] for file in files]
        looked_for.append(" and ".join(_described(file, form) for file in files if not found[file]))
    message = f"There is no {'; nor '.join(looked_for)} (plain or packed) under {data_dir} for {name}, {split}."
    raise FormatError(message, code="corpus_missing", file=looked_for[0])


def _described(file: str, form: Mapping[str, Any]) -> str:
    """The file as a message names it; one that `holds` tells from its namesakes may be there, of another corpus."""
    folder = form.get("folder")
    return file + (f" in a folder {folder}" if folder else "") + (" with lines of its form" if "holds" in form else "")


def _found(data_dir: Path, file: str, form: Mapping[str, Any]) -> list[Path]:
    return find_files(data_dir, file, folder=form.get("folder"), holds=form.get("holds"), packed="members" in form)


def _sources(path: Path, form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "members" in form and is_packed(path):
        members = list(read_members(path, form["members"]))
        if not members:
            problem = f"{path} has no files {form['members']}; get it again."
            raise FormatError(problem, code="corpus_missing", file=form["members"])
        yield from members
    else:
        yield str(path), read_text(path)


def _examples(texts: Iterator[tuple[str, str]], form: Mapping[str, Any]) -> Iterator[tuple[str, Example]]:
    """Each example with the file it comes from; what is wrong in a file is told with the file's name."""
    module = import_module(f"taiyi.corpora.formats.{form['format']}")
    if hasattr(module, "read_together"):
        together = dict(texts)
        name = next(iter(together), "")
        with _named(name):
            yield from ((name, example) for example in module.read_together(together, form))
        return
    for name, text in texts:
        with _named(name):
            yield from ((name, example) for example in module.read(text, form))


@contextmanager
def _named(file: str) -> Iterator[None]:
    try:
        yield
    except CorruptError as error:
        raise error.in_file(file) from error
    except json.JSONDecodeError as error:
        raise CorruptError(error.lineno, f"this is no JSON: {error.msg}.", file=file) from error
    except ElementTree.ParseError as error:
        raise CorruptError(error.position[0], f"this is no XML: {error}.", file=file) from error
    except DocumentError as error:
        raise FormatError(f"{file}: {error}", code="corpus_corrupt") from error


def _with_id(example: Example, id: str) -> Example:
    return replace(
        example,
        id=id,
        request=replace(example.request, document_id=id),
        gold=replace(example.gold, id=id),
    )
