"""The line form of an instruction: what is written is read back, and what cannot be read is told with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finetune.data.instruction import Instruction, read_instructions, request_fields, to_line, write_instructions
from taiyi.conversation import Message
from taiyi.errors import InputError
from taiyi.tasks import TASKS, Request

SAMPLE = Path(__file__).parent.parent.parent / "data" / "instructions" / "sample.jsonl"
ROW: dict[str, Any] = {
    "id": "exam:5",
    "corpus": "exam",
    "task": "choose",
    "lang": "en",
    "type": 1,
    "template": "choose",
    "messages": [{"role": "user", "content": "Which?"}, {"role": "assistant", "content": "Answer: B"}],
    "request": {"text": "Which?", "options": ["this", "that"]},
}


def sample() -> list[Instruction]:
    return [instruction for _, instruction in read_instructions(SAMPLE)]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "again.jsonl"
    assert write_instructions(path, sample()) == 13
    assert path.read_bytes() == SAMPLE.read_bytes()


def test_the_request_asks_for_what_the_prompt_says() -> None:
    for instruction in sample():
        request = instruction.to_request()
        assert TASKS[request.task].prompt(request).messages == instruction.messages[:-1], instruction.id


def test_a_row_is_the_object_that_the_contract_shows() -> None:
    instruction = Instruction.from_dict(ROW)
    assert instruction.messages == (Message("user", "Which?"), Message("assistant", "Answer: B"))
    assert (instruction.prompt, instruction.reply) == ("Which?", "Answer: B")
    assert json.loads(to_line(instruction)) == ROW


def test_request_fields_are_those_that_differ_from_their_defaults() -> None:
    asked = Request("entities", "Aspirin.", labels=("Chemical",), system="Be brief.", template="identify")
    assert request_fields(asked) == {"text": "Aspirin.", "labels": ["Chemical"]}


def test_turns_before_the_last_are_history() -> None:
    talk = next(instruction for instruction in sample() if instruction.corpus == "talks")
    request = talk.to_request()
    assert request.text == "主要在右边，有点恶心。"
    assert [message.role for message in request.history] == ["user", "assistant"]


def test_a_system_message_is_the_request_s_system_prompt() -> None:
    row = ROW | {"messages": [{"role": "system", "content": "Be brief."}, *ROW["messages"]]}
    request = Instruction.from_dict(row).to_request()
    assert request.system == "Be brief."
    assert request.history == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"lang": "fr"}, "lang is 'fr'; use one of zh, en."),
        ({"type": 3}, "type is 3; use 1"),
        ({"type": True}, "type is True; use 1"),
        ({"corpus": ""}, "corpus is ''"),
        ({"template": 4}, "template is 4"),
        ({"request": []}, "request is no object"),
        ({"request": {"texts": ""}}, "request has no field 'texts'; it has text, text_lang"),
        ({"messages": "hello"}, "messages is no list"),
        ({"messages": [{"role": "human", "content": "a"}]}, "message 1 has the role 'human'"),
        ({"messages": [{"role": "user"}]}, "message 1 has no content"),
        ({"messages": []}, "the turns are nobody's"),
        ({"messages": ROW["messages"][:1]}, "the turns are user's; user and assistant must take turns"),
        ({"messages": ROW["messages"][::-1]}, "the turns are assistant, user's"),
    ],
)
def test_what_is_no_instruction_is_told_with_file_and_line(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in (ROW, ROW | change)), encoding="utf-8")
    with pytest.raises(InputError) as error:
        list(read_instructions(path))
    assert str(error.value).startswith(f"{path}:2: {told}")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "this is no JSON"),
        (b"[]", "this is no instruction"),
        (b'{"id": "a"}', "the instruction has no corpus, task, lang"),
        ('{"id": "糖"}'.encode("gb18030"), "byte 9 of the line is not UTF-8"),
    ],
)
def test_a_line_of_another_kind_is_told_with_file_and_line(line: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"\n" + line)
    with pytest.raises(InputError, match=f"broken.jsonl:2: {told}"):
        list(read_instructions(path))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl: the instructions cannot be read"):
        list(read_instructions(tmp_path / "none.jsonl"))


def test_a_folder_that_is_not_there_is_told_when_writing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.jsonl: the instructions cannot be written"):
        write_instructions(tmp_path / "none" / "a.jsonl", sample())


def test_what_breaks_off_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    write_instructions(path, sample()[:1])

    def breaks_off() -> Any:
        yield sample()[1]
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left on device"):
        write_instructions(path, breaks_off())
    assert [instruction.id for _, instruction in read_instructions(path)] == ["drug_notes:n1#all"]
    assert list(tmp_path.iterdir()) == [path]
