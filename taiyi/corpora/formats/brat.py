"""Brat's standoff: `NAME.txt`, and its annotations in `NAME.ann` or, as BioNLP shared tasks do, `.a1`, `.a2`, `.rel`.

`T` lines are mentions and triggers (pieces of a discontinuous one parted by `;`), `R` lines relations between two of
them, `E` lines events: a trigger, and what fills its roles; `*` lines are mentions of one thing. What modifies an event
(`M`) is not read. Keys of a row: `task` (`entities`, `relations`, `causality`, `events` or `coreference`); for events
`roles` (theirs, without the number that tells several apart: ours); for coreference `anaphora`, if there are any (the
type of the relations from an anaphor to its antecedents); for the others see `taiyi.corpora.annotations`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from taiyi.corpora.annotations import RELATED, ConceptRelation, Mention, annotated, linked, stands
from taiyi.corpora.files import CorruptError, record_at
from taiyi.document import Argument, Document, Entity, Event, Relation, Span
from taiyi.tasks.base import Example, Request
from taiyi.tasks.coreference import chained

ANNOTATIONS = (".ann", ".a1", ".a2", ".rel")


@dataclass(slots=True)
class _Standoff:
    """The annotations of one document, by id; `events` maps to type, trigger and (role, filler) pairs."""

    mentions: dict[str, Mention] = field(default_factory=dict)
    relations: list[ConceptRelation] = field(default_factory=list)
    equivalences: list[tuple[str, ...]] = field(default_factory=list)
    events: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = field(default_factory=dict)

    def note(self, line: str) -> None:
        """Note one line. Raises ValueError and the like where it is not brat's."""
        cells = line.split("\t")
        id, kind = cells[0], cells[0][0]
        if kind == "T":
            label, _, bounds = cells[1].partition(" ")
            spans = tuple(Span(*map(int, piece.split(" "))) for piece in bounds.split(";"))
            self.mentions[id] = Mention(id, label, cells[2], spans)
        elif kind == "R":
            label, *ends = cells[1].split()
            head, tail = (end.partition(":")[2] for end in ends)
            self.relations.append(ConceptRelation(id, label, head, tail))
        elif kind == "*":
            self.equivalences.append(tuple(cells[1].split()[1:]))
        elif kind == "E":
            (label, trigger), *arguments = [part.partition(":")[::2] for part in cells[1].split()]
            self.events[id] = (label, trigger, tuple(arguments))


def read_together(texts: Mapping[str, str], row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a document, under the name of its files. Raises CorruptError that names document and annotation."""
    for file, body in texts.items():
        path = PurePath(file)
        if path.suffix != ".txt" or not any(str(path.with_suffix(end)) in texts for end in ANNOTATIONS):
            continue
        try:
            example = _example(path.stem, body, _standoff(path, texts), row)
        except CorruptError as error:
            raise error.in_file(file) from error
        yield example


def _standoff(path: PurePath, texts: Mapping[str, str]) -> _Standoff:
    found = _Standoff()
    for end in ANNOTATIONS:
        for line in filter(str.strip, texts.get(str(path.with_suffix(end)), "").split("\n")):
            with record_at(line.split("\t")[0]):
                found.note(line.rstrip("\r"))
    return found


def _example(id: str, body: str, found: _Standoff, row: Mapping[str, Any]) -> Example:
    if row["task"] in RELATED:
        named = [replace(mention, concepts=mention_id) for mention_id, mention in found.mentions.items()]
        return linked(id, body, named, found.relations, row)
    if row["task"] == "events":
        return _with_events(id, body, found, row)
    if row["task"] == "coreference":
        return _with_chains(id, body, found, row)
    return annotated(id, body, found.mentions.values(), (), row)


def _with_events(id: str, body: str, found: _Standoff, row: Mapping[str, Any]) -> Example:
    """Events of the types that the row names, in the order of the text. Where an event fills a role, its trigger does;
    events that are then equal are one."""
    lang, labels, roles = row["lang"], row["labels"], row["roles"]
    kept = set()
    for event_id, (label, trigger, arguments) in found.events.items():
        if label in labels:
            filled = {
                Argument(roles[name], _mention(filler, event_id, found).spans)
                for role, filler in arguments
                if (name := re.sub(r"\d+$", "", role)) in roles
            }
            ordered = tuple(sorted(filled, key=lambda argument: (argument.spans, argument.role)))
            kept.add((_mention(trigger, event_id, found).spans, labels[label], ordered))
    order = sorted(kept, key=lambda event: (event[0], event[1], [(a.spans, a.role) for a in event[2]]))
    events = tuple(Event(f"E{n}", label, trigger, filled) for n, (trigger, label, filled) in enumerate(order, start=1))
    ours, theirs = tuple(dict.fromkeys(labels.values())), tuple(dict.fromkeys(roles.values()))
    request = Request("events", body, lang, lang, ours, theirs, document_id=id)
    return Example(id, request, Document(id, lang, body, events=events), row["name"])


def _with_chains(id: str, body: str, found: _Standoff, row: Mapping[str, Any]) -> Example:
    """Mentions of one thing, and each anaphor with its antecedent. An anaphor of several antecedents, which stands for
    all of them together, is left out: it is the same as none of them."""
    antecedents: dict[str, list[str]] = {}
    for relation in found.relations:
        if relation.label == row.get("anaphora"):
            antecedents.setdefault(relation.head, []).append(relation.tail)
    groups = [*found.equivalences, *((name, *others) for name, others in antecedents.items() if len(others) == 1)]
    named = {name: _mention(name, "-".join(group), found) for group in groups for name in group}
    order = sorted(
        (name for name, mention in named.items() if stands(body, mention, row)),
        key=lambda name: (named[name].spans, name),
    )
    relations: list[Relation] = []
    for group in groups:
        relations += chained([name for name in order if name in group], len(relations) + 1)
    entities = tuple(Entity(name, "", named[name].spans) for name in order)
    lang = row["lang"]
    request = Request("coreference", body, lang, lang, document_id=id)
    return Example(id, request, Document(id, lang, body, entities, tuple(relations)), row["name"])


def _mention(name: str, where: str, found: _Standoff) -> Mention:
    """The mention of that id, or the trigger of the event of that id. Raises CorruptError where neither is there."""
    mention = found.mentions.get(found.events[name][1] if name in found.events else name)
    if mention is None:
        raise CorruptError(where, f"this names {name!r}, which is not there.")
    return mention
