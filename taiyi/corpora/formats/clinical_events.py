"""CHIP-CDEE: clinical findings with their state, descriptions and body parts, as a JSON list.

Keys of a row: `event` (the one event type), `roles` (`state`, `description`, `anatomy`: the names of the roles),
`states` (theirs: ours).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.fields import iter_json_list, string_of
from taiyi.corpora.files import record_at
from taiyi.document import Argument, Document, Event, Span
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a record, under its id. An event whose finding does not stand in the text is left out, and so is a
    description or body part that does not; each is placed where it first stands."""
    lang, roles = row["lang"], tuple(row["roles"].values())
    for place, record in iter_json_list(text):
        with record_at(place):
            body, id = string_of(record, "text"), str(record["id"])
            found = [_event(event, body, row) for event in record["event"]]
        kept = {(event.trigger, event.arguments): event for event in found if event is not None}
        events = tuple(
            Event(f"E{n}", row["event"], trigger, arguments)
            for n, (trigger, arguments) in enumerate(sorted(kept, key=lambda key: key[0]), start=1)
        )
        request = Request("events", body, lang, lang, (row["event"],), roles, document_id=id)
        yield Example(id, request, Document(id, lang, body, events=events), row["name"])


def _event(event: Mapping[str, Any], body: str, row: Mapping[str, Any]) -> Event | None:
    trigger = _place(event["core_name"], body)
    if trigger is None:
        return None
    roles = row["roles"]
    state = row["states"].get(event["tendency"])
    arguments = [Argument(roles["state"], value=state)] if state else []
    for role, surfaces in (("description", event["character"]), ("anatomy", event["anatomy_list"])):
        for surface in surfaces:
            span = _place(surface, body)
            if span is not None:
                arguments.append(Argument(roles[role], (span,)))
    return Event("", row["event"], (trigger,), tuple(arguments))


def _place(surface: str, body: str) -> Span | None:
    start = body.find(surface)
    return Span(start, start + len(surface)) if surface and start >= 0 else None
