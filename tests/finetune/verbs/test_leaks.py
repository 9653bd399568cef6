"""`python -m finetune leaks`: which corpora hold documents of test sets."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from finetune.__main__ import main

SETS = Path(__file__).parents[2] / "data" / "sets"


def test_a_training_part_that_is_a_test_part_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """BC5CDR's made test part under the name of its training part: three abstracts."""
    shutil.copy(SETS / "bc5cdr" / "CDR_TestSet.PubTator.txt", tmp_path / "CDR_TrainingSet.PubTator.txt")
    assert main(["leaks", "--data", str(tmp_path), "--tests", str(SETS), "--corpora", "bc5cdr"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["corpus\tdocuments\tleaked\tshare\tset\tof the set", "bc5cdr\t3\t3\t100.0%\tbc5cdr\t3"]
    assert err.startswith("test sets at hand: bc5cdr, chemdner, ncbi-disease")


def test_corpora_at_hand_are_looked_for_and_clean_ones_are_told_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made-up abstracts are in no official test set."""
    shutil.copy(SETS / "bc5cdr" / "CDR_TestSet.PubTator.txt", tmp_path / "CDR_TrainingSet.PubTator.txt")
    assert main(["leaks", "--data", str(tmp_path), "--limit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "bc5cdr\t2\t0\t0.0%" in lines


def test_a_missing_folder_or_corpus_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leaks", "--data", str(tmp_path / "none")]) == 2
    assert main(["leaks", "--data", str(tmp_path), "--corpora", "biored"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "There is no folder" in first
    assert "Train.PubTator" in second
