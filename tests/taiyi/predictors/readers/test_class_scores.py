"""Probabilities of classes, and which of them hold."""

from __future__ import annotations

import pytest
import torch

from taiyi.predictors.readers.class_scores import named, probabilities

LABELS = ("a", "b", "c")


def test_logits_become_probabilities_each_by_itself_or_in_all_one() -> None:
    """At temperature 2, logits of 2 ln 3 and 0 are log-odds of ln 3 and 0: 3/4 and 1/2 each, 3/4 and 1/4 together."""
    logits = torch.tensor([[2 * 1.0986123, 0.0]])
    each = probabilities(logits, {"several": True, "temperature": 2.0})
    together = probabilities(logits, {"several": False, "temperature": 2.0})
    assert each.tolist()[0] == pytest.approx([0.75, 0.5])
    assert together.tolist()[0] == pytest.approx([0.75, 0.25])


def test_of_several_classes_those_hold_that_reach_the_threshold_in_a_piece() -> None:
    scores = torch.tensor([[0.25, 0.5, 0.125], [0.75, 0.0, 0.375]])
    rows = named(scores, LABELS, {"several": True, "threshold": 0.5})
    assert rows == [("a", 0.75, True), ("b", 0.5, True), ("c", 0.375, False)]


def test_of_one_class_a_text_the_likeliest_on_average_holds() -> None:
    """Means .375, .5, .125: the second, though the first is the surest of a piece."""
    scores = torch.tensor([[0.75, 0.25, 0.0], [0.0, 0.75, 0.25]])
    rows = named(scores, LABELS, {"several": False})
    assert rows == [("b", 0.5, True), ("a", 0.375, False), ("c", 0.125, False)]
