"""Corpora of plain records: JSON lists and lines, TSV, CSV, XML. A row of the catalogue says which field is what.

Keys of a row, besides its files: `records` (`json`, `jsonl`, `tsv`, `csv`, `by_id`), `columns` (names, where the file
has no header), `task`, `fields` (our name: theirs), `classes` (their label: ours).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from taiyi.conversation import Message
from taiyi.corpora.fields import iter_json_list, iter_json_object
from taiyi.corpora.files import iter_json_lines
from taiyi.document import Document, Label, Section
from taiyi.errors import FormatError
from taiyi.tasks.base import Example, Request

Record = Mapping[str, Any]


def iter_records(text: str, row: Mapping[str, Any]) -> Iterator[Record]:
    """The records of a file's text. Raises FormatError where `row` names no known kind."""
    kind = row["records"]
    if kind == "json":
        yield from (record for _, record in iter_json_list(text))
    elif kind == "jsonl":
        yield from (record for _, record in iter_json_lines(text))
    elif kind == "by_id":
        yield from ({"id": key, **record} for _, key, record in iter_json_object(text))
    elif kind in ("tsv", "csv"):
        lines = io.StringIO(text, newline="")
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if kind == "tsv" else csv.reader(lines)
        columns = row.get("columns") or next(rows, [])
        yield from (dict(zip(columns, values, strict=False)) for values in rows)
    else:
        raise FormatError(f"The corpus {row['name']} names the kind of records {kind!r}, which is not known.")


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example for each record that holds what the row's task needs; others are left out. Its id is the record's,
    where it has one."""
    build = BUILDERS[row["task"]]
    for record in iter_records(text, row):
        example = build(record, row, str(record.get("id", "")))
        if example is not None:
            yield example


def _field(record: Record, row: Mapping[str, Any], name: str) -> str:
    """The record's value of our field `name`, without white space around it; "" where it has none."""
    value = record.get(row["fields"].get(name, name))
    return str(value).strip() if value is not None else ""


def _classified(record: Record, row: Mapping[str, Any], id: str) -> Example | None:
    text, found = _field(record, row, "text"), _field(record, row, "label")
    classes: Mapping[str, str] = row["classes"]
    if not text or found not in classes:
        return None
    labels = tuple(dict.fromkeys(classes.values()))
    request = Request(
        row["task"], text, row["lang"], row["lang"], labels, text_b=_field(record, row, "text_b"), document_id=id
    )
    return Example(id, request, Document(id, row["lang"], text, labels=(Label(classes[found]),)), row["name"])


def _answered(record: Record, row: Mapping[str, Any], id: str) -> Example | None:
    text, answer = _field(record, row, "text"), _field(record, row, "answer")
    if not text or not answer:
        return None
    lang = row["lang"]
    request = Request(row["task"], text, lang, lang, question=_field(record, row, "question"), document_id=id)
    return Example(id, request, Document(id, lang, text, answer=answer), row["name"])


def _chosen(record: Record, row: Mapping[str, Any], id: str) -> Example | None:
    """Options stand in one string, `(A) ...` a line, or as an object from letter to text."""
    options = record[row["fields"]["options"]]
    if isinstance(options, str):
        options = dict(re.findall(r"\(([A-Z])\)\s*(.*?)\.?\s*(?=\n\([A-Z]\)|\Z)", options, re.DOTALL))
    letter = _field(record, row, "answer").strip("()")
    question = _field(record, row, "question")
    if letter not in options or not question:
        return None
    lang = row["lang"]
    request = Request("choose", question, lang, lang, options=tuple(options.values()), document_id=id)
    return Example(id, request, Document(id, lang, question, labels=(Label(letter),)), row["name"])


def _translated(record: Record, row: Mapping[str, Any], id: str) -> Example | None:
    """A text and its translation; the row's `text_lang` says which language is the text's."""
    source, target = _field(record, row, "text"), _field(record, row, "answer")
    if not source or not target:
        return None
    request = Request("translate", source, row["lang"], row["text_lang"], document_id=id)
    return Example(id, request, Document(id, row["text_lang"], source, answer=target), row["name"])


def _conversed(record: Record, row: Mapping[str, Any], id: str) -> Example | None:
    """The last question and answer of a dialogue, what was said before as history."""
    messages = [Message(turn["role"], turn["content"].strip()) for turn in record["messages"]]
    while messages and messages[-1].role != "assistant":
        messages.pop()
    if len(messages) < 2 or messages[-2].role != "user" or not messages[-2].content or not messages[-1].content:
        return None
    lang, text = row["lang"], messages[-2].content
    request = Request("chat", text, lang, lang, history=tuple(messages[:-2]), document_id=id)
    return Example(id, request, Document(id, lang, text, answer=messages[-1].content), row["name"])


def _reported(record: Record, row: Mapping[str, Any], id: str) -> Example | None:
    """A dialogue between two marks of a prompt, and its report, a line `heading：text` a section."""
    inside = re.search(row["dialogue"], _field(record, row, "text"), re.DOTALL)
    sections = re.findall(r"^(\S{2,4})：(.+)$", _field(record, row, "answer"), re.MULTILINE)
    if inside is None or not sections:
        return None
    lang, text = row["lang"], inside[1].strip()
    gold = Document(id, lang, text, sections=tuple(Section(name, said.strip()) for name, said in sections))
    return Example(id, Request("report", text, lang, lang, document_id=id), gold, row["name"])


BUILDERS: Mapping[str, Callable[[Record, Mapping[str, Any], str], Example | None]] = {
    "classify": _classified,
    "similarity": _classified,
    "entailment": _classified,
    "question": _answered,
    "passage": _answered,
    "title": _answered,
    "summary": _answered,
    "choose": _chosen,
    "translate": _translated,
    "chat": _conversed,
    "report": _reported,
}
