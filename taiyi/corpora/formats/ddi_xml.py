"""DDI Corpus 2013: XML, a `sentence` with its `text`, its `entity` elements and a `pair` for every two of them.

`charOffset` names the last character of a piece, and `;` parts the pieces of a discontinuous mention. Key of a row:
`untyped`, the type of an interaction that has none; for the others see `taiyi.corpora.annotations`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.annotations import ConceptRelation, Mention, annotated, linked
from taiyi.corpora.files import record_at
from taiyi.document import Span
from taiyi.tasks.base import Example


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a sentence, under its id; empty sentences are left out. Raises CorruptError."""
    for sentence in ElementTree.fromstring(text.encode("utf-8")).iter("sentence"):
        id, body = sentence.get("id", ""), sentence.get("text", "")
        if not body.strip():
            continue
        with record_at(f"sentence {id}"):
            mentions = [_mention(entity.attrib) for entity in sentence.iter("entity")]
            pairs = [_pair(pair.attrib, row) for pair in sentence.iter("pair") if pair.attrib["ddi"] == "true"]
        if row.get("task") == "relations":
            yield linked(id, body, mentions, pairs, row)
        else:
            yield annotated(id, body, mentions, (), row)


def _mention(entity: Mapping[str, str]) -> Mention:
    bounds = [piece.split("-") for piece in entity["charOffset"].split(";")]
    spans = tuple(Span(int(first), int(last) + 1) for first, last in bounds)
    return Mention(f"entity {entity['id']}", entity["type"], entity["text"], spans, entity["id"])


def _pair(pair: Mapping[str, str], row: Mapping[str, Any]) -> ConceptRelation:
    return ConceptRelation(f"pair {pair['id']}", pair.get("type") or row["untyped"], pair["e1"], pair["e2"])
