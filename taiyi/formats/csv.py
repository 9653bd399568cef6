"""CSV for spreadsheets: one row an entity, a relation, an event and each of its arguments, a class or a section.

As a list of texts it is read: a column `text`, and `id` where there is one. What is written here are items without
their texts; `annotated` puts them back on these.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from taiyi.document import Document
from taiyi.errors import DocumentError, FormatError
from taiyi.formats.txt import decode
from taiyi.language import detect_language

COLUMNS = (
    *("document", "item", "id", "type", "role", "text", "start", "end", "spans"),
    *("head_id", "tail_id", "tail", "tail_start", "tail_end", "match", "attributes", "concepts", "score"),
)
ALWAYS = frozenset({"item", "id", "type", "text", "start", "end", "score"})
# A cell that begins so is a formula to a spreadsheet, and anyone may have written the text (OWASP, "CSV Injection").
# Apostrophes before it are counted in, so that the one put there can be told from those of the text.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")


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


def lost(document: Document) -> dict[str, int]:
    """What CSV has no place for: the text itself."""
    return {"texts": 1}


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows under a header, as `write_all` says."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _guarded(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _rows(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entity in document.get("entities", ()):
        yield _row("entity", entity) | _place(entity)
    for relation in document.get("relations", ()):
        head, tail = relation["head"], _place(relation["tail"])
        ends = {"head_id": head["id"], "tail_id": relation["tail"]["id"]}
        place = {name: value for name, value in _place(head).items() if name != "spans"}
        far = {"tail": tail["text"], "tail_start": tail["start"], "tail_end": tail["end"]}
        yield _row("relation", relation) | ends | place | far
    for event in document.get("events", ()):
        yield _row("event", event) | _place(event["trigger"])
        for argument in event["arguments"]:
            filler = {"text": argument["value"]} if "value" in argument else _place(argument)
            yield {"item": "argument", "id": event["id"], "role": argument["role"]} | filler
    for label in document.get("labels", ()):
        yield _row("class", label)
    if "answer" in document:
        yield {"item": "answer", "text": document["answer"]}
    for section in document.get("sections", ()):
        yield {"item": "section", "type": section["name"], "text": section["text"]}


def _row(item: str, source: dict[str, Any]) -> dict[str, Any]:
    lists = {name: "; ".join(map(_escaped, source[name])) for name in ("attributes", "concepts") if name in source}
    return {"item": item} | {name: source[name] for name in ("id", "type", "match", "score") if name in source} | lists


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace(";", "%3B")


def _place(source: dict[str, Any]) -> dict[str, Any]:
    row = {name: source[name] for name in ("text", "start", "end") if name in source}
    return row | ({"spans": "; ".join(f"{a}-{b}" for a, b in source["spans"])} if "spans" in source else {})


def read(path: Path) -> Iterator[Document]:
    """A document for each row with a text. Raises FormatError where there is no column `text`, or where the rows are
    items (see `annotated`)."""
    for n, row in _cells(path):
        if "text" not in row or "item" in row:
            missing = "it lists items without their texts" if "item" in row else "it has no column named text"
            raise FormatError(f"{path.name} holds no texts: {missing}.", code="csv_without_texts", file=path.name)
        yield Document(row.get("id") or f"{path.stem}:{n}", detect_language(row["text"]), row["text"])


def annotated(path: Path, documents: Iterable[Document]) -> Iterator[Document]:
    """The documents with the items of a file that `write_all` made of them, in place of any they have.

    Raises FormatError where a row names no document of these, or an item doesn't stand at its place.
    """
    plain = {document.id: document for document in documents}
    rows: dict[str, list[tuple[int, dict[str, str]]]] = {name: [] for name in plain}
    for n, row in _cells(path):
        name = row.get("document", next(iter(plain), "") if len(plain) == 1 else "")
        if name not in rows:
            raise _wrong(path.name, n, f"there is no document {name!r}")
        rows[name].append((n, row))
    for name, document in plain.items():
        yield _annotated(document, rows[name], path.name)


def _cells(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column) of each row, the cells without the apostrophes that guard them."""
    reader = csv.DictReader(io.StringIO(decode(path.read_bytes(), path.name), newline=""), restval="")
    try:
        for row in reader:
            yield reader.line_num, {key: _plain(value) for key, value in row.items() if key is not None}
    except csv.Error as error:
        raise _wrong(path.name, reader.line_num, str(error)) from error


def _annotated(document: Document, rows: Sequence[tuple[int, dict[str, str]]], file: str) -> Document:
    found: dict[str, Any] = {"id": document.id, "lang": document.lang, "text": document.text}
    events: dict[str, dict[str, Any]] = {}
    for n, row in rows:
        try:
            _add(found, events, row)
        except (KeyError, ValueError) as error:
            raise _wrong(file, n, f"the row can't be read ({error})") from error
    try:
        return Document.from_dict(found)
    except (DocumentError, KeyError) as error:
        raise FormatError(f"{file}: {error}", code="bad_annotation", place=file, reason=str(error)) from error


def _add(found: dict[str, Any], events: dict[str, dict[str, Any]], row: dict[str, str]) -> None:
    """One row into the object that `Document.from_dict` reads. Raises KeyError or ValueError."""
    item = row["item"]
    common: dict[str, Any] = {name: row[name] for name in ("id", "type", "match") if row.get(name)}
    common |= {"score": float(row["score"])} if row["score"] else {}
    if item == "entity":
        lists = {name: _parted(row[name]) for name in ("attributes", "concepts") if row.get(name)}
        found.setdefault("entities", []).append({"type": "", **common, **lists, **_place_of(row)})
    elif item == "relation":
        ends = {"head": {"id": row["head_id"]}, "tail": {"id": row["tail_id"]}}
        found.setdefault("relations", []).append({"type": "", **common, **ends})
    elif item == "event":
        events[row["id"]] = {"type": "", **common, "trigger": _place_of(row), "arguments": []}
        found.setdefault("events", []).append(events[row["id"]])
    elif item == "argument":
        filler = _place_of(row) if row["start"] else {"value": row["text"]} if row["text"] else {}
        events[row["id"]]["arguments"].append({"role": row["role"], **filler})
    elif item == "class":
        found.setdefault("labels", []).append({"type": "", **common})
    elif item == "answer":
        found["answer"] = row["text"]
    elif item == "section":
        found.setdefault("sections", []).append({"name": row["type"], "text": row["text"]})
    else:
        raise ValueError(f"an item can't be {item!r}")


def _place_of(row: Mapping[str, str]) -> dict[str, Any]:
    if not row["start"]:
        return {}
    place: dict[str, Any] = {"text": row["text"], "start": int(row["start"]), "end": int(row["end"])}
    spans = [tuple(map(int, part.split("-"))) for part in row.get("spans", "").split("; ") if part]
    return place | ({"spans": spans} if spans else {})


def _parted(cell: str) -> list[str]:
    return [part.replace("%3B", ";").replace("%25", "%") for part in cell.split("; ")]


def _wrong(file: str, line: int, reason: str) -> FormatError:
    return FormatError(f"{file}:{line}: {reason}.", code="bad_annotation", place=f"{file}:{line}", reason=reason)
