"""Hallmarks of Cancer by sentence, as BLUE and BLURB give it out: a TSV of `labels`, `sentence` and `index`.

`labels` reads `0_0,1_1,...,9_0`: number of a hallmark and whether it holds. `index` is `PMID_s12`; editions without it
are read, too. Key of a row: `labels`, in that order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taiyi.corpora.files import CorruptError
from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a sentence, under its index or, without one, its position; quotes are characters of the sentence."""
    lang, names = row["lang"], tuple(row["labels"])
    lines = text.removeprefix("\ufeff").split("\n")
    columns = lines[0].rstrip("\r").split("\t")
    if not {"labels", "sentence"} <= set(columns):
        raise CorruptError(1, f"the columns labels and sentence are due, but the head reads {lines[0].strip()!r}.")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        if len(cells) != len(columns):
            raise CorruptError(number, f"{len(columns)} columns are due, but the line has {len(cells)}.")
        record = dict(zip(columns, cells, strict=True))
        id, sentence = record.get("index", ""), record["sentence"]
        request = Request("classify", sentence, lang, lang, names, multi=True, document_id=id)
        labels = tuple(map(Label, _held(record["labels"], names, number)))
        yield Example(id, request, Document(id, lang, sentence, labels=labels), row["name"])


def _held(marks: str, names: Sequence[str], number: int) -> list[str]:
    """The names that hold. Raises CorruptError where a number is missing, or marked with something else than 0 or 1."""
    held = dict(mark.split("_", 1) for mark in marks.split(",") if "_" in mark)
    if list(held) != [str(n) for n in range(len(names))] or not set(held.values()) <= {"0", "1"}:
        raise CorruptError(number, f"0_0,1_0,...,{len(names) - 1}_0 is due, but the labels read {marks!r}.")
    return [name for name, mark in zip(names, held.values(), strict=True) if mark == "1"]
