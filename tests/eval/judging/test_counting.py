"""Counts as columns, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from eval.judging.counting import label_columns, label_figures, macro_f1, surface
from eval.metrics import Counts


@pytest.mark.parametrize(
    ("text", "compared"),
    [(" renal\nfailure ", "renal failure"), ("ＣＯＸ－２", "ＣＯＸ－２"), ("Rash", "Rash"), ("\ufeff𠮷", "\ufeff𠮷")],
)
def test_white_space_alone_is_smoothed_before_mentions_are_compared(text: str, compared: str) -> None:
    assert surface(text) == compared


def test_each_label_has_its_own_three_columns() -> None:
    """a: one hit, one invented. b: one missed. c: nothing."""
    columns = label_columns({("a", "x"), ("b", "y")}, {("a", "x"), ("a", "z")}, ["a", "b", "c"])
    assert columns.tolist() == [1, 1, 0, 0, 0, 1, 0, 0, 0]
    assert label_figures(columns, ["a", "b", "c"])["a"] == {
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(Counts(1, 1, 0).tp * 2 / 3),
    }


def test_macro_f1_leaves_out_labels_that_occur_on_neither_side() -> None:
    """F1 of a is 2/3, of b 0; c does not occur."""
    assert macro_f1(np.array([1, 1, 0, 0, 0, 1, 0, 0, 0])) == pytest.approx(1 / 3)
    assert macro_f1(np.zeros(9)) == 0.0
