"""CHEMDNER's two text files: abstracts (PMID, title, abstract) and annotations (PMID, T or A, start, end, mention,
class), tab-separated.

Offsets count within the title or the abstract. The row names the file of abstracts first. For its keys see
`taiyi.corpora.annotations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.abstracts import iter_cells, read_abstracts
from taiyi.corpora.annotations import Mention, annotated
from taiyi.corpora.files import CorruptError
from taiyi.document import Span
from taiyi.tasks.base import Example


def read_together(texts: Mapping[str, str], row: Mapping[str, Any]) -> Iterator[Example]:
    """One example an abstract, those without a mention too. Raises CorruptError."""
    (abstracts_file, abstracts), (annotations_file, annotations) = texts.items()
    parts = read_abstracts(abstracts, abstracts_file)
    mentions: dict[str, list[Mention]] = {pmid: [] for pmid in parts}
    for number, cells in iter_cells(annotations, 6, annotations_file):
        if cells[0] not in parts:
            raise CorruptError(number, f"there is no abstract {cells[0]!r}.", file=annotations_file)
        mentions[cells[0]].append(_mention(number, cells, len(parts[cells[0]][0]) + 1, annotations_file))
    for pmid, (title, abstract) in parts.items():
        try:
            example = annotated(pmid, f"{title}\n{abstract}", mentions[pmid], (), row)
        except CorruptError as error:
            raise error.in_file(annotations_file) from error
        yield example


def _mention(number: int, cells: list[str], abstract_start: int, file: str) -> Mention:
    _, part, start, end, surface, label = cells
    if part not in ("T", "A") or not (start.isdigit() and end.isdigit()):
        problem = "after the PMID stand T or A, then the two offsets; here are " + ", ".join(cells[1:4])
        raise CorruptError(number, f"{problem}.", file=file)
    shift = abstract_start if part == "A" else 0
    return Mention(number, label, surface, (Span(int(start) + shift, int(end) + shift),))
