"""A text and what stands in it: `Document` and its parts, as values without I/O.

Offsets are Unicode code points of `Document.text`, end exclusive: `text[start:end]` is the mention, always; this is
checked on construction. The shapes extend those of the BigBio schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from taiyi.errors import DocumentError

ATTRIBUTES = ("negated", "uncertain")  # of an entity: said to be absent, said to be possible or asked for


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entity:
    """A mention: its label and its place; several spans where the mention is discontinuous.

    `score` is in [0, 1] or None where no model gave one. `match` is "verbatim" where the answer named exactly these
    characters and "normalised" where only case, width or white space differed. `concepts` are the identifiers that an
    annotation gives (MeSH, NCBI Gene, ...), several for a composite mention. `attributes` say what the text says of it:
    some of ATTRIBUTES, sorted.
    """

    id: str
    label: str
    spans: tuple[Span, ...]
    score: float | None = None
    match: str = "verbatim"
    concepts: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        return self.spans[0].start

    @property
    def end(self) -> int:
        return self.spans[-1].end


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed pair of entities, named by their ids."""

    id: str
    label: str
    head: str
    tail: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    """What fills a role of an event: places in the text, or a `value` where the role takes one of a fixed list."""

    role: str
    spans: tuple[Span, ...] = ()
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An event: its type, its trigger (no spans where the annotation has none), and its arguments."""

    id: str
    label: str
    trigger: tuple[Span, ...]
    arguments: tuple[Argument, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A class given to the whole text; for a multiple-choice question the letter of the option."""

    name: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One headed part of a written report."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text with what was read from it (entities, relations, events, labels) or written about it (answer, sections).

    `meta` holds what a corpus says beyond that; relations annotated between concepts stand there as
    `concept_relations`: a tuple of (label, head concept, tail concept); those with a name that is not in the text as
    `unplaced_relations`: a tuple of (label, head, tail).

    Raises DocumentError if a span lies outside the text or is empty, if an id occurs twice, or if a relation names
    an entity that is not there.
    """

    id: str
    lang: str
    text: str
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    events: tuple[Event, ...] = ()
    labels: tuple[Label, ...] = ()
    answer: str | None = None
    sections: tuple[Section, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        entity_ids = [entity.id for entity in self.entities]
        for group in (entity_ids, [r.id for r in self.relations], [e.id for e in self.events]):
            if len(set(group)) != len(group):
                twice = sorted({name for name in group if group.count(name) > 1})
                raise DocumentError(f"Document {self.id!r}: the id {twice[0]!r} occurs twice.")
        for entity in self.entities:
            if not entity.spans:
                raise DocumentError(f"Document {self.id!r}: entity {entity.id!r} has no span.")
            self._check_spans(entity.spans, f"entity {entity.id!r}")
        for event in self.events:
            self._check_spans(event.trigger, f"the trigger of event {event.id!r}")
            for argument in event.arguments:
                self._check_spans(argument.spans, f"role {argument.role!r} of event {event.id!r}")
        known = set(entity_ids)
        for relation in self.relations:
            for end in (relation.head, relation.tail):
                if end not in known:
                    raise DocumentError(
                        f"Document {self.id!r}: relation {relation.id!r} names the entity {end!r}, which is not there."
                    )

    def _check_spans(self, spans: tuple[Span, ...], what: str) -> None:
        for span in spans:
            if not 0 <= span.start < span.end <= len(self.text):
                raise DocumentError(
                    f"Document {self.id!r}: {what} has the span {span.start}-{span.end}, "
                    f"but the text has {len(self.text)} characters."
                )

    def text_of(self, spans: tuple[Span, ...]) -> str:
        """The characters under `spans`; the pieces of a discontinuous mention are joined by one space."""
        return " ".join(self.text[span.start : span.end] for span in spans)

    def entity(self, entity_id: str) -> Entity:
        """The entity of that id. Raises KeyError if there is none."""
        for entity in self.entities:
            if entity.id == entity_id:
                return entity
        raise KeyError(entity_id)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the shell, the API and the downloads. Empty lists and missing answers are left out."""

        def place(spans: tuple[Span, ...]) -> dict[str, Any]:
            row: dict[str, Any] = {"text": self.text_of(spans)}
            if spans:
                row["start"], row["end"] = spans[0].start, spans[-1].end
            if len(spans) > 1:
                row["spans"] = [[span.start, span.end] for span in spans]
            return row

        def scored(row: dict[str, Any], score: float | None) -> dict[str, Any]:
            if score is not None:
                row["score"] = round(score, 4)
            return row

        out: dict[str, Any] = {"id": self.id, "lang": self.lang, "text": self.text}
        if self.entities:
            out["entities"] = [
                scored(
                    {"id": e.id, "type": e.label, **place(e.spans)}
                    | ({} if e.match == "verbatim" else {"match": e.match})
                    | ({"concepts": list(e.concepts)} if e.concepts else {})
                    | ({"attributes": list(e.attributes)} if e.attributes else {}),
                    e.score,
                )
                for e in self.entities
            ]
        if self.relations:
            out["relations"] = [
                scored(
                    {
                        "id": r.id,
                        "type": r.label,
                        "head": {"id": r.head, **place(self.entity(r.head).spans)},
                        "tail": {"id": r.tail, **place(self.entity(r.tail).spans)},
                    },
                    r.score,
                )
                for r in self.relations
            ]
        if self.events:
            out["events"] = [
                scored(
                    {
                        "id": e.id,
                        "type": e.label,
                        "trigger": place(e.trigger),
                        "arguments": [
                            {"role": a.role, **({"value": a.value} if a.value is not None else place(a.spans))}
                            for a in e.arguments
                        ],
                    },
                    e.score,
                )
                for e in self.events
            ]
        if self.labels:
            out["labels"] = [scored({"type": label.name}, label.score) for label in self.labels]
        if self.answer is not None:
            out["answer"] = self.answer
        if self.sections:
            out["sections"] = [{"name": section.name, "text": section.text} for section in self.sections]
        return out

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Document:
        """The document of a `to_dict` object. Raises DocumentError where a mention is not what stands at its place."""
        text = row["text"]

        def spans_of(item: Mapping[str, Any], what: str) -> tuple[Span, ...]:
            if "start" not in item:
                return ()
            pairs = item.get("spans") or [[item["start"], item["end"]]]
            spans = tuple(Span(start, end) for start, end in pairs)
            found = " ".join(text[span.start : span.end] for span in spans)
            if "text" in item and found != item["text"]:
                raise DocumentError(
                    f"Document {row['id']!r}: at {spans[0].start}-{spans[-1].end} stands {found!r}, "
                    f"but {what} says {item['text']!r}."
                )
            return spans

        return cls(
            id=row["id"],
            lang=row["lang"],
            text=text,
            entities=tuple(
                Entity(
                    e["id"],
                    e["type"],
                    spans_of(e, "the entity"),
                    e.get("score"),
                    e.get("match", "verbatim"),
                    tuple(e.get("concepts", ())),
                    tuple(e.get("attributes", ())),
                )
                for e in row.get("entities", ())
            ),
            relations=tuple(
                Relation(r["id"], r["type"], r["head"]["id"], r["tail"]["id"], r.get("score"))
                for r in row.get("relations", ())
            ),
            events=tuple(
                Event(
                    e["id"],
                    e["type"],
                    spans_of(e["trigger"], "the trigger"),
                    tuple(
                        Argument(a["role"], spans_of(a, "the argument"), a.get("value")) for a in e.get("arguments", ())
                    ),
                    e.get("score"),
                )
                for e in row.get("events", ())
            ),
            labels=tuple(Label(label["type"], label.get("score")) for label in row.get("labels", ())),
            answer=row.get("answer"),
            sections=tuple(Section(s["name"], s["text"]) for s in row.get("sections", ())),
        )
