"""BioC as JSON: {"documents": [{"id", "passages": [{"offset", "text", "annotations"}], "relations"}]}.

Key of a row: `infons`, which says under what keys the corpus keeps the `concepts` of a mention, and of a relation the
type (`relation`), `head` and `tail`. For its other keys see `taiyi.corpora.annotations`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from taiyi.corpora.annotations import ConceptRelation, Mention, annotated
from taiyi.corpora.files import CorruptError, record_at
from taiyi.document import Span
from taiyi.tasks.base import Example


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a document. Raises CorruptError."""
    with record_at("the collection"):
        documents = json.loads(text)["documents"]
    yield from examples_of(documents, row)


def examples_of(documents: Iterable[Mapping[str, Any]], row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a document in this JSON form. Its text has the passages at their offsets, with line breaks between.

    A mention that names several things at once ("liver and renal damage") is there whole and once for each of its
    parts, with several locations; the parts are left out, as they are in PubTator.
    """
    for number, document in enumerate(documents, start=1):
        with record_at(f"document {number}"):
            id = str(document["id"])
            text = _text(document["passages"], id)
            mentions = [_mention(found, id, row) for found in _annotations(document)]
            relations = [_relation(found, id, row) for found in document.get("relations", ())]
        yield annotated(id, text, mentions, relations, row)


def _annotations(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for passage in document["passages"]:
        for annotation in passage["annotations"]:
            if annotation["infons"].get("CompositeRole") != "IndividualMention":
                yield annotation


def _mention(annotation: Mapping[str, Any], id: str, row: Mapping[str, Any]) -> Mention:
    said, where = annotation["infons"], f"document {id}, annotation {annotation.get('id')}"
    concepts = said.get(row["infons"]["concepts"]) or ""
    return Mention(where, said["type"], annotation["text"], _spans(annotation["locations"]), concepts)


def _relation(relation: Mapping[str, Any], id: str, row: Mapping[str, Any]) -> ConceptRelation:
    names = (relation["infons"][row["infons"][key]] for key in ("relation", "head", "tail"))
    return ConceptRelation(f"document {id}, relation {relation.get('id')}", *names)


def _text(passages: Sequence[Mapping[str, Any]], id: str) -> str:
    text = ""
    for passage in passages:
        gap = int(passage["offset"]) - len(text)
        if gap < 0:
            problem = f"a passage begins at {passage['offset']}, inside the one before it, which ends at {len(text)}."
            raise CorruptError(f"document {id}", problem)
        text += "\n" * gap + passage["text"]
    return text


def _spans(locations: Sequence[Mapping[str, Any]]) -> tuple[Span, ...]:
    starts = [(int(place["offset"]), int(place["length"])) for place in locations]
    return tuple(Span(start, start + length) for start, length in starts)
