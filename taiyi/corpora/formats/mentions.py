"""JSON lines of a text with its mentions: cMedQANER and cEHRNER (mention and offset), CCKS (start and end).

Keys of a row: `mentions` (the list's field), `fields` (`text`, `label`, `start`, and `end` or `surface`), `labels`
(their type: ours).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a line. Mentions of types that the row does not name, and those whose characters do not stand at
    their place (cMedQANER: 82 of 12,625), are left out."""
    for n, line in enumerate(filter(str.strip, text.lstrip("\ufeff").split("\n")), start=1):
        record = json.loads(line.lstrip("\ufeff"))
        fields = row["fields"]
        body, id = record[fields["text"]], f"{row['name']}-{n}"
        found: dict[tuple[int, int, str], None] = {}
        for mention in record[row["mentions"]]:
            place = _place(mention, fields, body)
            label = row["labels"].get(mention[fields["label"]])
            if place is not None and label is not None:
                found[(*place, label)] = None
        entities = tuple(
            Entity(f"T{m}", label, (Span(start, end),)) for m, (start, end, label) in enumerate(sorted(found), start=1)
        )
        labels = tuple(dict.fromkeys(row["labels"].values()))
        request = Request("entities", body, row["lang"], row["lang"], labels, document_id=id)
        yield Example(id, request, Document(id, row["lang"], body, entities), row["name"])


def _place(mention: Mapping[str, Any], fields: Mapping[str, str], body: str) -> tuple[int, int] | None:
    start = int(mention[fields["start"]])
    if "end" in fields:
        end = int(mention[fields["end"]])
        return (start, end) if 0 <= start < end <= len(body) else None
    surface = mention[fields["surface"]]
    return (start, start + len(surface)) if surface and body.startswith(surface, start) else None
