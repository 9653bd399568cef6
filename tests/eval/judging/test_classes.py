"""Classes of texts against values worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from eval.judging import METRICS, CaseError
from eval.prediction import Prediction, parse_reply
from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request

LABELS = ("a", "b", "c")
Case = tuple[tuple[str, ...], tuple[str, ...]]


def example(gold: Sequence[str], multi: bool) -> Example:
    document = Document("d", "en", "A text.", labels=tuple(map(Label, gold)))
    return Example("d", Request("classify", "A text.", labels=LABELS, multi=multi, document_id="d"), document)


def total(metric: str, cases: Sequence[Case]) -> np.ndarray:
    """The statistics of (gold, predicted) pairs, added up."""
    return sum(
        METRICS[metric].judge(example(gold, metric == "classes"), Prediction("d", items=found)).stats
        for gold, found in cases
    )


def test_several_classes_are_counted_over_all_texts_over_classes_and_over_texts() -> None:
    """tp a, a; fp b; fn b, c. Micro: P 2/3, R 2/4, F1 4/7. Classes: a 1, b 0, c 0: macro 1/3. Texts: P 1/2, 1, 0, 1
    and R 1, 1/2, 0, 1 (the last has no class and gets none): means 5/8 each."""
    cases: list[Case] = [(("a",), ("a", "b")), (("a", "b"), ("a",)), (("c",), ()), ((), ())]
    stats = total("classes", cases)
    figures = METRICS["classes"].figures(stats)
    assert figures["precision"] == pytest.approx(2 / 3)
    assert figures["recall"] == pytest.approx(1 / 2)
    assert figures["f1"] == pytest.approx(4 / 7)
    assert figures["macro_f1"] == pytest.approx(1 / 3)
    assert figures["instance_f1"] == pytest.approx(5 / 8)
    assert METRICS["classes"].per_type(stats, LABELS)["a"]["f1"] == 1.0


def test_nothing_right_anywhere_is_nought_and_no_division() -> None:
    assert set(METRICS["classes"].figures(total("classes", [(("a",), ("b",))])).values()) == {0.0}


def test_repeated_classes_neither_help_nor_hurt() -> None:
    assert (
        total("classes", [(("a",), ("a", "b"))]).tolist() == total("classes", [(("a",), ("a", "b", "a", "b"))]).tolist()
    )


def test_micro_f1_of_one_class_a_text_is_accuracy_with_silence_as_a_wrong_answer() -> None:
    """Two of four are right. a: tp 1, fp 1; b: tp 1, fn 1; c: fn 1. F1 2/3, 2/3, 0: macro 4/9."""
    figures = METRICS["single-class"].figures(
        total("single-class", [(("a",), ("a",)), (("b",), ("a",)), (("b",), ("b",)), (("c",), ())])
    )
    assert {figures[name] for name in ("precision", "recall", "f1", "accuracy")} == {0.5}
    assert figures["macro_f1"] == pytest.approx(4 / 9)


def test_a_query_whose_answer_cannot_be_read_is_counted_apart_from_one_without_a_prediction() -> None:
    one = example(["a"], multi=False)
    metric = METRICS["single-class"]
    assert metric.judge(one, parse_reply(one, "Perhaps.")).unparsed
    assert metric.judge(one, parse_reply(one, "")).unparsed
    assert not metric.judge(one, Prediction("d", missing=True)).unparsed
    assert not metric.judge(one, parse_reply(one, "Result: b")).unparsed


def test_no_class_where_several_may_hold_is_an_answer() -> None:
    several = example(["a"], multi=True)
    assert not METRICS["classes"].judge(several, parse_reply(several, "Result: none")).unparsed
    assert METRICS["classes"].judge(several, parse_reply(several, "The weather is fine today, is it not?")).unparsed


def test_what_is_wrong_is_told_by_kind() -> None:
    several, one = example(["a"], multi=True), example(["a"], multi=False)
    assert METRICS["classes"].judge(several, Prediction("d", items=("b",))).errors == (
        CaseError("missing", gold="a"),
        CaseError("invented", predicted="b"),
    )
    assert METRICS["single-class"].judge(one, Prediction("d", items=("b",))).errors == (CaseError("type", "a", "b"),)
    assert METRICS["single-class"].judge(one, Prediction("d", items=())).errors == (CaseError("missing", "a"),)
