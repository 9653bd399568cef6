"""CMeIE V1 and V2: JSON lines of {"text", "spo_list": [{"predicate", "subject", "object": {"@value"}, ...}]}.

Triples have no places: each name is put where it first stands in the text. A triple of which a name does not stand
there in the same characters has no place, but is gold all the same: it is kept in
`Document.meta["unplaced_relations"]`, a tuple of (label, head, tail). Keys of a row: `schemas`, the TSV of the data
folder that lists which predicates hold between which types; the predicates are the labels; `placeholders`, what stands
in a file where a name was lost: such triples are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from taiyi.corpora.fields import Place, known_label, string_of
from taiyi.corpora.files import iter_json_lines, record_at
from taiyi.document import Document, Entity, Relation, Span
from taiyi.tasks.base import Example, Request

DATA = Path(__file__).parents[2] / "data"


class Schema(NamedTuple):
    """A predicate, and the types of subject and object that it may stand between."""

    subject_type: str
    predicate: str
    object_type: str


class Triple(NamedTuple):
    """A relation by the names of its sides, each with its type."""

    label: str
    head: str
    tail: str
    head_type: str
    tail_type: str


@cache
def load_schemas(name: str) -> tuple[Schema, ...]:
    """The schemas in a file of the data folder."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple(Schema(**row) for row in csv.DictReader(file, delimiter="\t"))


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a line; its id is its position. Every predicate of the schemas is asked for."""
    lang, labels = row["lang"], tuple(dict.fromkeys(schema.predicate for schema in load_schemas(row["schemas"])))
    lost = frozenset(row.get("placeholders", ()))
    for number, record in iter_json_lines(text):
        with record_at(number):
            body = string_of(record, "text")
            triples = [_triple(item, labels, number) for item in record["spo_list"]]
            whole = [triple for triple in triples if lost.isdisjoint((triple.head, triple.tail))]
        yield Example("", Request("relations", body, lang, lang, labels), _document(lang, body, whole), row["name"])


def _triple(item: Mapping[str, Any], labels: Sequence[str], place: Place) -> Triple:
    """V1 writes objects and their types as {"@value": ...}; strings are read, too."""
    tail, tail_type = (
        string_of(value, "@value") if isinstance(value, dict) else string_of(item, key)
        for key, value in ((key, item[key]) for key in ("object", "object_type"))
    )
    label = known_label(item["predicate"], labels, place)
    return Triple(label, string_of(item, "subject"), tail, string_of(item, "subject_type"), tail_type)


def _document(lang: str, text: str, triples: Sequence[Triple]) -> Document:
    entities: dict[tuple[str, str], Entity] = {}
    relations: dict[tuple[str, str, str], Relation] = {}
    unplaced: dict[tuple[str, str, str], None] = {}
    for triple in triples:
        named = (triple.label, triple.head, triple.tail)
        if not all(side and side in text for side in (triple.head, triple.tail)):
            unplaced[named] = None
            continue
        sides = [(triple.head, triple.head_type), (triple.tail, triple.tail_type)]
        for surface, kind in sides:
            start = text.index(surface)
            entity = Entity(f"T{len(entities) + 1}", kind, (Span(start, start + len(surface)),))
            entities.setdefault((surface, kind), entity)
        head, tail = (entities[side].id for side in sides)
        relations.setdefault(named, Relation(f"R{len(relations) + 1}", triple.label, head, tail))
    meta = {"unplaced_relations": tuple(unplaced)} if unplaced else {}
    return Document("", lang, text, tuple(entities.values()), tuple(relations.values()), meta=meta)
