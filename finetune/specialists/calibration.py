"""Scores that mean something: logistic functions, temperatures and thresholds, fitted on texts not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from eval.metrics import Counts, micro_f1

THRESHOLDS = tuple(n / 50 for n in range(1, 48))


def fitted_logistic(features: Tensor, right: Tensor, prior: Sequence[float], penalty: float = 1.0) -> Tensor:
    """The weights of a logistic regression, penalized by `penalty` times half their squared distance from `prior`,
    which they are where there is nothing to learn from.

    *Shape:* (items, features), (items,), (features,) -> (features,).
    """
    start = torch.tensor(prior, dtype=torch.float64)
    weights = start.clone().requires_grad_()
    rows, gold = features.double().reshape(-1, len(prior)), right.double()
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        total = functional.binary_cross_entropy_with_logits(rows @ weights, gold, reduction="sum")
        total = total + penalty / 2 * (weights - start).square().sum()
        total.backward()
        return total

    optimizer.step(loss)  # type: ignore[arg-type]
    return weights.detach()


def fitted_temperature(logits: Tensor, targets: Tensor, several: bool) -> float:
    """The temperature with the least log-loss (Guo et al. 2017, arXiv:1706.04599). *Shape:* both (texts, classes)."""

    def loss(temperature: float) -> float:
        if several:
            return float(functional.binary_cross_entropy_with_logits(logits / temperature, targets))
        return float(functional.cross_entropy(logits / temperature, targets))

    return round(min((0.3 + 0.05 * n for n in range(60)), key=loss), 2)


def best_threshold(scores: Sequence[float], right: Sequence[bool], n_gold: int) -> float:
    """The threshold with the best F1 when items below it are dropped; the lowest of those that are equally good."""

    def f1(limit: float) -> float:
        kept = [ok for score, ok in zip(scores, right, strict=True) if score >= limit]
        hits = sum(kept)
        return micro_f1(Counts(hits, len(kept) - hits, n_gold - hits))

    return max(THRESHOLDS, key=lambda limit: (round(f1(limit), 3), -limit))


def common_threshold(scores: Tensor, targets: Tensor) -> float:
    """The threshold for all classes with the best micro-F1, the middle of those within a hundredth of it.

    For calibrated scores one threshold is the best there is (half of the best F1; Lipton et al. 2014, arXiv:1402.1892);
    one for each class, fitted on a few texts each, was worse on HoC. *Shape:* both (texts, classes).
    """
    f1 = {t: _f1(scores >= t, targets > 0) for t in THRESHOLDS}
    close = [t for t, value in f1.items() if value >= max(f1.values()) - 0.01]
    return close[len(close) // 2]


def _f1(held: Tensor, gold: Tensor) -> float:
    hits = int((held & gold).sum())
    return micro_f1(Counts(hits, int(held.sum()) - hits, int(gold.sum()) - hits))
