"""The paper's tables with our columns: Table 2 (thirteen sets) and Table 3 (BioRED by type)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from eval.judging import METRICS
from eval.published import BIORED
from eval.report.content import Table
from eval.report.runs import Run
from eval.sets import load_sets

SYSTEMS = ("ChatGPT-3.5", "Taiyi", "Taiyi 2", "SOTA")
FIGURES = ("precision", "recall", "f1")
NONE = "–"

Published = Mapping[str, Mapping[str, float]]
"""System → set → value, of Table 2."""
PublishedTypes = Mapping[str, tuple[float, float, float]]
"""Type, or "all" → precision, recall and F1 of Taiyi, of Table 3."""


def paper_sets() -> tuple[str, ...]:
    """The 13 sets of Table 2, in its order."""
    return tuple(row.name for row in load_sets().values() if not row.extra and row.name != BIORED)


def scores_table(runs: Sequence[Run], published: Published) -> Table:
    """Table 2: the published values, and of each run the score, its interval, the part scored, and the shares of
    unparsed replies and of ungrounded items. Averages stand below: of a run over the sets that it has, with the
    published averages over the same sets."""
    sets = [name for name in paper_sets() if any(name in run.rows for run in runs)]
    rows = [_score_row(name, runs, published) for name in sets]
    rows += _average_rows(runs, published)
    columns = ["set", "task", *SYSTEMS]
    for run in runs:
        columns += [run.name, "95 % interval", "part", "unparsed", "ungrounded"]
    return Table("Table 2: micro-F1, or accuracy for QA-mc", tuple(columns), tuple(rows), n_words=2)


def _score_row(name: str, runs: Sequence[Run], published: Published) -> tuple[str, ...]:
    cells = [name, load_sets()[name].table]
    cells += [decimal(published.get(system, {}).get(name)) for system in SYSTEMS]
    for run in runs:
        cells += run_cells(run, name)
    return tuple(cells)


def run_cells(run: Run, name: str) -> tuple[str, ...]:
    """A run's score on a set, its interval, the part scored, and the shares unparsed and ungrounded."""
    if name not in run.rows:
        return (NONE,) * 5
    row = run.rows[name]
    return (
        decimal(run.score(name)),
        f"{decimal(row['low'])} to {decimal(row['high'])}",
        f"{run.split(name)}, n = {row['n']:,}",
        share(row["unparsed"], row["n"]),
        share(row["ungrounded"], row["written"]),
    )


def _average_rows(runs: Sequence[Run], published: Published) -> Iterator[tuple[str, ...]]:
    """An average over each choice of sets that runs have, beside the published ones over the same; then the published
    over all sets, where no run has them all."""
    everything = paper_sets()
    runs_by_sets: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        runs_by_sets.setdefault(tuple(name for name in everything if name in run.rows), []).append(run)
    for sets, own in runs_by_sets.items():
        if sets:
            ours = (cell for run in runs for cell in (_average_cells(run, sets) if run in own else (NONE,) * 5))
            yield (_average_name(sets, own if len(own) < len(runs) else ()), "", *_averages(sets, published), *ours)
    if everything not in runs_by_sets:
        yield (_average_name(everything, ()), "", *_averages(everything, published), *[NONE] * 5 * len(runs))


def _average_cells(run: Run, sets: Sequence[str]) -> tuple[str, ...]:
    parts = " and ".join(sorted({run.split(name) for name in sets}))
    return decimal(fmean(map(run.score, sets))), NONE, parts, NONE, NONE


def _average_name(sets: Sequence[str], runs: Sequence[Run]) -> str:
    over = f"AVE over {len(sets)} of {len(paper_sets())} sets"
    return f"{over} ({', '.join(run.name for run in runs)})" if runs else over


def _averages(sets: Sequence[str], published: Published) -> Iterator[str]:
    """Of each system the mean over these sets; none where a value is missing."""
    for system in SYSTEMS:
        values = [published.get(system, {}).get(name) for name in sets]
        known = [value for value in values if value is not None]
        yield decimal(fmean(known)) if known and len(known) == len(values) else NONE


def types_table(runs: Sequence[Run], published: PublishedTypes) -> Table:
    """Table 3: precision, recall and F1 of each type of BioRED, and of all together."""
    runs = [run for run in runs if BIORED in run.rows]
    columns = ["type", *(f"Taiyi {figure}" for figure in ("P", "R", "F1"))]
    for run in runs:
        columns += [f"{run.name} {figure}" for figure in ("P", "R", "F1")]
    rows = []
    for name in (*load_sets()[BIORED].labels, "all"):
        cells = [name, *map(decimal, published.get(name, (None, None, None)))]
        for run in runs:
            cells += [decimal(figure) for figure in _type_figures(run.rows[BIORED], name)]
        rows.append(tuple(cells))
    parts = "; ".join(f"{run.name}: {run.split(BIORED)} part, n = {run.rows[BIORED]['n']:,}" for run in runs)
    return Table(f"Table 3: BioRED by type ({parts})", tuple(columns), tuple(rows))


def _type_figures(row: Mapping[str, Any], name: str) -> list[float | None]:
    figures = row if name == "all" else row.get("per_type", {}).get(name, {})
    return [figures.get(figure) for figure in FIGURES]


def extra_table(runs: Sequence[Run]) -> Table:
    """Sets that the paper doesn't score."""
    sets = [row.name for row in load_sets().values() if row.extra and any(row.name in run.rows for run in runs)]
    columns = ["set", "metric"]
    for run in runs:
        columns += [run.name, "95 % interval", "part", "unparsed", "ungrounded"]
    rows = [
        (name, METRICS[load_sets()[name].metric].name, *(cell for run in runs for cell in run_cells(run, name)))
        for name in sets
    ]
    return Table("Sets that the paper does not score", tuple(columns), tuple(rows), n_words=2)


def decimal(value: float | None) -> str:
    """Three digits after the point, as the paper prints them."""
    return NONE if value is None else f"{value:.3f}"


def share(part: int, whole: int) -> str:
    """A percentage; none of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else NONE
