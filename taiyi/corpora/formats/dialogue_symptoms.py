"""CMDD: dialogues of patient and doctor whose symptoms are tagged by character, `B` and `I`, with whether they hold.

A dialogue is an object of "example-id" and "dialogue-content", a list of {"speaker", "sentence", "label", "type"}:
`label` has a tag a character, `type` a number a symptom (1 holds, 2 does not, 3 uncertain). Keys of a row: `records`
(`jsonl`, a dialogue a line, or `json`, a dialogue a file), `labels` (the one type), `attributes` (their number: ours).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.fields import Place, string_of
from taiyi.corpora.files import CorruptError, iter_json_lines, record_at
from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a dialogue, under its id; the text is a line a turn, the speaker before it.

    Where a sentence has more or fewer numbers than symptoms (20 of 52,952 in the training part), what holds is left
    open.
    """
    lang, labels = row["lang"], tuple(row["labels"])
    records = iter_json_lines(text) if row["records"] == "jsonl" else iter([(1, json.loads(text))])
    for place, record in records:
        body, found = "", []
        with record_at(place):
            id = str(record["example-id"])
            for turn in record["dialogue-content"]:
                head = f"{string_of(turn, 'speaker')}："
                found += _symptoms(turn, len(body) + len(head), row["attributes"], place)
                body += f"{head}{turn['sentence']}\n"
        body = body.removesuffix("\n")
        entities = tuple(
            Entity(f"T{n}", labels[0], (span,), attributes=attributes)
            for n, (span, attributes) in enumerate(found, start=1)
        )
        request = Request("entities", body, lang, lang, labels, document_id=id)
        yield Example(id, request, Document(id, lang, body, entities), row["name"])


def _symptoms(
    turn: Mapping[str, Any], offset: int, attributes: Mapping[str, str], place: Place
) -> list[tuple[Span, tuple[str, ...]]]:
    """Place and attributes of each symptom of a turn; `I` at the head of one begins it, too."""
    sentence, tags = string_of(turn, "sentence"), string_of(turn, "label")
    if len(sentence) != len(tags):
        raise CorruptError(place, f"{sentence!r} has {len(sentence)} characters, but {len(tags)} tags.")
    spans = [Span(offset + match.start(), offset + match.end()) for match in re.finditer("BI*|I+", tags)]
    kinds = turn["type"] if len(turn["type"]) == len(spans) else [""] * len(spans)
    return [(span, (attributes[kind],) if kind in attributes else ()) for span, kind in zip(spans, kinds, strict=True)]
