"""From run folders to the report's files, by the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.__main__ import main
from eval.sets import load_sets
from taiyi.document import Document
from tests.eval.report.conftest import RunFolder, record, row


def records() -> list[dict[str, object]]:
    gold = Document("1", "en", "Text.")
    return [record(gold, gold)]


def test_one_run_makes_a_report_of_its_scores_in_its_folder(
    run_folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run_folder("mine", [row("hoc", 0.6), row("biored", 0.7)], {"hoc": records(), "biored": records()})
    assert main(["report", str(folder)]) == 0
    names = ["report.md", "report.html", "cases.html", "scores.png"]
    assert capsys.readouterr().out.splitlines() == [str(folder / name) for name in names]
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert "| hoc | TC | 0.512 | 0.800 | 0.846 | 0.823 | 0.600 | 0.550 to 0.650 | dev, n = 200 |" in text
    assert "| Gene | 0.931 | 0.490 | 0.642 |" in text
    assert "ChatGPT over all types: F1 0.391" in text
    assert (folder / "scores.png").read_bytes().startswith(b"\x89PNG")


def test_two_runs_make_the_picture_of_the_stages_too(run_folder: RunFolder, tmp_path: Path) -> None:
    folders = [run_folder(name, [row("hoc", 0.6)], {"hoc": records()}) for name in ("one-stage", "two-stage")]
    assert main(["report", *map(str, folders), "--out", str(tmp_path / "report")]) == 0
    written = {path.name for path in (tmp_path / "report").iterdir()}
    assert written == {"report.md", "report.html", "cases.html", "scores.png", "stages.png"}


def test_a_run_of_sets_outside_the_tables_makes_a_report_without_pictures(run_folder: RunFolder) -> None:
    folder = run_folder("mine", [row("cmeee-v2", 0.6)], {"cmeee-v2": records()})
    assert main(["report", str(folder)]) == 0
    assert not (folder / "scores.png").exists()
    assert "Sets that the paper does not score" in (folder / "report.md").read_text(encoding="utf-8")


def test_a_run_of_every_set_leaves_no_empty_table(run_folder: RunFolder) -> None:
    rows = [row(known.name, 0.6, accuracy=0.6) for known in load_sets().values() if not known.extra]
    folder = run_folder("mine", rows, {known["set"]: records() for known in rows})
    assert main(["report", str(folder)]) == 0
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert "What was not run" not in text
    assert "most frequent" not in text
    assert "AVE over 13 of 13 sets" in text


def test_a_folder_without_a_run_is_answered_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert "name the folder of a finished" in capsys.readouterr().err


def test_fewer_than_one_case_is_refused(run_folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", str(run_folder("mine", [row("hoc", 0.6)])), "--cases", "0"])
    assert "--cases" in capsys.readouterr().err
