"""Mentions and concept relations as corpora state them → Examples: one rule for every format that marks places.

Keys of a row: `labels` (theirs: ours; for `task: relations` and `causality` those of the relations, and `entities`
those of the mentions), `task` ("entities" unless it is said), `others: skip` where types that are not named are left
out (else they are an error), `misplaced: skip` where mentions that do not stand at their place are (else they are an
error), `joined_by` (a regular expression: what parts the concept identifiers of one mention), `none` (what stands for
no concept).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from taiyi.corpora.files import CorruptError
from taiyi.document import Document, Entity, Relation, Span
from taiyi.tasks.base import Example, Request

RELATED = ("relations", "causality")  # tasks whose answer is relations


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention as a file states it: `where` is the line's number or other place, for messages."""

    where: int | str
    label: str
    surface: str
    spans: tuple[Span, ...]
    concepts: str = ""


@dataclass(frozen=True, slots=True)
class ConceptRelation:
    """A relation as a file states it, between two identifiers."""

    where: int | str
    label: str
    head: str
    tail: str


def annotated(
    id: str, text: str, mentions: Iterable[Mention], relations: Iterable[ConceptRelation], row: Mapping[str, Any]
) -> Example:
    """The example of a text. Entities are numbered in the order of the text; equal ones are one, with all concepts.

    For tasks in RELATED, `meta["concept_relations"]` holds each (label, head, tail) once, and `relations` every pair
    of surfaces that the two concepts have in the text, each surface by the first mention that has it. Raises
    CorruptError where a mention does not stand at its place or a type is not known.
    """
    related = row.get("task") in RELATED
    entities = _entities(text, mentions, row["entities" if related else "labels"], row)
    labels = tuple(dict.fromkeys(row["labels"].values()))
    request = Request(row.get("task", "entities"), text, row["lang"], row["lang"], labels, document_id=id)
    if not related:
        return Example(id, request, Document(id, row["lang"], text, entities), row["name"])
    named = [(ours(found.label, found.where, row["labels"], row), found) for found in relations]
    triples = tuple(dict.fromkeys((label, found.head, found.tail) for label, found in named if label))
    meta = {"concept_relations": triples}
    gold = Document(id, row["lang"], text, entities, surface_pairs(text, entities, triples), meta=meta)
    return Example(id, request, gold, row["name"])


def linked(
    id: str, text: str, mentions: Sequence[Mention], relations: Sequence[ConceptRelation], row: Mapping[str, Any]
) -> Example:
    """As `annotated` for tasks in RELATED, where the identifiers are those of single mentions and name no concept.

    A relation of a mention that the row leaves out is left out too. Raises CorruptError where it names none.
    """
    known = {mention.concepts for mention in mentions}
    for relation in relations:
        for end in (relation.head, relation.tail):
            if end not in known:
                raise CorruptError(relation.where, f"the relation names the mention {end!r}, which is not there.")
    example = annotated(id, text, mentions, relations, row)
    entities = tuple(replace(entity, concepts=()) for entity in example.gold.entities)
    return replace(example, gold=replace(example.gold, entities=entities, meta={}))


def ours(label: str, where: int | str, labels: Mapping[str, str], row: Mapping[str, Any]) -> str | None:
    """Our name of their label; None where the row leaves others out. Raises CorruptError where it does not."""
    if label in labels:
        return labels[label]
    if row.get("others") == "skip":
        return None
    raise CorruptError(where, f"the type {label!r} is not one of {row['name']}: {', '.join(labels)}.")


def surface_pairs(
    text: str, entities: Sequence[Entity], triples: Iterable[tuple[str, str, str]]
) -> tuple[Relation, ...]:
    """Every pair of surfaces of the concepts of each (label, head, tail); a mention is not related to itself."""
    first: dict[tuple[str, str], Entity] = {}
    by_concept: dict[str, list[Entity]] = {}
    for entity in entities:
        surface = " ".join(text[span.start : span.end] for span in entity.spans)
        for concept in entity.concepts:
            if first.setdefault((concept, surface), entity) is entity:
                by_concept.setdefault(concept, []).append(entity)
    pairs = dict.fromkeys(
        (label, head.id, tail.id)
        for label, head_concept, tail_concept in triples
        for head, tail in product(by_concept.get(head_concept, ()), by_concept.get(tail_concept, ()))
        if head is not tail
    )
    return tuple(Relation(f"R{n}", *pair) for n, pair in enumerate(pairs, start=1))


def _entities(
    text: str, mentions: Iterable[Mention], labels: Mapping[str, str], row: Mapping[str, Any]
) -> tuple[Entity, ...]:
    found: dict[tuple[tuple[Span, ...], str], dict[str, None]] = {}
    for mention in mentions:
        label = ours(mention.label, mention.where, labels, row)
        if label is not None and stands(text, mention, row):
            found.setdefault((mention.spans, label), {}).update(dict.fromkeys(_concepts(mention.concepts, row)))
    return tuple(
        Entity(f"T{n}", label, spans, concepts=tuple(found[spans, label]))
        for n, (spans, label) in enumerate(sorted(found), start=1)
    )


def _concepts(joined: str, row: Mapping[str, Any]) -> list[str]:
    parts = re.split(row["joined_by"], joined) if "joined_by" in row else [joined]
    return [part.strip() for part in parts if part.strip() not in ("", row.get("none"))]


def stands(text: str, mention: Mention, row: Mapping[str, Any]) -> bool:
    """Whether the mention stands at its place. A row may have lost signs, with blanks in their stead (NCBI, once); the
    pieces of a discontinuous mention may be joined in any way."""
    inside = all(0 <= span.start < span.end <= len(text) for span in mention.spans)
    found = " ".join(text[span.start : span.end] for span in mention.spans) if inside else None
    if found is not None and (found == mention.surface or _alike(found, mention)):
        return True
    if row.get("misplaced") == "skip":
        return False
    place = ", ".join(f"{span.start}-{span.end}" for span in mention.spans)
    problem = f"reads {found!r}" if found is not None else f"is outside the text of {len(text)} characters"
    raise CorruptError(mention.where, f"the place {place} {problem}, the annotation says {mention.surface!r}.")


def _alike(found: str, mention: Mention) -> bool:
    if len(mention.spans) > 1:
        return "".join(found.split()) == "".join(mention.surface.split())
    return len(found) == len(mention.surface) and all(
        stood == said or (said == " " and not stood.isalnum())
        for stood, said in zip(found, mention.surface, strict=True)
    )
