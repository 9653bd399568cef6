"""Run folders are read with what is in them, and what is wrong with one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.judging import CaseError
from eval.report.runs import read_runs
from taiyi.document import Document
from taiyi.errors import FormatError, InputError, Issue
from tests.eval.report.conftest import RunFolder, mention, record, row

TEXT = "Lithium may cause tremor."
GOLD = Document("17", "en", TEXT, (mention("a", "Lithium", TEXT),))


def test_a_run_has_its_sets_in_the_order_of_the_paper_and_a_split_of_its_own_where_a_row_says_so(
    run_folder: RunFolder,
) -> None:
    folder = run_folder("mine", [row("hoc", 0.5, split="test"), row("bc5cdr-chem", 0.8)])
    (run,) = read_runs([folder])
    assert (run.name, list(run.rows)) == ("mine", ["bc5cdr-chem", "hoc"])
    assert (run.split("hoc"), run.split("bc5cdr-chem")) == ("test", "dev")
    assert run.score("hoc") == 0.5


def test_a_record_becomes_a_case_with_its_judgement(run_folder: RunFolder) -> None:
    errors = [{"kind": "missing", "gold": "Chemical: Lithium", "predicted": ""}]
    line = record(GOLD, Document("17", "en", TEXT), errors, reply="none", issues=[{"kind": "part", "detail": "Li"}])
    (run,) = read_runs([run_folder("mine", [row("bc5cdr-chem", 0.8)], {"bc5cdr-chem": [line]})])
    (case,) = run.cases("bc5cdr-chem")
    assert (case.id, case.reply, case.gold) == ("17", "none", GOLD)
    assert case.judgement.errors == (CaseError("missing", "Chemical: Lithium"),)
    assert case.issues == (Issue("part", "Li"),)


def test_runs_of_one_name_are_told_apart_by_their_folders(run_folder: RunFolder) -> None:
    folders = [run_folder("a/run", [row("hoc", 0.5)]), run_folder("b/run", [row("hoc", 0.6)])]
    assert [run.name for run in read_runs(folders)] == ["a/run", "b/run"]


def test_a_folder_that_is_named_twice_is_refused(run_folder: RunFolder) -> None:
    folder = run_folder("mine", [row("hoc", 0.5)])
    with pytest.raises(InputError, match="named twice"):
        read_runs([folder, folder.parent / "." / "mine"])


def test_a_folder_without_a_finished_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"There is no .*run\.json: name the folder of a finished"):
        read_runs([tmp_path])


def test_a_broken_record_is_named_with_its_line(run_folder: RunFolder) -> None:
    folder = run_folder("mine", [row("bc5cdr-chem", 0.8)], {"bc5cdr-chem": [record(GOLD, GOLD), {"id": "18"}]})
    (run,) = read_runs([folder])
    with pytest.raises(FormatError, match=r"bc5cdr-chem\.jsonl:2: this is not a record"):
        list(run.cases("bc5cdr-chem"))


def test_a_row_whose_records_are_gone_is_named(run_folder: RunFolder) -> None:
    folder = run_folder("mine", [row("hoc", 0.5)])
    (folder / "hoc.jsonl").unlink()
    (run,) = read_runs([folder])
    with pytest.raises(FormatError, match=r"There is no .*hoc\.jsonl, which scores\.json has a row of"):
        list(run.cases("hoc"))


def test_a_record_that_was_being_written_when_the_run_was_killed_is_left_out(run_folder: RunFolder) -> None:
    folder = run_folder("mine", [row("hoc", 0.5)], {"hoc": [record(GOLD, GOLD)]})
    with (folder / "hoc.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "18", "pro')
    (run,) = read_runs([folder])
    assert [case.id for case in run.cases("hoc")] == ["17"]


def test_a_row_without_the_figure_that_counts_is_named(run_folder: RunFolder) -> None:
    with pytest.raises(FormatError, match=r"scores\.json: the row of pubmedqa has no accuracy"):
        read_runs([run_folder("mine", [row("pubmedqa", 0.5)])])


def test_a_set_with_two_rows_is_refused(run_folder: RunFolder) -> None:
    with pytest.raises(FormatError, match="hoc has two rows"):
        read_runs([run_folder("mine", [row("hoc", 0.5), row("hoc", 0.6)])])
