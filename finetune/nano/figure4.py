"""Figure 4 of the paper again: one stage against two, same base, same data, same number of updates.

The paper has 200 examples of each test set and says of them that two stages are better on every task, by about 10 %
on average ("Effectiveness of the two-stage fine-tuning strategy"). Here both models get their biases on the same
tuning parts and answer the same examples of the parts that are reported on, under the grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any, Literal

from eval.compare import Comparison, compare_runs
from eval.report.runs import Run
from eval.score import DRAWS

FIGURE_4_DATA = "figure4.json"
ONE_STAGE = "one_stage"
TWO_STAGES = ("stage1", "stage2")
Verdict = Literal["two stages", "one stage", "no difference"]


def compared(one: Run, two: Run, seed: int = 0) -> list[dict[str, Any]]:
    """A row for each set of both runs: the score under one stage and under two, each with its 95 % interval, and the
    paired difference, two minus one, with its own."""
    return [_row(row, one, two) for row in compare_runs(one, two, draws=DRAWS, seed=seed)]


def _row(row: Comparison, one: Run, two: Run) -> dict[str, Any]:
    told: dict[str, Any] = {"set": row.set, "metric": row.metric, "n": row.n}
    for name, value, run in (("one", row.first, one), ("two", row.second, two)):
        told |= {name: value, f"{name}_low": run.rows[row.set]["low"], f"{name}_high": run.rows[row.set]["high"]}
    return told | {"difference": row.difference, "low": row.low, "high": row.high}


def verdict(row: Mapping[str, Any]) -> Verdict:
    """Which is better, where the 95 % interval of the difference leaves out nought."""
    if row["low"] > 0:
        return "two stages"
    return "one stage" if row["high"] < 0 else "no difference"


def finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the figures say, and whether it is what the paper found."""
    by_verdict: dict[Verdict, list[str]] = {}
    for row in rows:
        by_verdict.setdefault(verdict(row), []).append(row["set"])
    n_two, n_one = (len(by_verdict.get(name, ())) for name in ("two stages", "one stage"))
    if n_two == len(rows):
        judged = "The paper's finding is repeated here on every set."
    elif n_two > n_one:
        judged = "The paper's finding is repeated here in part."
    elif n_one > n_two:
        judged = "The paper's finding is not repeated here; where there is a difference, it is in favour of one stage."
    else:
        judged = "The paper's finding is not repeated here."
    mean = fmean(row["difference"] for row in rows)
    parts = "; ".join(_parts(by_verdict))
    return f"{judged} Of {len(rows)} sets, at 95 %: {parts}. The differences are {mean:+.3f} on average."


def _parts(by_verdict: Mapping[Verdict, Sequence[str]]) -> Iterator[str]:
    for name, said in (
        ("two stages", "two stages are better on"),
        ("one stage", "one stage is better on"),
        ("no difference", "there is no difference to be seen on"),
    ):
        sets = by_verdict.get(name, ())  # type: ignore[call-overload]
        yield f"{said} {len(sets)}" + (f" ({', '.join(sets)})" if sets else "")
