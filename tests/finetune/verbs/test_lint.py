"""`python -m finetune lint`: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.__main__ import main

CLEAN = '{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]}\n'
WARNED = CLEAN.replace("So.", "Ask 13812345678.")
WRONG = CLEAN.replace("assistant", "bot")


@pytest.mark.parametrize(("content", "code"), [(CLEAN, 0), (WARNED, 0), (WRONG, 1), (CLEAN + WRONG, 1)])
def test_only_errors_fail(content: str, code: int, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content, encoding="utf-8")
    assert main(["lint", str(path)]) == code


def test_a_folder_s_files_are_linted_in_order_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("b", WRONG), ("a", WARNED)):
        (tmp_path / f"{name}.jsonl").write_text(content, encoding="utf-8")
    assert main(["lint", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"{tmp_path}/a.jsonl:1: contact: message 2 has a mobile telephone number, 13********; "
        "take personal details out before training.",
        f"{tmp_path}/b.jsonl:1: role: message 2 has the role 'bot'; use system, user or assistant.",
    ]
    assert err == "1 errors and 1 warnings in 2 files: contact 1, role 1.\n"


def test_json_has_an_object_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(WRONG * 3, encoding="utf-8")
    assert main(["lint", str(path), "--json", "--limit", "2"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["line"], row["kind"], row["severity"]) for row in rows] == [(1, "role", "error"), (2, "role", "error")]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["missing.jsonl"], "There is no file missing.jsonl"),
        (["."], "There is no .jsonl file in ."),
        (["x", "--limit", "0"], "--limit is 0"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["lint", *arguments]) == 2
    assert reason in capsys.readouterr().err
