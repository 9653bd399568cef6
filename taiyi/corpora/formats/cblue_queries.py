"""CBLUE's query classes (KUAKE-QIC): a JSON list of {"id", "query", "label"}. Key of a row: `labels`, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a query."""
    for record in json.loads(text):
        query, query_id = record["query"], record["id"]
        request = Request("classify", query, row["lang"], row["lang"], tuple(row["labels"]), document_id=query_id)
        gold = Document(query_id, row["lang"], query, labels=(Label(record["label"]),))
        yield Example(query_id, request, gold, row["name"])
