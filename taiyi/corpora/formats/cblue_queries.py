"""CBLUE's query classes (KUAKE-QIC): a JSON list of {"id", "query", "label"}. Key of a row: `labels`, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.fields import iter_json_list, known_label, string_of
from taiyi.corpora.files import record_at
from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a query, under the record's id."""
    lang, labels = row["lang"], tuple(row["labels"])
    for place, record in iter_json_list(text):
        with record_at(place):
            query_id, query = str(record["id"]), string_of(record, "query")
            label = known_label(string_of(record, "label"), labels, place)
        request = Request("classify", query, lang, lang, labels, document_id=query_id)
        yield Example(query_id, request, Document(query_id, lang, query, labels=(Label(label),)), row["name"])
