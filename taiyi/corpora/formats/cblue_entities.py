"""CBLUE's entities (CMeEE): a JSON list of {"text", "entities": [{"start_idx", "end_idx", "type", "entity"}]}.

`end_idx` is inclusive. Key of a row: `labels` (their type: ours).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a record. Empty mentions (two in CMeEE V1's training part) are left out; U+FEFF at the head of a
    text is one of its characters."""
    labels = tuple(dict.fromkeys(row["labels"].values()))
    for n, record in enumerate(json.loads(text)):
        body, document_id = record["text"], f"{row['name']}-{n}"
        places = sorted(
            {
                (item["start_idx"], item["end_idx"] + 1, row["labels"][item["type"]])
                for item in record["entities"]
                if item["entity"]
            }
        )
        entities = tuple(Entity(f"T{m}", label, (Span(start, end),)) for m, (start, end, label) in enumerate(places, 1))
        request = Request("entities", body, row["lang"], row["lang"], labels, document_id=document_id)
        yield Example(document_id, request, Document(document_id, row["lang"], body, entities), row["name"])
