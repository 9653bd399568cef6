"""`python -m finetune prepare`: what is printed where, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.__main__ import main

MIXTURE = """
rows:
  - {corpus: kuake_qic, task: classify, type: 1}
  - {corpus: talks, task: chat, type: 2, files: [talks.jsonl]}
"""


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """The verb with a mixture of two sources, both at hand."""
    mixture = tmp_path / "mixture.yaml"
    mixture.write_text(MIXTURE, encoding="utf-8")
    data = tmp_path / "data"
    data.mkdir()
    query = {"id": "s1", "query": "怎么治疗感冒", "label": "治疗方案"}
    (data / "KUAKE-QIC_train.json").write_text(json.dumps([query]), encoding="utf-8")
    talk = {"messages": [{"role": "user", "content": "写一首诗"}, {"role": "assistant", "content": "雨落青瓦。"}]}
    (data / "talks.jsonl").write_text(json.dumps(talk), encoding="utf-8")
    return ["prepare", "--data", str(data), "--mixture", str(mixture), "--out", str(tmp_path / "out")]


def test_progress_goes_to_standard_error_alone(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "kuake_qic: 1 instructions of 1 documents" in told.err
    assert f"2 instructions to train on and 0 beside them are in {arguments[-1]}" in told.err


def test_a_dry_run_says_what_would_be_read_and_makes_nothing(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--dry-run"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[:3] for line in shown] == [
        ["kuake_qic", "type 1", "classify"],
        ["talks", "type 2", "chat"],
    ]
    assert not Path(arguments[-1]).exists()


def test_a_dry_run_without_a_corpus_names_it(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (Path(arguments[2]) / "talks.jsonl").unlink()
    assert main([*arguments, "--dry-run", "--skip-missing"]) == 0
    told = capsys.readouterr()
    assert "missing\ttalks: There is no" in told.out
    assert "1 corpora would be read, 1 are missing." in told.err
    assert main(arguments) == 2
    assert "names 1 corpora that are not under" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--limit", "0"], "--limit is 0"), (["--data", "nowhere"], "There is no folder nowhere")],
)
def test_what_must_be_mended_is_told_with_exit_code_2(
    options: list[str], told: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, *options]) == 2
    assert told in capsys.readouterr().err
