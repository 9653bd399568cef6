"""Intervals against known distributions and a resampling one example at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eval.bootstrap import ends, interval, paired_differences, resampled
from taiyi.errors import InputError


def share(total: np.ndarray) -> float:
    return float(total[0] / total[1])


def answers(n_right: int, n: int) -> np.ndarray:
    """(n, 2): whether right, and one."""
    return np.column_stack([np.arange(n) < n_right, np.ones(n)])


def test_the_interval_of_a_share_is_that_of_the_binomial_distribution() -> None:
    """300 of 400: .75 with a standard error of sqrt(.75 * .25 / 400) = .02165; 1.96 of them to each side."""
    low, high = interval(answers(300, 400), share, 4000, 0)
    error = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert low == pytest.approx(0.75 - error, abs=0.004)
    assert high == pytest.approx(0.75 + error, abs=0.004)


def test_drawing_distinct_rows_has_the_mean_and_spread_of_drawing_examples() -> None:
    rng = np.random.default_rng(1)
    stats = rng.integers(0, 4, size=(60, 3)).astype(float)
    single = np.array([stats[rng.integers(0, 60, 60)].sum(axis=0) for _ in range(4000)])
    grouped = np.array(list(resampled(stats, 4000, 2)))
    assert grouped.mean(axis=0) == pytest.approx(single.mean(axis=0), rel=0.02)
    assert np.cov(grouped.T) == pytest.approx(np.cov(single.T), abs=0.1 * np.cov(single.T).max())


def test_a_seed_gives_the_same_interval_and_the_order_of_examples_does_not_matter() -> None:
    stats = answers(30, 50)
    assert interval(stats, share, 100, 7) == interval(stats[::-1], share, 100, 7)
    assert interval(stats, share, 100, 7) != interval(stats, share, 100, 8)


def test_a_perfect_score_has_no_spread() -> None:
    assert interval(answers(9, 9), share, 50, 0) == (1.0, 1.0)


def test_runs_that_err_on_the_same_examples_differ_by_less_than_runs_that_err_anywhere() -> None:
    """One run has ten more of 100 right; the pairing tells whether these are the only examples on which they differ."""
    ours, theirs = answers(70, 100), answers(60, 100)
    together = paired_differences(ours, theirs, share, 2000, 0)
    apart = paired_differences(ours, theirs[::-1], share, 2000, 0)
    assert together.mean() == pytest.approx(0.1, abs=0.005)
    assert together.std() == pytest.approx(math.sqrt(0.1 * 0.9 / 100), abs=0.004)
    assert apart.std() > 2 * together.std()


def test_the_ends_leave_out_one_fortieth_on_each_side() -> None:
    assert ends(np.arange(41.0)) == pytest.approx((1.0, 39.0))


def test_no_resamples_make_no_interval() -> None:
    with pytest.raises(InputError, match="use 1 or more"):
        interval(answers(1, 2), share, 0, 0)
