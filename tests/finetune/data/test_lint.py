"""Whole files through the linter: forms, turns, ids, and files that are not what they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finetune.data.checks import kinds
from finetune.data.instruction import Instruction, to_line
from finetune.data.lines import MAX_LINE_BYTES
from finetune.data.lint import Finding, lint_file
from taiyi.conversation import Message
from taiyi.errors import InputError

ASKED = {"role": "user", "content": "What is aspirin?"}
REPLY = {"role": "assistant", "content": "A drug."}


def lint(path: Path, content: bytes) -> list[Finding]:
    path.write_bytes(content)
    return list(lint_file(path))


def found(tmp_path: Path, *rows: Any) -> list[tuple[int, str]]:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return [(finding.line, finding.kind) for finding in lint(tmp_path / "rows.jsonl", lines.encode())]


def instruction(id: str, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"id": id, "corpus": "made", "task": "question", "lang": "en", "type": 2, "template": None}
    return row | {"messages": [ASKED, REPLY], "request": {"text": ASKED["content"]}} | changes


@pytest.mark.parametrize(
    "row",
    [
        instruction("a"),
        {"messages": [{"role": "system", "content": "Be brief."}, ASKED, REPLY, ASKED, REPLY]},
        {"conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]},
        {"instruction": "Translate.", "input": "aspirin", "output": "阿司匹林"},
        {"prompt": "Why?", "completion": "So."},
    ],
)
def test_a_clean_line_of_each_form_has_no_findings(row: dict[str, Any], tmp_path: Path) -> None:
    assert found(tmp_path, row) == []


def test_what_prepare_writes_is_read_with_its_request(tmp_path: Path) -> None:
    messages = (Message("user", "Find chemicals."), Message("assistant", "Chemical: paracetamol"))
    request = {"text": "aspirin", "labels": ["Chemical"]}
    line = to_line(Instruction("1", "made", "entities", "en", 1, "plain", messages, request))
    assert [finding.kind for finding in lint(tmp_path / "rows.jsonl", line.encode())] == ["absent"]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"messages": [ASKED, {"role": "bot", "content": "So."}]}, "role"),
        ({"conversations": [{"from": "human", "value": "Why?"}, {"from": "observation", "value": "So."}]}, "role"),
        ({"messages": [ASKED, ASKED, REPLY]}, "turns"),
        ({"messages": [ASKED]}, "turns"),
        ({"messages": [ASKED, REPLY, ASKED]}, "turns"),
        ({"messages": [REPLY]}, "turns"),
        ({"messages": []}, "turns"),
        ({"messages": [ASKED, REPLY, {"role": "system", "content": "Be brief."}, REPLY]}, "turns"),
        ({"messages": [ASKED, {"role": "assistant", "content": " \n"}]}, "empty-reply"),
        ({"messages": [{"role": "user", "content": ""}, REPLY]}, "empty-turn"),
        ({"messages": [ASKED, {"role": "assistant", "content": None}]}, "form"),
        ({"messages": ["Why?", "So."]}, "role"),
        ({"instruction": "Translate.", "output": 3}, "form"),
        ({"instruction": 3, "output": "So."}, "form"),
        (instruction("a", lang="fr"), "form"),
        ({"chat": {"turn_1": {"Human": "Why?", "MOSS": "So."}}}, "form"),
        ({"text": "only a text"}, "form"),
        (["a", "list"], "form"),
    ],
)
def test_a_line_that_is_no_conversation_to_learn_from_is_found(row: Any, kind: str, tmp_path: Path) -> None:
    assert set(found(tmp_path, {"messages": [ASKED, REPLY]}, row)) == {(2, kind)}


def test_an_id_that_comes_twice_names_the_line_of_the_first(tmp_path: Path) -> None:
    lines = "".join(json.dumps(instruction(id)) + "\n" for id in ("a", "b", "a"))
    (finding,) = lint(tmp_path / "rows.jsonl", lines.encode())
    assert str(finding) == (
        f"{tmp_path}/rows.jsonl:3: id: the id 'a' is that of line 1, too; give each line an id of its own."
    )


def test_a_line_in_another_encoding_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    """The second line is GB18030, the fourth Windows-1252 (0xe9 is é, and then a quotation mark)."""
    good = json.dumps({"messages": [ASKED, REPLY]}).encode()
    gbk = '{"messages": [{"role": "user", "content": "高血压"}]}'.encode("gb18030")
    western = '{"messages": [{"role": "user", "content": "café"}]}'.encode("cp1252")
    bad = json.dumps({"messages": [ASKED]}).encode()
    findings = lint(tmp_path / "mixed.jsonl", b"\n".join([good, gbk, b"", western, bad]))
    assert [(finding.line, finding.kind) for finding in findings] == [(2, "encoding"), (4, "encoding"), (5, "turns")]
    assert "byte 44 of the line (0xb8) is not UTF-8; the line can be read as GB18030" in findings[0].what
    assert "(0xe9) is not UTF-8" in findings[1].what


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "binary"),
        ('{"messages": []}'.encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_is_no_json_lines_is_one_finding(content: bytes, what: str, tmp_path: Path) -> None:
    (finding,) = lint(tmp_path / "rows.jsonl", content)
    assert (finding.line, finding.kind) == (1, "file")
    assert what in finding.what


def test_a_byte_order_mark_at_the_start_is_no_finding(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + json.dumps({"messages": [ASKED, REPLY]}).encode()
    assert lint(tmp_path / "rows.jsonl", content) == []


def test_a_json_list_is_told_from_json_lines(tmp_path: Path) -> None:
    content = json.dumps([{"messages": [ASKED, REPLY]}] * 2, indent=1).encode()
    assert "one JSON list" in lint(tmp_path / "rows.jsonl", content)[0].what


def test_a_line_that_no_memory_should_hold_is_passed_over(tmp_path: Path) -> None:
    """24 MiB on a line, a line after it, and such a line at the end of the file without a line end."""
    long = b'{"messages": "' + b"x" * (3 * MAX_LINE_BYTES) + b'"}'
    good = json.dumps({"messages": [ASKED, REPLY]}).encode()
    findings = lint(tmp_path / "rows.jsonl", b"\n".join([long, good, long]))
    assert [(finding.line, finding.kind, finding.what) for finding in findings] == [
        (1, "long-line", "the line has 24 MiB"),
        (3, "long-line", "the line has 24 MiB"),
    ]


def test_only_as_many_lines_are_read_as_wanted(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("no json\n" * 5, encoding="utf-8")
    assert [finding.line for finding in lint_file(path, 2)] == [1, 2]


def test_a_file_that_cannot_be_opened_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.jsonl: the file cannot be read"):
        list(lint_file(tmp_path / "missing.jsonl"))


def test_every_kind_of_finding_says_what_to_do() -> None:
    assert all(kind.severity in ("error", "warning") and kind.advice for kind in kinds().values())
