"""JSON lines of a text with its mentions: cMedQANER and cEHRNER (mention and offset), CCKS (start and end).

Keys of a row: `mentions` (the list's field), `fields` (`text`, `label`, `start`, and `end` or `surface`), `labels`
(their type: ours).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.files import iter_json_lines, record_at
from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a line. Mentions of types that the row does not name, and those whose characters do not stand at
    their place (cMedQANER: 82 of 12,625), are left out."""
    labels = tuple(dict.fromkeys(row["labels"].values()))
    for number, record in iter_json_lines(text):
        with record_at(number):
            body = record[row["fields"]["text"]]
            places = _places(record[row["mentions"]], body, row)
        entities = tuple(
            Entity(f"T{n}", label, (Span(start, end),)) for n, (start, end, label) in enumerate(places, start=1)
        )
        request = Request("entities", body, row["lang"], row["lang"], labels)
        yield Example("", request, Document("", row["lang"], body, entities), row["name"])


def _places(mentions: list[Mapping[str, Any]], body: str, row: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    found = set()
    for mention in mentions:
        place = _place(mention, row["fields"], body)
        label = row["labels"].get(mention[row["fields"]["label"]])
        if place is not None and label is not None:
            found.add((*place, label))
    return sorted(found)


def _place(mention: Mapping[str, Any], fields: Mapping[str, str], body: str) -> tuple[int, int] | None:
    start = int(mention[fields["start"]])
    if "end" in fields:
        end = int(mention[fields["end"]])
        return (start, end) if 0 <= start < end <= len(body) else None
    surface = mention[fields["surface"]]
    return (start, start + len(surface)) if surface and body.startswith(surface, start) else None
