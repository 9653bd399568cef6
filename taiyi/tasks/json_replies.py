"""Replies in JSON, as large models like to write them whatever form was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taiyi.errors import Issue
from taiyi.tasks.delimiters import Piece, escape
from taiyi.tasks.headings import Block, label_of

_FENCED = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL | re.IGNORECASE)
_VALUE = re.compile(r"^\s*([\[{].*[\]}])\s*$", re.DOTALL | re.MULTILINE)  # on lines of its own
_NAME_KEYS = ("text", "entity", "name", "mention", "span", "实体", "名称", "文本")
_TYPE_KEYS = ("type", "label", "category", "relation", "predicate", "类型", "类别", "关系", "谓语")
_HEAD_KEYS = ("head", "subject", "cause", "主体", "头实体", "主语", "原因")
_TAIL_KEYS = ("tail", "object", "effect", "客体", "尾实体", "宾语", "结果")


def json_value(reply: str) -> Any | None:
    """The list or object that a reply is, alone, in a code fence, or between lines of prose; None for other text."""
    fenced = _FENCED.search(reply)
    found = _VALUE.search(fenced[1] if fenced else reply)
    if not found:
        return None
    try:
        value = json.loads(found[1])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list | dict) else None


def json_blocks(reply: str, labels: Sequence[str]) -> tuple[list[Block], list[Issue]] | None:
    """The names of a JSON reply under their labels, and issues for labels in other spelling or not asked for:
    `{label: [name]}`, a list of `{"text", "type"}`, or, where one label is asked for, a list of names.

    None where the reply is no JSON.
    """
    value = json_value(reply)
    if value is None:
        return None
    blocks, issues = [], []
    for written, name in _named(value, labels[0] if len(labels) == 1 else ""):
        label = label_of(written, labels)
        if label is not None and name:
            blocks.append(Block(label, _piece(name, reply)))
        if label != written:
            issues.append(Issue("label", written, label))
    return blocks, issues


def json_triples(reply: str) -> list[tuple[Piece, Piece, Piece]]:
    """Head, tail and type of each relation of a JSON reply: a list of objects, or of lists of three strings."""
    value = json_value(reply)
    rows = (value.get("relations", [value]) if isinstance(value, dict) else value) or []
    triples = [_triple(row) for row in rows if isinstance(row, dict | list)] if isinstance(rows, list) else []
    return [
        (_piece(head, reply), _piece(tail, reply), _piece(kind, reply)) for head, tail, kind in filter(None, triples)
    ]


def json_lists(reply: str) -> list[list[Piece]]:
    """The names of each list of a JSON reply that is a list of lists of names, or an object that holds one."""
    value = json_value(reply)
    rows = next(iter(value.values()), []) if isinstance(value, dict) else value or []
    rows = rows if isinstance(rows, list) and all(isinstance(row, list) for row in rows) else []
    found = [[_piece(name, reply) for name in row if isinstance(name, str) and name] for row in rows]
    return [names for names in found if names]


def _named(value: Any, label: str) -> Iterator[tuple[str, str]]:
    """(label as written, name) of every name within a value; `label` is that of the names directly in it."""
    if isinstance(value, str):
        yield label, value
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, label)
    elif isinstance(value, dict):
        name, kind = _first(value, _NAME_KEYS), _first(value, _TYPE_KEYS)
        if name:
            yield kind or label, name
        else:
            for key, inner in value.items():
                yield from _named(inner, label if key.lower() in ("entities", "实体") else key)


def _triple(row: Mapping[str, Any] | list[Any]) -> tuple[str, str, str] | None:
    if isinstance(row, list):
        return (row[0], row[1], row[2]) if len(row) == 3 and all(isinstance(cell, str) for cell in row) else None
    head, tail, kind = _first(row, _HEAD_KEYS), _first(row, _TAIL_KEYS), _first(row, _TYPE_KEYS)
    return (head, tail, kind) if head and tail and kind else None


def _first(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The first string under one of the keys, whatever their case."""
    value_by_key = {key.lower(): value for key, value in row.items()}
    return next((value_by_key[key] for key in keys if isinstance(value_by_key.get(key), str)), "")


def _piece(name: str, reply: str) -> Piece:
    """A name with its place in the reply; at its beginning where JSON spells it in other characters."""
    at = max(0, reply.find(name))
    return Piece(escape(name), at, at + len(name))
