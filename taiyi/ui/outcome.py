"""A result as a string that the browser keeps, and the files that can be made of it.

The server keeps nothing: what a tab shows lies in the page, and comes back with a click on a download. A file goes to
the browser as base64 and is saved there, so that none is ever written to this machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from taiyi.document import Document
from taiyi.engine.base import Finish
from taiyi.errors import DocumentError, Issue
from taiyi.formats import csv, differences, docx, html, losses, markdown, write_document
from taiyi.formats.json import dumps
from taiyi.predictors.base import Result, Usage
from taiyi.predictors.comparing import second_opinion
from taiyi.tasks.base import Request

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv;charset=utf-8",
    "html": "text/html;charset=utf-8",
    "md": "text/markdown;charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "brat": "application/zip",
    "pubtator": "text/plain;charset=utf-8",
    "bioc": "application/xml",
    "differences": "text/csv;charset=utf-8",
}
# The kinds that other programs read, with the suffix of the format.
EXCHANGED = {"brat": ".zip", "pubtator": ".pubtator", "bioc": ".xml"}
OF_TWO = ("differences",)  # kinds that need two answers


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result, with the labels and the scheme asked for, and the options of the question where it had any: its label
    is a letter alone."""

    result: Result
    options: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    scheme: str = ""

    @classmethod
    def of(cls, result: Result, request: Request) -> Outcome:
        """The outcome of a request."""
        return cls(result, request.options, request.labels, request.scheme)


def pack(outcome: Outcome) -> str:
    """An outcome as JSON; `unpack` gives it back."""
    return json.dumps(row_of(outcome), ensure_ascii=False)


def row_of(outcome: Outcome) -> dict[str, Any]:
    """An outcome as an object of JSON values; `outcome_of` gives it back."""
    more = {"options": outcome.options, "asked": outcome.labels, "scheme": outcome.scheme}
    return {**_row(outcome.result), **{key: value for key, value in more.items() if value}}


def _row(result: Result) -> dict[str, Any]:
    return {
        **result.to_dict(),
        "reply": result.reply,
        "finish": result.finish,
        "seconds": result.usage.seconds,
        "windows": result.usage.windows,
        "alternatives": [_row(other) for other in result.alternatives],
    }


def unpack(packed: str) -> Outcome | None:
    """The outcome of a packed string; None where it holds none (nothing asked yet, or changed by hand)."""
    try:
        row = json.loads(packed) if packed else None
    except ValueError:
        return None
    return outcome_of(row) if row else None


def outcome_of(row: Any) -> Outcome | None:
    """The outcome of an object that `row_of` made; None where it was changed."""
    try:
        options, labels = (tuple(map(str, row.get(key, ()))) for key in ("options", "asked"))
        return Outcome(_result(row), options, labels, str(row.get("scheme", "")))
    except (ValueError, KeyError, TypeError, AttributeError, DocumentError):
        return None


def _result(row: dict[str, Any]) -> Result:
    return Result(
        Document.from_dict(row),
        row.get("reply", ""),
        tuple(
            Issue(i["kind"], i["detail"], i.get("label"), i.get("start"), i.get("end")) for i in row.get("issues", ())
        ),
        row["by"],
        Usage(seconds=float(row.get("seconds", 0.0)), windows=int(row.get("windows", 1))),
        Finish(row["finish"]) if row.get("finish") else None,
        tuple(_result(other) for other in row.get("alternatives", ())),
    )


def file_of(result: Result, kind: str, title: str, lang: str) -> str:
    """The file of a kind (a key of MEDIA_TYPES) as the JSON object {name, type, base64} that the page saves.

    `title` heads a report and an HTML page, whose words are in `lang`.
    """
    document = result.document
    write: dict[str, Callable[[], bytes]] = {
        "json": lambda: dumps(result.to_dict()),
        "csv": lambda: csv.write(document),
        "html": lambda: html.page(document, title, lang).encode("utf-8", "replace"),
        "md": lambda: markdown.write_report(document, title).encode("utf-8", "replace"),
        "docx": lambda: docx.write_report(document, title),
        "differences": lambda: differences.write_csv(filter(None, [second_opinion([result])])),
        **{name: partial(write_document, document, suffix) for name, suffix in EXCHANGED.items()},
    }
    suffix = {"differences": ".differences.csv", **EXCHANGED}.get(kind, f".{kind}")
    return download(f"taiyi-{document.id}{suffix}", MEDIA_TYPES[kind], write[kind]())


def not_carried(result: Result, kind: str) -> tuple[Issue, ...]:
    """What a file of this kind has no place for."""
    return losses([result.document], EXCHANGED[kind]) if kind in EXCHANGED else ()


def download(name: str, media_type: str, content: bytes) -> str:
    """A file's content as the JSON object {name, type, base64} that the page saves."""
    return json.dumps({"name": name, "type": media_type, "base64": base64.b64encode(content).decode("ascii")})


def copied(result: Result) -> str:
    """The result as plain text for the clipboard: the answer, or one item a line, its fields separated by tabs."""
    document = result.document
    if document.sections:
        return "\n".join(f"{section.name}: {section.text}" for section in document.sections)
    if document.answer is not None:
        return document.answer
    rows: list[tuple[object, ...]] = []
    if document.relations:
        for relation in document.relations:
            head, tail = document.entity(relation.head), document.entity(relation.tail)
            rows.append((document.text_of(head.spans), relation.label, document.text_of(tail.spans)))
    else:
        rows += [(e.label, document.text_of(e.spans), e.start, e.end) for e in document.entities]
    for event in document.events:
        fillers = "; ".join(f"{a.role}: {a.value or document.text_of(a.spans)}" for a in event.arguments)
        rows.append((event.label, document.text_of(event.trigger), fillers))
    rows += [(label.name,) for label in document.labels]
    return "\n".join("\t".join(str(field) for field in row) for row in rows)
