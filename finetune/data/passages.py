"""Long annotated documents in pieces that fit a window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from taiyi.document import Document, Span

_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？；\n]")


def passages(document: Document, max_chars: int) -> Iterator[Document]:
    """The document in pieces of up to `max_chars` characters, cut at sentence ends outside every mention; a longer
    sentence stays whole. Mentions keep their order and their ids; relations and events are left out."""
    text = document.text
    covered = {at for entity in document.entities for at in range(entity.start + 1, entity.end)}
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if match.end() not in covered] + [len(text)]
    start = last = 0
    for end in ends:
        if end - start > max_chars and last > start:
            yield from _cut(document, start, last)
            start = last
        last = end
    yield from _cut(document, start, len(text))


def _cut(document: Document, start: int, end: int) -> Iterator[Document]:
    piece = document.text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if start >= end:
        return
    inside = tuple(
        replace(entity, spans=tuple(Span(span.start - start, span.end - start) for span in entity.spans))
        for entity in document.entities
        if entity.start >= start and entity.end <= end
    )
    yield Document(f"{document.id}:{start}", document.lang, document.text[start:end], inside)
