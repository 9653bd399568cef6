"""CBLUE's entities (CMeEE): a JSON list of {"text", "entities": [{"start_idx", "end_idx", "type", "entity"}]}.

Key of a row: `labels` (their type: ours).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.fields import Place, iter_json_list, known_label, string_of
from taiyi.corpora.files import CorruptError, record_at
from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a record; its id is its position. Empty mentions (two in CMeEE V1's training part) are left out;
    U+FEFF at the head of a text is one of its characters."""
    lang, labels = row["lang"], tuple(dict.fromkeys(row["labels"].values()))
    for place, record in iter_json_list(text):
        with record_at(place):
            body = string_of(record, "text")
            found = {_mention(item, body, row["labels"], place) for item in record["entities"] if item["entity"]}
        entities = tuple(Entity(f"T{n}", label, (span,)) for n, (span, label) in enumerate(sorted(found), start=1))
        yield Example(
            "", Request("entities", body, lang, lang, labels), Document("", lang, body, entities), row["name"]
        )


def _mention(item: Mapping[str, Any], body: str, labels: Mapping[str, str], place: Place) -> tuple[Span, str]:
    """Place and label. CBLUE's `end_idx` is that of the last character; editions of V2 that write the one after it are
    read, too: the mention tells which is meant."""
    surface, start, end = string_of(item, "entity"), int(item["start_idx"]), int(item["end_idx"])
    span = Span(start, start + len(surface))
    if start < 0 or not body.startswith(surface, start) or end not in (span.end - 1, span.end):
        raise CorruptError(place, f"{surface!r} does not stand at {start}-{end}; there is {body[start : end + 1]!r}.")
    return span, labels[known_label(item["type"], labels, place)]
