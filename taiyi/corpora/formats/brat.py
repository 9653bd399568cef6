"""Brat's standoff: `NAME.txt`, and its annotations in `NAME.ann` or, as BioNLP shared tasks do, `.a1`, `.a2`, `.rel`.

`T` lines are mentions and triggers (pieces of a discontinuous one parted by `;`), `R` lines relations between two of
them, `E` lines events: a trigger, and what fills its roles. Equivalences (`*`) and what modifies an event (`M`) are not
read. Keys of a row: `task` (`entities`, `relations` or `events`), for events `roles` (theirs, without the number that
tells several apart: ours); for the others see `taiyi.corpora.annotations`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from taiyi.corpora.annotations import ConceptRelation, Mention, annotated, linked
from taiyi.corpora.files import CorruptError, record_at
from taiyi.document import Argument, Document, Event, Span
from taiyi.tasks.base import Example, Request

ANNOTATIONS = (".ann", ".a1", ".a2", ".rel")


@dataclass(slots=True)
class _Standoff:
    """The annotations of one document, by id; `events` maps to type, trigger and (role, filler) pairs."""

    mentions: dict[str, Mention] = field(default_factory=dict)
    relations: list[ConceptRelation] = field(default_factory=list)
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
    if row["task"] == "relations":
        named = [replace(mention, concepts=mention_id) for mention_id, mention in found.mentions.items()]
        return linked(id, body, named, found.relations, row)
    if row["task"] == "events":
        return _with_events(id, body, found, row)
    return annotated(id, body, found.mentions.values(), (), row)


def _with_events(id: str, body: str, found: _Standoff, row: Mapping[str, Any]) -> Example:
    """Events of the types that the row names, in the order of the text. Where an event fills a role, its trigger does;
    events that are then equal are one."""
    lang, labels, roles = row["lang"], row["labels"], row["roles"]
    kept = set()
    for event_id, (label, trigger, arguments) in found.events.items():
        if label in labels:
            filled = {
                Argument(roles[name], _spans(filler, event_id, found))
                for role, filler in arguments
                if (name := re.sub(r"\d+$", "", role)) in roles
            }
            ordered = tuple(sorted(filled, key=lambda argument: (argument.spans, argument.role)))
            kept.add((_spans(trigger, event_id, found), labels[label], ordered))
    order = sorted(kept, key=lambda event: (event[0], event[1], [(a.spans, a.role) for a in event[2]]))
    events = tuple(Event(f"E{n}", label, trigger, filled) for n, (trigger, label, filled) in enumerate(order, start=1))
    ours, theirs = tuple(dict.fromkeys(labels.values())), tuple(dict.fromkeys(roles.values()))
    request = Request("events", body, lang, lang, ours, theirs, document_id=id)
    return Example(id, request, Document(id, lang, body, events=events), row["name"])


def _spans(filler: str, event_id: str, found: _Standoff) -> tuple[Span, ...]:
    """The place of a mention, or of the trigger of an event. Raises CorruptError where neither is there."""
    mention = found.mentions.get(found.events[filler][1] if filler in found.events else filler)
    if mention is None:
        raise CorruptError(event_id, f"the event names {filler!r}, which is not there.")
    return mention.spans
