"""Logistic regressions over n-grams, on texts of a few words."""

from __future__ import annotations

import math

import pytest
import torch

from finetune.specialists.class_ngrams import fit, fitted_model
from taiyi.predictors.readers.class_ngrams import NgramModel, logits_of

TEXTS = ["zinc", "iron", "zinc iron", "water"]
HELD = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])


def test_classes_that_may_hold_together_are_learnt_each_by_itself() -> None:
    model = fitted_model(TEXTS, HELD, {"rows": 2048, "penalty": 0.01}, several=True)
    assert torch.equal(logits_of(model, TEXTS) > 0, HELD > 0)


def test_without_anything_to_read_the_bias_gives_the_shares_of_the_classes() -> None:
    """Three of four texts are of the second class, so its log-odds against the first are ln 3; of classes that hold by
    themselves the shares are 1/4 and 3/4: -ln 3 and ln 3."""
    rows: list[list[int]] = [[], [], [], []]
    targets = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    one, each = NgramModel(4, 2), NgramModel(4, 2)
    fit(one, rows, targets, 1.0, several=False)
    fit(each, rows, targets, 1.0, several=True)
    first, second = one.bias.tolist()
    assert second - first == pytest.approx(math.log(3), abs=1e-3)
    assert each.bias.tolist() == pytest.approx([-math.log(3), math.log(3)], abs=1e-3)


def test_a_higher_penalty_gives_smaller_weights() -> None:
    sizes = [
        float(
            fitted_model(TEXTS, HELD, {"rows": 2048, "penalty": p}, several=True).weights.weight.detach().square().sum()
        )
        for p in (0.1, 10.0)
    ]
    assert sizes[0] > 10 * sizes[1] > 0


def test_weights_are_what_half_precision_holds() -> None:
    model = fitted_model(TEXTS, HELD, {"rows": 2048, "penalty": 0.1}, several=True)
    assert torch.equal(model.weights.weight.half().float(), model.weights.weight)
