"""JSON lines: one document a line, errors with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from taiyi.document import Document, Entity, Span
from taiyi.errors import FormatError
from taiyi.formats import iter_texts
from taiyi.formats.jsonl import read, write


def test_texts_come_in_order_with_their_ids(tmp_path: Path) -> None:
    """A mark at the start, CRLF, a blank line, a line separator inside a text (it ends no line), an id left out."""
    file = tmp_path / "notes.jsonl"
    rows = '\ufeff{"id": "a", "text": "Fever."}\r\n\n{"text": "咳嗽\u2028两天"}\n{"id": 3, "text": ""}'
    file.write_bytes(rows.encode())
    assert list(iter_texts(file)) == [("a", "Fever."), ("notes:3", "咳嗽\u2028两天"), ("3", "")]


def test_what_the_shell_prints_is_read_back(tmp_path: Path) -> None:
    documents = [Document(f"d{n}", "zh", "发热\r\n", (Entity("T1", "症状", (Span(0, 2),), 0.5),)) for n in range(3)]
    file = tmp_path / "found.jsonl"
    file.write_bytes(b"".join(map(write, documents)))
    assert list(read(file)) == documents


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"text": "b"', "not_json"),
        (b'{"text": "\xff"}', "not_json"),
        (b'{"txt": "b"}', "not_a_document"),
        (b"3", "not_a_document"),
    ],
)
def test_a_bad_line_is_named_and_those_before_it_are_read(tmp_path: Path, line: bytes, code: str) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_bytes(b'{"text": "a"}\n' + line + b"\n")
    documents = read(file)
    assert next(documents).text == "a"
    with pytest.raises(FormatError, match=r"notes\.jsonl:2") as raised:
        next(documents)
    assert raised.value.code == code


def test_an_empty_file_holds_no_documents(tmp_path: Path) -> None:
    file = tmp_path / "none.jsonl"
    file.write_bytes(b"")
    assert list(read(file)) == []
