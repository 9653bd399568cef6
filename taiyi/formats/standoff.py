"""brat's standoff lines (https://brat.nlplab.org/standoff.html): the annotations of one text, written and read.

    T1<TAB>Type 0 4;9 12<TAB>characters     a mention, in pieces where it has several
    R1<TAB>Type Arg1:T1 Arg2:T2             a relation
    E1<TAB>Type:T3 Role:T1 Role2:T2         an event on its trigger
    A1<TAB>Negation T1                      what the text says of a mention
    A2<TAB>Role E1 value                    a role that one of fixed values fills
    N1<TAB>Reference T1 MESH:D003907        an identifier (read; ours are in the note)
    #1<TAB>AnnotatorNotes T1<TAB>{"score": 0.93}   what brat has no line for, as a JSON object

A trigger is no entity of the document, nor is a mention that is there only to fill a role (its note says "filler").
White space, `:`, `;` and `%` in types and roles are percent-encoded. People's own notes are passed over.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from taiyi.document import Argument, Document, Entity, Event, Relation, Span

NAME_BY_ATTRIBUTE = {"negated": "Negation", "uncertain": "Speculation"}
ATTRIBUTE_BY_NAME = {name: attribute for attribute, name in NAME_BY_ATTRIBUTE.items()}
NOTE = "AnnotatorNotes"
_NOT_IN_A_NAME = re.compile(r"[\s:;%]")


class StandoffError(ValueError):
    """A line that can't be read; `line` is its number."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def write(document: Document) -> str:
    """The lines of a document's entities, relations and events."""
    return "".join(f"{line}\n" for line in _Writer(document).lines())


class _Writer:
    """Numbers the annotations of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.entity_ids = _numbered("T", [entity.id for entity in document.entities])
        self.id_by_spans = {entity.spans: self.entity_ids[entity.id] for entity in reversed(document.entities)}
        self.n_mentions = max((int(name[1:]) for name in self.entity_ids.values()), default=0)
        self.n_lines: Counter[str] = Counter()

    def lines(self) -> Iterator[str]:
        for entity in self.document.entities:
            yield from self._entity(entity)
        relation_ids = _numbered("R", [relation.id for relation in self.document.relations])
        for relation in self.document.relations:
            head, tail = self.entity_ids[relation.head], self.entity_ids[relation.tail]
            name = relation_ids[relation.id]
            yield f"{name}\t{_encoded(relation.label)} Arg1:{head} Arg2:{tail}"
            yield from self._note(name, {"id": relation.id, "score": relation.score})
        event_ids = _numbered("E", [event.id for event in self.document.events])
        for event in self.document.events:
            if event.trigger:
                yield from self._event(event, event_ids[event.id])

    def _entity(self, entity: Entity) -> Iterator[str]:
        name = self.entity_ids[entity.id]
        yield self._mention(name, entity.label, entity.spans)
        for attribute in entity.attributes:
            known = NAME_BY_ATTRIBUTE.get(attribute, attribute)
            yield self._line("A", " ".join(filter(None, (known.split("=")[0], name, known.partition("=")[2]))))
        match = None if entity.match == "verbatim" else entity.match
        more = {"id": entity.id, "score": entity.score, "match": match, "concepts": entity.concepts}
        yield from self._note(name, more)

    def _event(self, event: Event, name: str) -> Iterator[str]:
        trigger = self._next_mention()
        yield self._mention(trigger, event.label, event.trigger)
        placed, used = [], Counter[str]()
        for argument in event.arguments:
            if argument.value is None:
                filler = self.id_by_spans.get(argument.spans)
                if filler is None:
                    filler = self._next_mention()
                    yield self._mention(filler, argument.role, argument.spans)
                    yield from self._note(filler, {"filler": True})
                used[argument.role] += 1
                number = "" if used[argument.role] == 1 else str(used[argument.role])
                placed.append(f"{_encoded(argument.role)}{number}:{filler}")
        yield f"{name}\t" + " ".join([f"{_encoded(event.label)}:{trigger}", *placed])
        for argument in event.arguments:
            if argument.value is not None:
                yield self._line("A", f"{_encoded(argument.role)} {name} {_flat(argument.value)}")
        order = sorted(range(len(event.arguments)), key=lambda n: event.arguments[n].value is not None)
        moved = [order.index(n) for n in range(len(order))] if order != sorted(order) else None
        yield from self._note(name, {"id": event.id, "score": event.score, "order": moved})

    def _next_mention(self) -> str:
        self.n_mentions += 1
        return f"T{self.n_mentions}"

    def _mention(self, name: str, label: str, spans: tuple[Span, ...]) -> str:
        places = ";".join(f"{span.start} {span.end}" for span in spans)
        return f"{name}\t{_encoded(label)} {places}\t{_flat(self.document.text_of(spans))}"

    def _line(self, letter: str, content: str) -> str:
        self.n_lines[letter] += 1
        return f"{letter}{self.n_lines[letter]}\t{content}"

    def _note(self, name: str, content: Mapping[str, Any]) -> Iterator[str]:
        """A note, if there is anything to say; an id that is the line's own is not."""
        said = {key: value for key, value in content.items() if value not in (None, ()) and value != name}
        if said:
            yield self._line("#", f"{NOTE} {name}\t{json.dumps(said, ensure_ascii=False)}")


def _numbered(letter: str, ids: list[str]) -> dict[str, str]:
    """The ids as brat writes them: as they are where all are of this form, else by their order."""
    kept = all(re.fullmatch(rf"{letter}[1-9][0-9]*", name) for name in ids)
    return {name: name if kept else f"{letter}{n}" for n, name in enumerate(ids, 1)}


def _encoded(name: str) -> str:
    return _NOT_IN_A_NAME.sub(lambda m: "".join(f"%{byte:02X}" for byte in m.group().encode()), name) or "%20"


def _flat(text: str) -> str:
    """Text on one line; each line break and tab as a space."""
    return re.sub(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text)


@dataclass
class _Lines:
    """The rows of an annotation file by their kind, with the numbers of the lines."""

    mentions: dict[str, tuple[str, tuple[Span, ...]]] = field(default_factory=dict)
    relations: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    events: dict[str, tuple[int, str, str, list[tuple[str, str]]]] = field(default_factory=dict)
    attributes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    concepts: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)


def read(lines: str, text: str) -> tuple[tuple[Entity, ...], tuple[Relation, ...], tuple[Event, ...]]:
    """The annotations of a text. Raises StandoffError where a line is none, names something that is not there, or says
    other characters than stand at its place."""
    rows = _Lines()
    for n, line in enumerate(lines.split("\n"), 1):
        try:
            _take(line.rstrip("\r"), n, rows, text)
        except (ValueError, IndexError) as error:
            raise StandoffError(n, str(error)) from error
    for n, _, trigger, fillers in rows.events.values():
        if trigger not in rows.mentions:
            raise StandoffError(n, f"{trigger!r} is not there")
        for _, filler in fillers:
            _require(n, filler, rows)
    for n, _, _, head, tail in rows.relations:
        _require(n, head, rows)
        _require(n, tail, rows)
    in_relations = {_mention_of(name, rows) for row in rows.relations for name in row[3:]}
    triggers = {trigger for _, _, trigger, _ in rows.events.values()} - in_relations
    fillers_only = {name for name, note in rows.notes.items() if note.get("filler")} - in_relations
    entities = {name: _entity(name, rows) for name in rows.mentions if name not in triggers | fillers_only}
    return tuple(entities.values()), _relations(rows, entities), tuple(_event(name, rows) for name in rows.events)


def _take(line: str, n: int, rows: _Lines, text: str) -> None:
    if not line.strip():
        return
    name, content, *more = line.split("\t")
    words = content.split(" ")
    if name in rows.mentions or name in rows.events:
        raise ValueError(f"{name!r} occurs twice")
    if name.startswith("T"):
        label, places = content.split(" ", 1)
        spans = tuple(Span(*map(int, place.split(" "))) for place in places.split(";"))
        rows.mentions[name] = unquote(label), _checked(spans, text, more[0] if more else None)
    elif name.startswith("R"):
        label, head, tail = words[:3]
        rows.relations.append((n, name, unquote(label), head.partition(":")[2], tail.partition(":")[2]))
    elif name == "*":
        for one, other in pairwise(words[1:]):
            rows.relations.append((n, f"{words[0]}-{one}-{other}", words[0], one, other))
    elif name.startswith("E"):
        label, trigger = words[0].rsplit(":", 1)
        fillers = [tuple(word.rsplit(":", 1)) for word in words[1:] if word]
        rows.events[name] = n, unquote(label), trigger, _unnumbered(fillers)
    elif name[0] in "AM":
        attribute, target, *value = content.split(" ", 2)
        rows.attributes.setdefault(target, []).append((attribute, value[0] if value else ""))
    elif name.startswith("N"):
        rows.concepts.setdefault(words[1], []).append(words[2])
    elif name.startswith("#"):
        note = _json_object(more[0]) if words[0] == NOTE and more else {}
        rows.notes.setdefault(words[1] if len(words) > 1 else "", {}).update(note)
    else:
        raise ValueError(f"a line can't begin with {name[:20]!r}")


def _json_object(content: str) -> dict[str, Any]:
    """The object of a note of ours; empty for a note that a person wrote."""
    try:
        found = json.loads(content)
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _checked(spans: tuple[Span, ...], text: str, surface: str | None) -> tuple[Span, ...]:
    """The spans, if the text has these characters there; brat writes a line break as a space."""
    if any(not 0 <= span.start < span.end <= len(text) for span in spans):
        raise ValueError(f"the text has {len(text)} characters")
    found = _flat(" ".join(text[span.start : span.end] for span in spans))
    if surface is not None and found.split() != surface.split():
        raise ValueError(f"at this place stands {found!r}, not {surface!r}")
    return spans


def _unnumbered(fillers: Iterable[tuple[str, ...]]) -> list[tuple[str, str]]:
    """(role, filler): where a role is filled twice, brat writes Theme and Theme2."""
    rows = [(role, filler) for role, filler in fillers]
    roles = {role for role, _ in rows}
    plain = ((re.sub(r"[0-9]+$", "", role), role, filler) for role, filler in rows)
    return [(unquote(base if base in roles else role), filler) for base, role, filler in plain]


def _require(line: int, name: str, rows: _Lines) -> None:
    if name not in rows.mentions and name not in rows.events:
        raise StandoffError(line, f"{name!r} is not there")


def _mention_of(name: str, rows: _Lines) -> str:
    """The mention of a name; of an event its trigger."""
    return rows.events[name][2] if name in rows.events else name


def _entity(name: str, rows: _Lines) -> Entity:
    label, spans = rows.mentions[name]
    note = rows.notes.get(name, {})
    said = (
        ATTRIBUTE_BY_NAME.get(key, f"{key}={value}" if value else key) for key, value in rows.attributes.get(name, ())
    )
    concepts = (*rows.concepts.get(name, ()), *note.get("concepts", ()))
    return Entity(
        note.get("id", name), label, spans, note.get("score"), note.get("match", "verbatim"), concepts, tuple(said)
    )


def _relations(rows: _Lines, entities: Mapping[str, Entity]) -> tuple[Relation, ...]:
    found = []
    for _, name, label, head, tail in rows.relations:
        note = rows.notes.get(name, {})
        first, second = (entities[_mention_of(end, rows)].id for end in (head, tail))
        found.append(Relation(note.get("id", name), label, first, second, note.get("score")))
    return tuple(found)


def _event(name: str, rows: _Lines) -> Event:
    _, label, trigger, fillers = rows.events[name]
    note = rows.notes.get(name, {})
    placed = [Argument(role, rows.mentions[_mention_of(filler, rows)][1]) for role, filler in fillers]
    valued = [Argument(unquote(role), value=value or "true") for role, value in rows.attributes.get(name, ())]
    arguments = placed + valued
    if "order" in note:
        arguments = [arguments[n] for n in note["order"]]
    return Event(note.get("id", name), label, rows.mentions[trigger][1], tuple(arguments), note.get("score"))
