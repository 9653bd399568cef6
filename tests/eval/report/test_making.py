"""How figures were made is told: part, files, note, size, who answered, what was compared, and what was left out."""

from __future__ import annotations

from eval.report.making import absent_table, figures_table, rules_table, settings_table, sources_table
from eval.report.runs import read_runs
from tests.eval.report.conftest import RunFolder, row


def test_a_figure_is_told_with_part_files_note_and_official_size(run_folder: RunFolder) -> None:
    source = {"files": ["en/litcovid/dev.csv"], "note": "the development part"}
    runs = read_runs([run_folder("mine", [row("litcovid", 0.8, **source)])])
    assert sources_table(runs).rows == (
        ("litcovid", "mine", "dev", "en/litcovid/dev.csv", "the development part", "200", "6,239 abstracts"),
    )


def test_the_figure_that_counts_stands_first(run_folder: RunFolder) -> None:
    runs = read_runs([run_folder("mine", [row("kuake-qic", 0.8, macro_f1=0.75, missing=3, issues={"cut_input": 2})])])
    shown = "f1 0.800; precision 0.800; recall 0.800; macro_f1 0.750"
    assert figures_table(runs).rows == (("kuake-qic", "mine", "dev", shown, "cut_input 2", "3"),)


def test_a_task_that_the_app_does_not_offer_is_marked(run_folder: RunFolder) -> None:
    rows = [row("hoc", 0.8), row("cmeie", 0.1, predictor="llm", by="Small", offered=False)]
    answered = {name: by for name, _, by, *_ in rules_table(read_runs([run_folder("mine", rows)])).rows}
    assert answered["hoc"] == "specialist / A reader"
    assert answered["cmeie"] == "llm / Small; the app does not offer this task with this model"


def test_what_was_not_run_is_named_with_its_reason(run_folder: RunFolder) -> None:
    runs = read_runs([run_folder("mine", [row("hoc", 0.8)], missing={"chemdner": "There is no file."})])
    reasons = {name: why for name, _, why in absent_table(runs).rows}
    assert len(reasons) == 13
    assert "hoc" not in reasons
    assert (reasons["chemdner"], reasons["biored"]) == ("There is no file.", "not asked for")


def test_settings_are_shown_with_joined_names(run_folder: RunFolder) -> None:
    (run,) = read_runs(
        [run_folder("mine", [row("hoc", 0.8)], versions={"torch": "2.9"}, sample=None, sets={"hoc": {}})]
    )
    assert settings_table(run).rows == (("split", "dev"), ("versions.torch", "2.9"), ("sample", "null"))
