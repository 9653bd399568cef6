"""BioC as JSON: {"documents": [{"id", "passages": [{"offset", "text", "annotations"}], "relations"}]}.

Key of a row: `infons`, which says under what keys the corpus keeps the `concepts` of a mention, and of a relation the
type (`relation`), `head` and `tail`. For its other keys see `taiyi.corpora.annotations`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taiyi.corpora.annotations import ConceptRelation, Mention, annotated
from taiyi.corpora.files import CorruptError, record_at
from taiyi.document import Span
from taiyi.tasks.base import Example


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a document. Raises CorruptError."""
    with record_at("the collection"):
        documents = json.loads(text)["documents"]
    for number, document in enumerate(documents, start=1):
        with record_at(f"document {number}"):
            yield example_of(document, row)


def example_of(document: Mapping[str, Any], row: Mapping[str, Any]) -> Example:
    """The example of a document. Its text has the passages at their offsets, a line break at each place between them.

    A mention that names several things at once ("liver and renal damage") is there whole and once for each of its
    parts, with several locations; the parts are left out, as they are in PubTator.
    """
    id, infons = document["id"], row["infons"]
    mentions, relations = [], []
    for annotation in (found for passage in document["passages"] for found in passage["annotations"]):
        said = annotation["infons"]
        if said.get("CompositeRole") != "IndividualMention":
            where = f"document {id}, annotation {annotation.get('id', annotation['text'])}"
            spans = _spans(annotation["locations"])
            mentions.append(Mention(where, said["type"], annotation["text"], spans, said.get(infons["concepts"], "")))
    for relation in document.get("relations", ()):
        said = relation["infons"]
        names = (str(said[infons[key]]) for key in ("relation", "head", "tail"))
        relations.append(ConceptRelation(f"document {id}, relation {relation.get('id')}", *names))
    return annotated(id, _text(document["passages"], id), mentions, relations, row)


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
