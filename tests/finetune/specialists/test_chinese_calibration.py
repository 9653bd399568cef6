"""Calibration and figures on candidates written by hand."""

import math

import pytest

from finetune.specialists.chinese_calibration import calibrated, measure, returned
from finetune.specialists.chinese_corpora import Annotated
from taiyi.predictors.readers.nested_spans import Calibration


def test_probabilities_become_the_shares_that_are_right() -> None:
    """Of 100 candidates at logit 2 the half is right: the fitted probability there is one half."""
    found = [[(n, n + 1, "甲", 2.0)] for n in range(100)] + [[(n, n + 1, "甲", -3.0)] for n in range(100)]
    gold = [{(n, n + 1, "甲")} if n % 2 else set() for n in range(100)] + [set()] * 99 + [{(99, 100, "甲")}]
    made = calibrated(found, gold, ["甲"])["甲"]
    assert made.probability(2.0) == pytest.approx(0.5, abs=0.03)
    assert made.probability(-3.0) == pytest.approx(0.01, abs=0.02)


def test_a_mention_below_its_labels_threshold_is_not_returned() -> None:
    calibrations = {"甲": Calibration(threshold=0.6), "乙": Calibration(threshold=0.4)}
    half = [(0, 1, "甲", 0.0), (2, 3, "乙", 0.0)]
    assert returned(half, calibrations) == [(2, 3, "乙", 0.5)]


def test_figures_are_those_counted_by_hand() -> None:
    """Gold: 肝癌 as 甲 twice, 肝 as 乙 inside the first. Found: the first 肝癌 and 癌 as 乙.

    By text: 甲 1 of 1, 乙 one wrong and one missed: 2 / (2 + 1 + 1) = .5. By place: 1 right, 1 wrong, 2 missed:
    2 / (2 + 1 + 2) = .4. Of the one mention inside another none is found.
    """
    text = Annotated("report", "肝癌和肝癌", (("甲", 0, 2), ("甲", 3, 5), ("乙", 0, 1)), ())
    gold = [{(start, end, label) for label, start, end in text.mentions}]
    found = [[(0, 2, "甲", math.log(9)), (1, 2, "乙", 0.0), (3, 5, "甲", -5.0)]]
    figures = measure(found, gold, [text], {"甲": Calibration(), "乙": Calibration()})
    values = figures.values()
    assert values["micro-F1, text and type"] == pytest.approx(0.5)
    assert values["micro-F1, place and type"] == pytest.approx(0.4)
    assert values["recall of mentions inside others, place and type"] == 0.0
    assert values["expected calibration error"] == pytest.approx((0.1 + 0.5) / 2)
