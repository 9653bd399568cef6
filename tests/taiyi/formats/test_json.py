"""Documents and chats come back from JSON as they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.conversation import Conversation, Message
from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Section, Span
from taiyi.errors import FormatError
from taiyi.formats.json import read, read_chat, write, write_chat

TEXT = "İL-2与1,2-二氯乙烷𠮷\r\n发热"
FULL = Document(
    "病例 1",
    "zh",
    TEXT,
    (Entity("T1", "基因", (Span(0, 4),), 0.25, "normalised"), Entity("T2", "化学", (Span(5, 8), Span(9, 13)))),
    (Relation("R1", "与", "T1", "T2", 0.5),),
    (Event("E1", "发热", (Span(16, 18),), (Argument("因", (Span(0, 4),)), Argument("状态", value="肯定")), 1.0),),
    (Label("a", 0.125),),
    "答",
    (Section("主诉", "发热\n"),),
)


def test_a_document_is_read_back_with_all_its_items(tmp_path: Path) -> None:
    file = tmp_path / "d.json"
    file.write_bytes(write(FULL))
    assert list(read(file)) == [FULL]
    assert "𠮷" in file.read_text(encoding="utf-8")


def test_a_list_and_bare_texts_are_read_too(tmp_path: Path) -> None:
    file = tmp_path / "notes.json"
    file.write_text('[{"text": "Fever."}, {"id": 7, "text": "咳嗽。"}]', encoding="utf-8")
    assert [(d.id, d.lang, d.text) for d in read(file)] == [("notes:1", "en", "Fever."), ("7", "zh", "咳嗽。")]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ('{"text": "a"', "not_json", "d.json:1"),
        ("[" * 100_000, "not_json", "d.json:1"),
        ("", "not_json", "d.json:1"),
        ('"a"', "not_a_document", "an object"),
        ('[{"text": "a"}, {"text": 3}]', "not_a_document", r"d.json\[2\]"),
        ('{"text": "\\ud800"}', "not_a_document", "surrogate"),
        (
            '{"text": "ab", "entities": [{"id": "T1", "type": "x", "text": "b", "start": 0, "end": 1}]}',
            "not_a_document",
            "stands",
        ),
        ('{"text": "ab", "entities": [{"id": "T1", "start": 0, "end": 1}]}', "not_a_document", "'type' is missing"),
        (
            '{"text": "ab", "entities": [{"id": "T1", "type": "x", "start": 0, "end": 9}]}',
            "not_a_document",
            "2 characters",
        ),
        ('{"text": "ab", "entities": 5}', "not_a_document", "d.json"),
        (
            '{"text": "ab", "relations": [{"id": "R1", "type": "x", "head": "T1", "tail": 2}]}',
            "not_a_document",
            "d.json",
        ),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(tmp_path: Path, content: str, code: str, words: str) -> None:
    file = tmp_path / "d.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=words) as raised:
        list(read(file))
    assert raised.value.code == code


messages = st.lists(
    st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text(max_size=30)), max_size=5
)


@given(messages, st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=3))
def test_a_saved_chat_loads_again_exactly(turns: list[Message], settings: dict[str, object]) -> None:
    chat = Conversation(tuple(turns))
    assert read_chat(write_chat(chat, settings)) == (chat, settings)


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "[]",
        '{"messages": 1}',
        '{"messages": [{"role": "nurse", "content": "a"}]}',
        '{"messages": [{"role": "user"}]}',
    ],
)
def test_other_json_is_no_chat(content: str) -> None:
    with pytest.raises(FormatError) as raised:
        read_chat(content)
    assert raised.value.code == "not_a_chat"


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda s: (
            st.lists(s)
            | st.dictionaries(
                st.sampled_from(["id", "text", "entities", "start", "end", "type", "events", "labels"]), s
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_document_or_a_format_error(value: object) -> None:
    from taiyi.formats.json import document_of

    for row in (value, {"text": "ab", "entities": value, "labels": value}, {"text": "ab", "events": [value]}):
        try:
            document_of(row, "here", "x")
        except FormatError as error:
            assert error.code == "not_a_document"


def test_json_lines_of_the_writer_are_plain_utf8() -> None:
    assert json.loads(write(FULL))["id"] == "病例 1"
