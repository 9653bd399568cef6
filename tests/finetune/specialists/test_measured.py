"""What a run measured of a specialist is what stands in its records, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from eval.judging import Judgement
from eval.report.runs import Case, read_runs
from finetune.specialists.measured import Measured, calibration_error_of, judged_items, measured
from taiyi.document import Document, Entity, Label, Relation, Span
from tests.finetune.specialists.conftest import WriteRun, chemicals, marked


def only(write_run: WriteRun, set_name: str, documents: list[tuple[Document, Document]], **more: object) -> Measured:
    (run,) = read_runs([write_run("run", set_name, documents, **more)])
    return measured(run, set_name)


def case(gold: Document, predicted: Document) -> Case:
    return Case("1", "", "", gold, predicted, Judgement("1", np.zeros(1)))


def test_figures_errors_and_scores_of_a_set(write_run: WriteRun) -> None:
    """Two of four found are right and two of four annotated are found."""
    m = only(write_run, "bc5cdr-chem", chemicals())
    assert (m.task, m.lang, m.part, m.n, m.corpora) == ("entities", "en", "dev", 3, {"bc5cdr"})
    headline = m.figures[0]
    assert (headline.metric, headline.value) == ("micro-F1, text and type", 0.5)
    assert headline.low <= 0.5 <= headline.high
    assert dict(m.n_errors) == {"missing": 1, "invented": 1, "border": 1}
    assert m.judged == ((0.9, True), (0.8, True), (0.6, False), (0.4, False))


def test_the_calibration_error_is_the_mean_distance_of_score_and_truth() -> None:
    """Four ranges with one item each: .1, .2, .6 and .4 apart."""
    judged = ((0.9, True), (0.8, True), (0.6, False), (0.4, False))
    assert calibration_error_of(judged) == pytest.approx(0.325)


def test_each_type_has_a_figure_of_its_own_with_an_interval(write_run: WriteRun) -> None:
    """Both chemicals right in both texts, no disease found in either."""
    text = "Aspirin for fever."
    documents = [
        (
            marked(id, text, ("Aspirin", "Chemical"), ("fever", "Disease")),
            marked(id, text, ("Aspirin", "Chemical", 0.9)),
        )
        for id in "12"
    ]
    figures = {f.metric: (f.value, f.low, f.high) for f in only(write_run, "biored", documents).figures}
    assert figures["micro-F1 Chemical, text and type"] == (1, 1, 1)
    assert figures["micro-F1 Disease, text and type"] == (0, 0, 0)
    assert figures["precision"] == (1, 1, 1)
    assert figures["recall"] == (0.5, 0.5, 0.5)


def test_a_run_of_a_few_texts_is_called_so(write_run: WriteRun) -> None:
    folders = [write_run("whole", "bc5cdr-chem", chemicals()), write_run("few", "bc5cdr-chem", chemicals(), limit=3)]
    assert [measured(run, "bc5cdr-chem").part for run in read_runs(folders)] == ["dev", "dev, 3 of it"]


def test_the_part_is_the_one_of_the_corpus_that_was_read(write_run: WriteRun) -> None:
    """LitCovid's development part is its own file, or a part of the training file, which the row then says."""
    text = "A vaccine is tested."
    gold = Document("1", "en", text, labels=(Label("Prevention"),))
    documents = [(gold, Document("1", "en", text, labels=(Label("Prevention", 0.9),)))]
    row = {"note": "litcovid (dev) has 1 abstracts here: a tenth of the training file, set aside by text; without the"
           " official file, of articles with LitCovid's own topics, which lack Case Report."}  # fmt: skip
    for name, more, part in (("official", {}, "dev"), ("cut", {"row": row}, "report")):
        (run,) = read_runs([write_run(name, "litcovid", documents, labels=("Prevention", "Diagnosis"), **more)])
        assert measured(run, "litcovid").part == part


def test_the_command_names_what_the_run_was_made_with_but_no_folder(write_run: WriteRun) -> None:
    m = only(write_run, "bc5cdr-chem", chemicals(), limit=3, specialists_dir="/home/me/out")
    expected = "--split dev --predictor specialist --limit 3 --specialists WORK"
    assert m.command == f"python -m eval run --data DIR --out RUN {expected}"


def test_a_relation_between_names_counts_once_with_its_highest_score() -> None:
    """Zinc stands twice; both pairs with fever are one triple."""
    text = "Zinc and Zinc, fever."
    ends = [Entity("H1", "", (Span(0, 4),)), Entity("H2", "", (Span(9, 13),)), Entity("T", "", (Span(15, 20),))]
    gold = Document("1", "en", text, tuple(ends), (Relation("R1", "induces", "H1", "T"),))
    found = (Relation("R1", "induces", "H1", "T", 0.2), Relation("R2", "induces", "H2", "T", 0.7))
    other = Relation("R3", "induces", "T", "H1", 0.3)
    predicted = Document("1", "en", text, tuple(ends), (*found, other))
    assert list(judged_items(case(gold, predicted), "relations")) == [(0.7, True), (0.3, False)]


def test_classes_are_right_by_name_and_those_without_a_score_stay_out() -> None:
    gold = Document("1", "en", "x", labels=(Label("a"),))
    predicted = Document("1", "en", "x", labels=(Label("a", 0.6), Label("b", 0.5), Label("c")))
    assert list(judged_items(case(gold, predicted), "classify")) == [(0.6, True), (0.5, False)]
