"""`python -m eval score` from a file of predictions to what is printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main

PREDICTIONS = [
    {"id": "s1", "items": "治疗方案"},
    {"id": "s2", "reply": "上述文本被分类为：病情诊断"},
    {"id": "s3", "reply": "说不清"},
]


@pytest.fixture
def score(tmp_path: Path, sets_dir: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """A function from predictions of KUAKE-QIC and options to exit code, standard output and standard error."""

    def run(rows: list[dict[str, Any]], *options: str) -> tuple[int, str, str]:
        path = tmp_path / "p.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        given = ["--set", "kuake-qic", "--predictions", str(path), "--data", str(sets_dir), "--draws", "50"]
        return main(["score", *given, *options]), *capsys.readouterr()

    return run


def test_json_is_one_object_with_full_floats(score: Any) -> None:
    """One right, one wrong, one that can't be read: a third, which isn't rounded."""
    code, out, _ = score(PREDICTIONS, "--json")
    row = json.loads(out)
    assert code == 0
    assert (row["set"], row["metric"], row["n"], row["unparsed"], row["missing"]) == ("kuake-qic", "micro-F1", 3, 1, 0)
    assert row["f1"] == row["accuracy"] == row["precision"] == row["recall"] == 1 / 3
    assert 0 <= row["low"] <= row["f1"] <= row["high"] <= 1


def test_text_has_four_digits_and_the_signature(score: Any) -> None:
    code, out, _ = score(PREDICTIONS)
    assert code == 0
    assert out.startswith("kuake-qic (test, 3 examples): micro-F1 0.3333 [")
    assert "  unparsed 1, missing 0" in out
    assert "|split:test|n:3|draws:50|seed:0" in out


def test_a_size_that_is_not_official_is_a_warning_beside_the_score(score: Any) -> None:
    code, _, err = score(PREDICTIONS, "--json")
    assert code == 0
    assert "kuake-qic (test) has 3 sentences here, officially 1,955." in err


def test_missing_predictions_stop_the_score_unless_allowed(score: Any) -> None:
    code, out, err = score(PREDICTIONS[:1])
    assert (code, out) == (2, "")
    assert "2 of the 3 examples" in err
    code, out, _ = score(PREDICTIONS[:1], "--allow-missing", "--json")
    assert (code, json.loads(out)["missing"], json.loads(out)["unparsed"]) == (0, 2, 0)


def test_a_part_that_is_not_at_hand_stops_the_score(score: Any) -> None:
    code, _, err = score(PREDICTIONS, "--split", "dev")
    assert code == 2
    assert "KUAKE-QIC_train.json" in err
