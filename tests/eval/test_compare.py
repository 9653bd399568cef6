"""Two runs beside each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.compare import compare_runs
from eval.report.runs import Run, read_runs
from eval.verbs import compare as verb
from taiyi.document import Document
from taiyi.errors import InputError


def write_run(folder: Path, right_by_id: dict[str, bool], split: str = "dev", name: str = "kuake-qic") -> Path:
    """A run of one set with one record an example: the statistics of a class that is right or not."""
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({"split": split}), encoding="utf-8")
    row = {"set": name, "metric": "micro-F1", "f1": 0.0, "low": 0.0, "high": 0.0, "n": len(right_by_id), "unparsed": 0}
    row |= {"written": 0, "ungrounded": 0, "missing": 0, "predictor": "llm", "by": "A model", "signature": ""}
    (folder / "scores.json").write_text(json.dumps([row]), encoding="utf-8")
    records = []
    for id, right in right_by_id.items():
        score = {
            "stats": [float(right), 1, right, 0, 0],
            "unparsed": False,
            "written": 1,
            "ungrounded": 0,
            "errors": [],
        }
        gold = Document(id, "zh", "头痛").to_dict()
        records.append({"id": id, "prompt": "", "reply": "", "document": None, "gold": gold, "score": score})
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def two_runs(tmp_path: Path, first: dict[str, bool], second: dict[str, bool], **more: str) -> list[Run]:
    return read_runs([write_run(tmp_path / "base", first), write_run(tmp_path / "tuned", second, **more)])


def answers(n: int, *right: range) -> dict[str, bool]:
    return {str(id): any(id in part for part in right) for id in range(n)}


def test_a_difference_is_that_of_the_second_run_from_the_first(tmp_path: Path) -> None:
    """40 and 50 of 100 right, the same 40 among them: .1, standard error sqrt(.1 * .9 / 100) = .03, so the interval is
    about .1 ± .059 and no resample turns it round."""
    (row,) = compare_runs(*two_runs(tmp_path, answers(100, range(40)), answers(100, range(50))), draws=2000, seed=0)
    assert (row.set, row.n, row.first, row.second) == ("kuake-qic", 100, 0.4, 0.5)
    assert row.difference == pytest.approx(0.1)
    assert (row.low, row.high) == (pytest.approx(0.041, abs=0.015), pytest.approx(0.159, abs=0.015))
    assert row.at_or_below_zero < 0.001


def test_runs_that_are_the_same_differ_in_no_resample(tmp_path: Path) -> None:
    same = answers(20, range(7))
    (row,) = compare_runs(*two_runs(tmp_path, same, same), draws=50, seed=0)
    assert (row.difference, row.low, row.high, row.at_or_below_zero) == (0.0, 0.0, 0.0, 1.0)


def test_only_examples_that_both_answered_count(tmp_path: Path) -> None:
    """Of 0-19 and 10-29 ten are common: 5 of them right in the first, all in the second."""
    second = {str(id): True for id in range(10, 30)}
    (row,) = compare_runs(*two_runs(tmp_path, answers(20, range(15)), second), draws=50, seed=0)
    assert (row.n, row.first, row.second) == (10, 0.5, 1.0)


def test_runs_that_cannot_be_compared_are_refused_with_the_reason(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a", answers(3, range(1)))
    others = {
        "no set in common": write_run(tmp_path / "b", answers(3), name="hoc"),
        "is scored on dev": write_run(tmp_path / "c", answers(3), split="test"),
        "no example of kuake-qic in common": write_run(tmp_path / "d", {"x": True}),
    }
    for reason, other in others.items():
        with pytest.raises(InputError, match=reason):
            compare_runs(*read_runs([first, other]), draws=5, seed=0)


def test_the_verb_prints_a_line_a_set_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    two_runs(tmp_path, answers(10, range(4)), answers(10, range(6)))
    parser = argparse.ArgumentParser()
    verb.add_arguments(parser)
    given = [str(tmp_path / "base"), str(tmp_path / "tuned"), "--draws", "20"]
    assert verb.main(parser.parse_args(given)) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("kuake-qic")]
    assert line.split()[:6] == ["kuake-qic", "micro-F1", "10", "0.4000", "0.6000", "+0.2000"]
    assert verb.main(parser.parse_args([*given, "--json"])) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) == {
        "set", "metric", "n", "first", "second", "difference", "low", "high", "at_or_below_zero"
    }  # fmt: skip
