"""PubTator: `PMID|t|title`, `PMID|a|abstract`, then a mention or relation a line, tab-separated; a blank line between
documents.

A mention has six columns (PMID, start, end, surface, type, identifiers), a seventh where it names several things at
once; five where the row says `identifiers: optional`. A relation has four (PMID, type, two identifiers), or five with
whether it is new. For the other keys of a row see `taiyi.corpora.annotations`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from taiyi.corpora.annotations import ConceptRelation, Mention, annotated
from taiyi.corpora.files import CorruptError
from taiyi.document import Span
from taiyi.tasks.base import Example

_TEXT = re.compile(r"([^|\t]+)\|([ta])\|(.*)")


@dataclass(slots=True)
class _Block:
    """The lines of a document, as far as they are read."""

    line: int
    id: str
    parts: dict[str, str] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    relations: list[ConceptRelation] = field(default_factory=list)

    @property
    def text(self) -> str:
        if "a" not in self.parts:
            raise CorruptError(self.line, f"the document {self.id} has a title, but no line {self.id}|a|abstract.")
        return f"{self.parts['t']}\n{self.parts['a']}"


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a document; one that stood before, with its id, is passed over (NCBI has PMID 8528200 twice).

    Offsets count from the title, with one character between it and the abstract. Raises CorruptError.
    """
    seen: set[tuple[str, str]] = set()
    for block in _blocks(text, row):
        example = annotated(block.id, block.text, block.mentions, block.relations, row)
        if (block.id, block.text) not in seen:
            seen.add((block.id, block.text))
            yield example


def _blocks(text: str, row: Mapping[str, Any]) -> Iterator[_Block]:
    block: _Block | None = None
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), start=1):
        line = line.removesuffix("\r")
        if not line.strip():
            if block:
                yield block
            block = None
            continue
        match = _TEXT.fullmatch(line)
        if match and match[2] == "t" and block:
            yield block
        if match and match[2] == "t":
            block = _Block(number, match[1], {"t": match[3]})
        elif block is None:
            raise CorruptError(number, "a document begins with PMID|t|title, this line does not.")
        elif match:
            block.parts["a"] = match[3]
        else:
            _add(block, number, line, row)
    if block:
        yield block


def _add(block: _Block, number: int, line: str, row: Mapping[str, Any]) -> None:
    """The line of a mention or a relation; without any tab it goes on with the abstract."""
    cells = line.split("\t")
    if len(cells) == 1 and "a" in block.parts and not block.mentions:
        block.parts["a"] += f"\n{line}"
        return
    if cells[0] != block.id:
        raise CorruptError(number, f"the line is of {cells[0]!r}, but stands in the document {block.id}.")
    if len(cells) > 1 and cells[1].isdigit():
        block.mentions.append(_mention(cells, number, row))
    elif len(cells) in (4, 5):
        block.relations.append(ConceptRelation(number, *cells[1:4]))
    else:
        raise CorruptError(number, f"{len(cells)} columns; a mention has 6 or 7, a relation 4 or 5.")


def _mention(cells: list[str], number: int, row: Mapping[str, Any]) -> Mention:
    allowed = (5, 6, 7) if row.get("identifiers") == "optional" else (6, 7)
    if len(cells) not in allowed or not cells[2].isdigit():
        raise CorruptError(
            number, f"{len(cells)} columns; a mention has 6 or 7: PMID, start, end, surface, type, identifiers."
        )
    span = Span(int(cells[1]), int(cells[2]))
    return Mention(number, cells[4], cells[3], (span,), cells[5] if len(cells) > 5 else "")
