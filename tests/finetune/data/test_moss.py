"""General dialogues: the forms of MOSS, multi-turn conversations kept whole, and what is refused."""

from __future__ import annotations

import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pytest

from finetune.data.moss import read_dialogues
from taiyi.conversation import Message
from taiyi.corpora.files import CorruptError


def _turn(human: str, moss: str, commands: str = "None") -> dict[str, str]:
    return {
        "Human": f"<|Human|>: {human}<eoh>\n",
        "Inner Thoughts": "<|Inner Thoughts|>: None<eot>\n",
        "Commands": f"<|Commands|>: {commands}<eoc>\n",
        "Tool Responses": "<|Results|>: None<eor>\n",
        "MOSS": f"<|MOSS|>: {moss}<eom>\n",
    }


CHAT = {
    "conversation_id": 4,
    "meta_instruction": "You are MOSS.",
    "num_turns": 10,
    "chat": {
        "turn_2": _turn("还有呢？", "多喝水。"),
        "turn_1": _turn("怎样睡得好？", "早点\n上床。"),
        "turn_10": _turn("谢谢", "不客气"),
    },
}
PLAIN = {"plain_text": "[Human]: Name a metal.<eoh> [MOSS]: Tin <1> [2].<eoa> [Human]: More?<eoh> [MOSS]: Zinc.<eoa>"}


def _written(path: Path, rows: list[Any]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_a_chat_is_kept_whole_in_the_order_of_its_turns(tmp_path: Path) -> None:
    (example,) = read_dialogues(_written(tmp_path / "moss.jsonl", [CHAT]), "moss")
    assert example.request.history == (
        Message("user", "怎样睡得好？"),
        Message("assistant", "早点\n上床。"),
        Message("user", "还有呢？"),
        Message("assistant", "多喝水。"),
    )
    assert (example.request.text, example.gold.answer) == ("谢谢", "不客气")
    assert (example.id, example.request.lang, example.request.system) == ("moss.jsonl:1", "zh", "")


def test_plain_text_is_parted_at_its_speakers_alone(tmp_path: Path) -> None:
    (example,) = read_dialogues(_written(tmp_path / "moss.jsonl", [PLAIN]), "moss")
    assert example.request.history == (Message("user", "Name a metal."), Message("assistant", "Tin <1> [2]."))
    assert (example.request.text, example.gold.answer, example.request.lang) == ("More?", "Zinc.", "en")


def test_messages_may_begin_with_a_system_prompt(tmp_path: Path) -> None:
    said = [("system", "Be kind."), ("user", "Hello"), ("assistant", "Hi")]
    row = {"messages": [{"role": role, "content": content} for role, content in said]}
    (example,) = read_dialogues(_written(tmp_path / "own.jsonl", [row]), "own")
    assert (example.request.system, example.request.history, example.request.text) == ("Be kind.", (), "Hello")


def test_lists_folders_and_packed_files_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "conversations"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps([CHAT, PLAIN]), encoding="utf-8")
    (folder / "deeper" / "b.json").write_text(json.dumps(PLAIN, indent=1), encoding="utf-8")
    (folder / "c.jsonl.xz").write_bytes(lzma.compress(json.dumps(CHAT).encode()))
    assert [example.id for example in read_dialogues(folder, "moss")] == [
        "a.json:1",
        "a.json:2",
        "c.jsonl.xz:1",
        "b.json:1",
    ]
    with zipfile.ZipFile(tmp_path / "all.jsonl.zip", "w") as archive:
        archive.write(_written(tmp_path / "moss.jsonl", [CHAT, PLAIN]), "moss.jsonl")
    assert len(list(read_dialogues(tmp_path / "all.jsonl.zip", "moss"))) == 2


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"chat": {"turn_1": _turn("What time?", "Noon.", 'Search("time")')}}, "turn_1 calls tools"),
        ({"chat": {"turn_1": {"Human": "Hello"}}}, "turn_1 has no Human and MOSS"),
        ({"plain_text": "[MOSS]: Hello<eoa>"}, "the turns are assistant's"),
        ({"messages": [{"role": "gpt", "content": "Hello"}]}, "message 1 has the role 'gpt'"),
        ({"text": "Hello"}, "has none of chat, plain_text and messages, but text"),
        ("Hello", "this is no conversation"),
    ],
)
def test_what_is_no_conversation_is_told_with_file_and_line(row: Any, told: str, tmp_path: Path) -> None:
    path = _written(tmp_path / "moss.jsonl", [PLAIN, row])
    with pytest.raises(CorruptError) as error:
        list(read_dialogues(path, "moss"))
    assert str(error.value).startswith(f"{path}:2: ")
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", b'{"plain_text": "\xcc\xc7"}', ":1: byte 17 is not UTF-8"),
        ("a.jsonl", b"\n{", ":2: this is no JSON"),
        ("a.json", b'{\n"chat": }', ":2: this is no JSON"),
        ("a.jsonl.xz", b"no archive", "the file cannot be read"),
        ("a.zip", b"no archive", "the file cannot be read"),
    ],
)
def test_an_unreadable_file_is_told_with_its_place(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorruptError) as error:
        list(read_dialogues(tmp_path / name, "moss"))
    assert told in str(error.value)
