"""Intervals by resampling the examples: 95 % percentile intervals, of one figure and of the difference of two.

Examples with equal statistics are alike, so a resample is one multinomial draw over the distinct rows instead of as
many draws as there are examples; the distribution is the same, and 100,000 examples take seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from taiyi.errors import InputError

Figure = Callable[[np.ndarray], float]
"""From a sum of statistics (k,) to the figure."""

CONFIDENCE = 0.95


def resampled(stats: np.ndarray, draws: int, seed: int) -> Iterator[np.ndarray]:
    """The sum of the statistics (n, k) of each of `draws` resamples of n examples with replacement.

    Raises InputError where `draws` is below 1.
    """
    if draws < 1:
        raise InputError(f"{draws} resamples make no interval; use 1 or more (1000 is usual).")
    rows, counts = np.unique(stats, axis=0, return_counts=True)
    n = len(stats)
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield rng.multinomial(n, counts / n) @ rows


def interval(stats: np.ndarray, figure: Figure, draws: int, seed: int) -> tuple[float, float]:
    """The ends of the 95 % percentile interval of `figure` over resamples of `stats` (n, k), n > 0."""
    return ends(np.array([figure(total) for total in resampled(stats, draws, seed)]))


def paired_differences(ours: np.ndarray, theirs: np.ndarray, figure: Figure, draws: int, seed: int) -> np.ndarray:
    """(draws,) figure of `ours` minus that of `theirs`, both over the same resampled examples (n, k)."""
    k = ours.shape[1]
    both = np.concatenate([ours, theirs], axis=1)
    return np.array([figure(total[:k]) - figure(total[k:]) for total in resampled(both, draws, seed)])


def ends(values: np.ndarray) -> tuple[float, float]:
    """The 2.5th and 97.5th percentiles of resampled values (draws,)."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
