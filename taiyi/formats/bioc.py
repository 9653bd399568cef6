"""BioC (Comeau et al. 2013, doi:10.1093/database/bat064) as objects: what its JSON form holds, and `bioc_xml` maps to.

Everything is kept. Entities are annotations with `type`, `identifier`, `score`, `match` and `attributes` among their
infons. Relations have the nodes `head` and `tail`; those between identifiers have infons alone, as in BioRED. Events
are relations of kind "event" with a node for the trigger and one for each role, whose annotations are of kind "place".
Language, classes, answer and sections are infons of the document. Offsets are code points of the whole document, as in
NCBI's files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Section, Span
from taiyi.errors import DocumentError
from taiyi.formats.concepts import ConceptRelation, between_mentions, joined, of_relation, parted
from taiyi.language import LANGUAGES, detect_language

Row = dict[str, Any]
SOURCE = "Taiyi"
CONCEPT_KEYS = (("entity1", "entity2"), ("Chemical", "Disease"))  # BioRED, BC5CDR


def collection_of(documents: Iterable[Document]) -> Row:
    """The documents as a BioC collection, a passage each."""
    return {"source": SOURCE, "date": "", "key": "", "infons": {}, "documents": [_row(d) for d in documents]}


def documents_of(collection: Mapping[str, Any]) -> Iterator[Document]:
    """The documents of a collection. Raises DocumentError where an annotation doesn't fit its text, and KeyError,
    TypeError, ValueError or AttributeError where the object is no collection."""
    for row in collection["documents"]:
        yield _document(row)


def _row(document: Document) -> Row:
    passage: Row = {
        "offset": 0,
        "infons": {},
        "text": document.text,
        "sentences": [],
        "annotations": [_annotation(document, e.id, e.spans, _entity_infons(e)) for e in document.entities],
        "relations": [],
    }
    relations = [_relation_row(relation) for relation in document.relations]
    for n, (label, head, tail) in enumerate(document.meta.get("concept_relations", ()), 1):
        relations.append({"id": f"C{n}", "infons": {"type": label, "entity1": head, "entity2": tail}, "nodes": []})
    numbers = count(1)
    taken = {entity.id for entity in document.entities}
    for event in document.events:
        nodes = []
        for role, spans in [("trigger", event.trigger), *((a.role, a.spans) for a in event.arguments if a.spans)]:
            if spans:
                name = next(found for n in numbers if (found := f"P{n}") not in taken)
                infons = {"kind": "place", "type": event.label if role == "trigger" else role}
                passage["annotations"].append(_annotation(document, name, spans, infons))
                nodes.append({"refid": name, "role": role})
        relations.append({"id": event.id, "infons": _event_infons(event), "nodes": nodes})
    return {"id": document.id, "infons": _document_infons(document), "passages": [passage], "relations": relations}


def _annotation(document: Document, name: str, spans: tuple[Span, ...], infons: Mapping[str, str]) -> Row:
    locations = [{"offset": span.start, "length": span.end - span.start} for span in spans]
    return {"id": name, "infons": dict(infons), "text": document.text_of(spans), "locations": locations}


def _entity_infons(entity: Entity) -> dict[str, str]:
    rows = {
        "type": entity.label,
        "identifier": joined(entity.concepts) if entity.concepts else "",
        "score": _number(entity.score),
        "match": "" if entity.match == "verbatim" else entity.match,
        "attributes": ",".join(entity.attributes),
    }
    return {key: value for key, value in rows.items() if value or key == "type"}


def _number(score: float | None) -> str:
    return "" if score is None else repr(score)


def _relation_row(relation: Relation) -> Row:
    infons = {"type": relation.label} | ({"score": _number(relation.score)} if relation.score is not None else {})
    nodes = [{"refid": relation.head, "role": "head"}, {"refid": relation.tail, "role": "tail"}]
    return {"id": relation.id, "infons": infons, "nodes": nodes}


def _event_infons(event: Event) -> dict[str, str]:
    """`arguments`: the roles in order, each with its value where it has one."""
    arguments = [[a.role, a.value] for a in event.arguments if a.spans or a.value is not None]
    infons = {"type": event.label, "kind": "event", "arguments": json.dumps(arguments, ensure_ascii=False)}
    return infons | ({"score": _number(event.score)} if event.score is not None else {})


def _document_infons(document: Document) -> dict[str, str]:
    infons = {"language": document.lang}
    if document.labels:
        infons["labels"] = json.dumps([[label.name, label.score] for label in document.labels], ensure_ascii=False)
    if document.answer is not None:
        infons["answer"] = document.answer
    if document.sections:
        infons["sections"] = json.dumps([[s.name, s.text] for s in document.sections], ensure_ascii=False)
    return infons


def _document(row: Mapping[str, Any]) -> Document:
    """A BioC document; the text is its passages (or their sentences) at their offsets, line breaks between them."""
    name, infons = str(row["id"]), row.get("infons") or {}
    text, annotations, relations = "", list[Row](), list[Row](row.get("relations") or ())
    for passage in row["passages"]:
        pieces = [passage] if passage.get("text") else [passage, *(passage.get("sentences") or ())]
        for piece in pieces:
            text = _joined(text, int(piece.get("offset", len(text))), piece.get("text") or "", name)
        for holder in (passage, *(passage.get("sentences") or ())):
            annotations += holder.get("annotations") or ()
            relations += holder.get("relations") or ()
    lang = infons.get("language")
    places = {str(a["id"]): _spans(a, text, name) for a in annotations}
    entities = tuple(_entity(a, places) for a in annotations if a["infons"].get("kind") != "place")
    related = [row for row in map(_concept_relation, relations) if row is not None]
    relations = [row for row in relations if _concept_relation(row) is None]
    pairs = [row for row in relations if row["infons"].get("kind") != "event" and len(row["nodes"]) == 2]
    own = tuple(_relation(row, n) for n, row in enumerate(pairs, 1))
    return Document(
        name,
        lang if lang in LANGUAGES else detect_language(text),
        text,
        entities,
        (*own, *_between(related, entities, own)),
        tuple(_event(row, n, places) for n, row in enumerate((r for r in relations if r not in pairs), 1)),
        tuple(Label(label, score) for label, score in json.loads(infons.get("labels", "[]"))),
        infons.get("answer"),
        tuple(Section(heading, written) for heading, written in json.loads(infons.get("sections", "[]"))),
        {"concept_relations": tuple(related)} if related else {},
    )


def _joined(text: str, offset: int, piece: str, name: str) -> str:
    if piece and offset < len(text):
        raise DocumentError(f"Document {name!r}: a passage begins at {offset}, within the one before it.")
    return text + "\n" * (offset - len(text)) + piece if piece else text


def _spans(annotation: Mapping[str, Any], text: str, name: str) -> tuple[Span, ...]:
    places = ((int(place["offset"]), int(place["length"])) for place in annotation["locations"])
    spans = tuple(Span(start, start + length) for start, length in sorted(places))
    found = " ".join(text[span.start : span.end] for span in spans)
    said = annotation.get("text")
    if said and found.split() != str(said).split():
        where = f"Document {name!r}: at the place of annotation {annotation['id']!r}"
        raise DocumentError(f"{where} stands {found[:80]!r}, not {said[:80]!r}.")
    return spans


def _entity(annotation: Mapping[str, Any], places: Mapping[str, tuple[Span, ...]]) -> Entity:
    infons = annotation["infons"]
    return Entity(
        str(annotation["id"]),
        infons.get("type", ""),
        places[str(annotation["id"])],
        float(infons["score"]) if infons.get("score") else None,
        infons.get("match", "verbatim"),
        parted(infons.get("identifier") or infons.get("MESH") or ""),
        tuple(filter(None, infons.get("attributes", "").split(","))),
    )


def _relation(row: Mapping[str, Any], n: int) -> Relation:
    infons = row["infons"]
    head, tail = (str(node["refid"]) for node in row["nodes"])
    score = float(infons["score"]) if infons.get("score") else None
    return Relation(str(row.get("id") or f"R{n}"), infons.get("type", ""), head, tail, score)


def _concept_relation(row: Mapping[str, Any]) -> ConceptRelation | None:
    """A relation that names identifiers in place of annotations."""
    infons = row["infons"]
    keys = next((keys for keys in CONCEPT_KEYS if all(key in infons for key in keys)), None)
    if row.get("nodes") or keys is None:
        return None
    return infons.get("type") or infons.get("relation", ""), infons[keys[0]], infons[keys[1]]


def _between(
    related: Iterable[ConceptRelation], entities: tuple[Entity, ...], own: tuple[Relation, ...]
) -> Iterator[Relation]:
    """Relations between identifiers as ones between mentions, where there is none of the kind yet."""
    entity_by_id = {entity.id: entity for entity in entities}
    there = {row for relation in own for row in of_relation(relation, entity_by_id)}
    ids = {relation.id for relation in own}
    rows = between_mentions((row for row in related if row not in there), entities)
    for (label, head, tail), name in zip(rows, (f"C{n}" for n in count(1) if f"C{n}" not in ids), strict=False):
        yield Relation(name, label, head, tail)


def _event(row: Mapping[str, Any], n: int, places: Mapping[str, tuple[Span, ...]]) -> Event:
    """An event of ours, or a relation of more or fewer than two places as an event without a trigger."""
    infons = row["infons"]
    nodes = [(node["role"], places[str(node["refid"])]) for node in row["nodes"]]
    roles = json.loads(infons.get("arguments") or json.dumps([[role, None] for role, _ in nodes]))
    has_trigger = len(nodes) > sum(value is None for _, value in roles)
    trigger = nodes.pop(0)[1] if has_trigger else ()
    fillers = iter(nodes)
    arguments = tuple(
        Argument(role, next(fillers)[1]) if value is None else Argument(role, value=value) for role, value in roles
    )
    score = float(infons["score"]) if infons.get("score") else None
    return Event(str(row.get("id") or f"E{n}"), infons.get("type", ""), trigger, arguments, score)
