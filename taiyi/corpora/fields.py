"""Records of corpora and their fields, checked as they are read: what is wrong is named with its place."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from taiyi.corpora.files import CorruptError

Place = int | str
"""A line's number, or words such as "record 17"."""


def iter_json_list(text: str) -> Iterator[tuple[str, Any]]:
    """Place ("record 17", counted from 0) and record of each element of a JSON list. Raises CorruptError."""
    rows = json.loads(text.removeprefix("\ufeff"))
    if not isinstance(rows, list):
        raise CorruptError(1, "this is no JSON list.")
    for number, row in enumerate(rows):
        yield f"record {number}", row


def iter_json_object(text: str) -> Iterator[tuple[str, str, Any]]:
    """Place ("record 1234567"), key and value of each member of a JSON object. Raises CorruptError."""
    rows = json.loads(text.removeprefix("\ufeff"))
    if not isinstance(rows, dict):
        raise CorruptError(1, "this is no JSON object.")
    for key, row in rows.items():
        yield f"record {key}", key, row


def string_of(record: Mapping[str, Any], key: str) -> str:
    """The string in a field. Raises KeyError or TypeError (see `taiyi.corpora.files.record_at`)."""
    value = record[key]
    if not isinstance(value, str):
        raise TypeError(f"{key!r} is no string but {value!r}")
    return value


def known_label(name: str, labels: Collection[str], place: Place, *, file: str = "") -> str:
    """`name` where it is one of `labels`. Raises CorruptError that names those that are."""
    if name not in labels:
        raise CorruptError(place, f"the label {name!r} is not known; known are {', '.join(labels)}.", file=file)
    return name
