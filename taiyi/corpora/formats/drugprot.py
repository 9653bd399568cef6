"""DrugProt's two text files: abstracts (PMID, title, abstract) and entities (PMID, id, type, start, end, mention),
tab-separated.

Offsets count from the title, with one character between it and the abstract. The row names the file of abstracts first.
For its keys see `taiyi.corpora.annotations`.
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
    (abstracts_file, abstracts), (entities_file, entities) = texts.items()
    parts = read_abstracts(abstracts, abstracts_file)
    text_by_pmid = {pmid: f"{title}\n{abstract}" for pmid, (title, abstract) in parts.items()}
    mentions: dict[str, list[Mention]] = {pmid: [] for pmid in text_by_pmid}
    for number, (pmid, _, label, start, end, surface) in iter_cells(entities, 6, entities_file):
        if pmid not in mentions:
            raise CorruptError(number, f"there is no abstract {pmid!r}.", file=entities_file)
        if not (start.isdigit() and end.isdigit()):
            raise CorruptError(
                number, f"two offsets are due after the type, here are {start}, {end}.", file=entities_file
            )
        mentions[pmid].append(Mention(number, label, surface, (Span(int(start), int(end)),)))
    for pmid, text in text_by_pmid.items():
        try:
            example = annotated(pmid, text, mentions[pmid], (), row)
        except CorruptError as error:
            raise error.in_file(entities_file) from error
        yield example
