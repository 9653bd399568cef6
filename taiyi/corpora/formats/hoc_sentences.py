"""Hallmarks of Cancer by sentence, as BLUE and BLURB split it: a TSV of `labels`, `sentence`, `index`.

`labels` reads `0_0,1_1,...,9_0`: number of a hallmark and whether it holds. Key of a row: `labels`, in that order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a sentence; quotes are characters of the sentence."""
    names = tuple(row["labels"])
    for line in filter(None, text.splitlines()[1:]):
        marks, sentence, index = line.split("\t")
        held = tuple(names[n] for n, mark in enumerate(marks.split(",")) if mark.endswith("_1"))
        request = Request("classify", sentence, row["lang"], row["lang"], names, multi=True, document_id=index)
        gold = Document(index, row["lang"], sentence, labels=tuple(map(Label, held)))
        yield Example(index, request, gold, row["name"])
