"""CSV for spreadsheets: one row an entity, a relation, an argument of an event, a class or a section."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from taiyi.document import Document

COLUMNS = (
    *("document", "item", "id", "type", "role", "text", "start", "end", "tail", "tail_start", "tail_end"),
    *("match", "attributes", "concepts", "score"),
)
ALWAYS = frozenset({"item", "id", "type", "text", "start", "end", "score"})
# A cell that begins so is a formula to a spreadsheet, and anyone may have written the text (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(document: Document) -> bytes:
    """The rows of one document; see `write_all`."""
    return write_all([document])


def write_all(documents: Iterable[Document]) -> bytes:
    """The rows with a header, in UTF-8 with a byte order mark, so that Excel shows Chinese.

    Text that a spreadsheet would take for a formula gets an apostrophe before it. A column that no row fills is left
    out, except the seven that every list of mentions has; of several documents the first column says which.
    """
    read = list(documents)
    named = len(read) > 1
    rows = [
        ({"document": document.id} if named else {}) | row for document in read for row in _rows(document.to_dict())
    ]
    return table([name for name in COLUMNS if name in ALWAYS or any(name in row for row in rows)], rows)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows under a header, as `write_all` says."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _guarded(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _rows(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entity in document.get("entities", ()):
        yield _row("entity", entity) | _place(entity)
    for relation in document.get("relations", ()):
        tail = {"tail" if name == "text" else f"tail_{name}": value for name, value in _place(relation["tail"]).items()}
        yield _row("relation", relation) | _place(relation["head"]) | tail
    for event in document.get("events", ()):
        if event["trigger"]["text"]:
            yield _row("event", event) | {"role": "trigger"} | _place(event["trigger"])
        for argument in event["arguments"]:
            filler = {"text": argument["value"]} if "value" in argument else _place(argument)
            yield _row("event", event) | {"role": argument["role"]} | filler
        if not event["trigger"]["text"] and not event["arguments"]:
            yield _row("event", event)
    for label in document.get("labels", ()):
        yield _row("class", label)
    if "answer" in document:
        yield {"item": "answer", "text": document["answer"]}
    for section in document.get("sections", ()):
        yield {"item": "section", "type": section["name"], "text": section["text"]}


def _row(item: str, source: dict[str, Any]) -> dict[str, Any]:
    lists = {name: "; ".join(source[name]) for name in ("attributes", "concepts") if name in source}
    return {"item": item} | {name: source[name] for name in ("id", "type", "match", "score") if name in source} | lists


def _place(source: dict[str, Any]) -> dict[str, Any]:
    return {name: source[name] for name in ("text", "start", "end") if name in source}
