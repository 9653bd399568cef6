"""Identifiers of mentions as PubTator and BioC write them, and relations between identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from taiyi.document import Document, Entity, Relation

NONE = "-"
_NOTHING = ("", NONE, "-1")
_BETWEEN = re.compile(r"[|,;+]")
_VARIANT = re.compile(r"\b[a-z]\|[A-Z]+\|")  # tmVar's normal form of a variant, p|SUB|V|600|E, has bars of its own

ConceptRelation = tuple[str, str, str]  # label, head's identifier, tail's identifier


def parted(cell: str) -> tuple[str, ...]:
    """The identifiers of a cell; of a composite mention there are several, parted by one of `|,;+`.

    Where a variant is among them, by commas alone.
    """
    parts = cell.split(",") if _VARIANT.search(cell) else _BETWEEN.split(cell)
    return tuple(part.strip() for part in parts if part.strip() not in _NOTHING)


def joined(concepts: Iterable[str]) -> str:
    """The identifiers as one cell that `parted` takes apart; NONE for none."""
    found = list(concepts)
    return ("," if any("|" in concept for concept in found) else "|").join(found) or NONE


def between_mentions(related: Iterable[ConceptRelation], entities: Iterable[Entity]) -> Iterator[ConceptRelation]:
    """Each relation between identifiers as (label, head's id, tail's id) of the first mentions that have them.

    One whose identifier no mention has is left out.
    """
    first: dict[str, str] = {}
    for entity in sorted(entities, key=lambda entity: entity.start):
        for concept in entity.concepts:
            first.setdefault(concept, entity.id)
    for label, head, tail in related:
        if head in first and tail in first:
            yield label, first[head], first[tail]


def of_relation(relation: Relation, entity_by_id: Mapping[str, Entity]) -> list[ConceptRelation]:
    """The relations between identifiers that a relation may stand for; none where an end has no identifier."""
    pairs = product(entity_by_id[relation.head].concepts, entity_by_id[relation.tail].concepts)
    return [(relation.label, head, tail) for head, tail in pairs]


def of_document(document: Document) -> list[ConceptRelation]:
    """The relations between identifiers that a document states, and those of its relations that stand for none of them,
    between the first identifiers."""
    found = dict.fromkeys(document.meta.get("concept_relations", ()))
    entity_by_id = {entity.id: entity for entity in document.entities}
    for relation in document.relations:
        possible = of_relation(relation, entity_by_id)
        if possible and not any(row in found for row in possible):
            found[possible[0]] = None
    return list(found)
