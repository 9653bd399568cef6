"""Scores that mean something, on numbers with a known answer."""

from __future__ import annotations

import math

import pytest
import torch

from finetune.specialists.calibration import best_threshold, common_threshold, fitted_logistic, fitted_temperature


def test_a_logistic_regression_on_a_constant_finds_the_log_odds() -> None:
    """Three of four are right: ln 3."""
    weights = fitted_logistic(torch.ones(400, 1), torch.tensor([True, True, True, False] * 100), [0.0], penalty=0.0)
    assert float(weights) == pytest.approx(math.log(3), abs=1e-4)


def test_the_penalty_keeps_weights_near_what_is_assumed() -> None:
    rows, right = torch.tensor([[1.0], [-1.0]]), torch.tensor([True, False])
    strong, weak = (float(fitted_logistic(rows, right, [0.0], penalty=p)) for p in (1.0, 0.1))
    assert 0 < strong < weak
    assert fitted_logistic(torch.tensor([]), torch.tensor([]), [1.0, 0.0]).tolist() == [1.0, 0.0]


def test_overconfident_logits_get_a_temperature_above_one() -> None:
    """Logits of +-4 (98 %) that are right three times in four: the best temperature is 4 / ln 3 = 3.64; steps are .05,
    the highest is 3.25."""
    logits = torch.tensor([[4.0], [4.0], [4.0], [4.0]])
    assert fitted_temperature(logits, torch.tensor([[1.0], [1.0], [1.0], [0.0]]), True) == 3.25


def test_right_confidence_keeps_a_temperature_of_one() -> None:
    """ln 3 for three of four."""
    logits = torch.full((4, 1), math.log(3))
    assert fitted_temperature(logits, torch.tensor([[1.0], [1.0], [1.0], [0.0]]), True) == pytest.approx(1.0)


def test_the_threshold_drops_what_costs_more_than_it_brings() -> None:
    """Scores .9 right, .5 wrong, .3 right, two to find. Above .5: P 1, R .5, F1 .67; all: P .67, R 1, F1 .8."""
    assert best_threshold([0.9, 0.5, 0.3], [True, False, True], 2) == 0.02
    assert 0.3 < best_threshold([0.9, 0.3, 0.3, 0.3], [True, False, False, False], 1) <= 0.9


def test_one_threshold_parts_what_holds_from_what_does_not() -> None:
    """Held are .8 and .6, not .3 and .1: anything in (.3, .6] is right."""
    scores = torch.tensor([[0.8, 0.3], [0.1, 0.6]])
    assert 0.3 < common_threshold(scores, torch.tensor([[1.0, 0.0], [0.0, 1.0]])) <= 0.6
