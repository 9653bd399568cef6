"""Two runs beside each other: the paired bootstrap of their difference on the examples that both answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from eval.bootstrap import ends, paired_differences
from eval.judging import METRICS, Judgement
from eval.judging.base import headline_of, headline_stats
from eval.report.runs import Run
from eval.sets import eval_set
from taiyi.errors import InputError


@dataclass(frozen=True, slots=True)
class Comparison:
    """One set: the headline of the first and of the second run on the `n` examples of both, and second minus first
    with its 95 % interval. `at_or_below_zero` is the share of resamples in which the second is no better."""

    set: str
    metric: str
    n: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    at_or_below_zero: float

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def compare_runs(first: Run, second: Run, *, draws: int, seed: int) -> list[Comparison]:
    """A comparison of each set that both runs scored, in the order of the paper's tables.

    Raises InputError where the runs have no set in common, or one in different parts or with no example in common.
    """
    names = [name for name in first.rows if name in second.rows]
    if not names:
        raise InputError(f"{first.folder} and {second.folder} have no set in common; run both on the same sets.")
    return [_compare(name, first, second, draws, seed) for name in names]


def _compare(name: str, first: Run, second: Run, draws: int, seed: int) -> Comparison:
    if first.split(name) != second.split(name):
        raise InputError(
            f"{name} is scored on {first.split(name)} in {first.folder} and on {second.split(name)} in "
            f"{second.folder}; their examples are not the same."
        )
    ours, theirs = _judgements(name, first), _judgements(name, second)
    common = [id for id in ours if id in theirs]
    if not common:
        raise InputError(f"{first.folder} and {second.folder} have no example of {name} in common; use one --seed.")
    metric = METRICS[eval_set(name).metric]
    if len({len(judged[common[0]].stats) for judged in (ours, theirs)}) > 1:
        raise InputError(f"{name} was scored by different versions of its metric; run `python -m eval run` again.")
    rows = [headline_stats(metric, [judged[id] for id in common]) for judged in (ours, theirs)]
    headline = partial(headline_of, metric)
    a, b = (headline(stats.sum(axis=0)) for stats in rows)
    differences = paired_differences(rows[1], rows[0], headline, draws, seed)
    low, high = ends(differences)
    return Comparison(name, metric.name, len(common), a, b, b - a, low, high, float(np.mean(differences <= 0)))


def _judgements(name: str, run: Run) -> dict[str, Judgement]:
    """The judgement of each example by id."""
    return {case.id: case.judgement for case in run.cases(name)}
