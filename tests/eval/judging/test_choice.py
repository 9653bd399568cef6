"""Multiple choice against values worked out by hand."""

from __future__ import annotations

import pytest

from eval.judging import METRICS, CaseError
from eval.prediction import Prediction, parse_reply
from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request

OPTIONS = ("yes", "no", "maybe")


def question(letter: str) -> Example:
    return Example(
        "d",
        Request("choose", "Tea was given.", options=OPTIONS, question="Does tea help?", document_id="d"),
        Document("d", "en", "Tea was given.", labels=(Label(letter),)),
    )


def test_what_cannot_be_read_is_wrong_and_counted_apart() -> None:
    """Right, wrong, unreadable, right: accuracy 2/4, and 2/3 of what was read. yes: tp 1, fp 1; no: tp 1, fn 1; maybe:
    fn 1. F1 2/3, 2/3, 0: macro 4/9."""
    metric = METRICS["choice-macro"]
    replies = (("A", "Answer: A"), ("B", "yes"), ("C", "Who knows?"), ("B", "no"))
    judgements = [metric.judge(question(gold), parse_reply(question(gold), reply)) for gold, reply in replies]
    total = sum(judgement.stats for judgement in judgements)
    figures = metric.figures(total)
    assert figures == pytest.approx({"accuracy": 0.5, "precision": 2 / 3, "recall": 0.5, "macro_f1": 4 / 9})
    assert [judgement.unparsed for judgement in judgements] == [False, False, True, False]
    assert metric.per_type(total, OPTIONS)["maybe"]["recall"] == 0.0


def test_letters_have_no_figures_of_their_own_where_options_differ_from_question_to_question() -> None:
    metric = METRICS["choice"]
    stats = metric.judge(question("A"), Prediction("d", items=("A",))).stats
    assert metric.per_type(stats, OPTIONS) == {}
    assert metric.figures(stats) == {"accuracy": 1.0, "precision": 1.0, "recall": 1.0}


def test_a_wrong_letter_and_none_are_different_errors() -> None:
    metric = METRICS["choice"]
    assert metric.judge(question("A"), Prediction("d", items=("B",))).errors == (CaseError("type", "A", "B"),)
    assert metric.judge(question("A"), Prediction("d", missing=True)).errors == (CaseError("missing", "A"),)
    assert metric.figures(metric.judge(question("A"), Prediction("d", missing=True)).stats)["precision"] == 0.0


def test_what_a_model_thinks_aloud_before_it_answers_is_no_answer() -> None:
    asked = question("B")
    reply = "<think>The answer is A? No.</think>\n\nThe answer is B."
    assert METRICS["choice-macro"].judge(asked, parse_reply(asked, reply)).stats[0] == 1
