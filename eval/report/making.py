"""How each figure was made: sources and parts, rules and signatures, settings, and what was not run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.judging import METRICS
from eval.report.content import Table
from eval.report.runs import Run
from eval.report.tables import NONE, decimal
from eval.sets import eval_set, load_sets


def sources_table(runs: Sequence[Run]) -> Table:
    """Of each figure what was read: the part, the files, what must be known of them, and how many examples."""
    rows = []
    for run, name, row in _rows(runs):
        size, unit = eval_set(name).size, eval_set(name).unit
        official = f"{size:,} {unit}" if size else NONE
        files = ", ".join(run.files(name)) or NONE
        rows.append((name, run.name, run.split(name), files, row.get("note") or NONE, f"{row['n']:,}", official))
    columns = ("set", "run", "part", "files", "note", "n", "official test size")
    return Table("What was read", columns, tuple(rows), n_words=5)


def rules_table(runs: Sequence[Run]) -> Table:
    """Of each figure who answered, what was compared, and the signature."""
    rows = []
    for run, name, row in _rows(runs):
        rule = METRICS[eval_set(name).metric].rule
        rows.append((name, run.name, _answered_by(row), rule, row["signature"]))
    columns = ("set", "run", "answered by", "compared", "signature")
    return Table("How it was scored", columns, tuple(rows), n_words=5)


def _answered_by(row: Mapping[str, Any]) -> str:
    who = " / ".join(dict.fromkeys(str(row[key]) for key in ("predictor", "by") if row.get(key)))
    return f"{who}; the app does not offer this task with this model" if row.get("offered") is False else who


def figures_table(runs: Sequence[Run]) -> Table:
    """Every figure of every row, the one that counts first, and in how many examples each kind of issue came up."""
    rows = []
    for run, name, row in _rows(runs):
        headline = METRICS[eval_set(name).metric].headline
        others = [
            key for key, value in row.items() if isinstance(value, float) and key not in ("low", "high", headline)
        ]
        shown = "; ".join(f"{key} {decimal(row[key])}" for key in (headline, *others))
        issues = "; ".join(f"{kind} {n:,}" for kind, n in row.get("issues", {}).items()) or NONE
        rows.append((name, run.name, run.split(name), shown, issues, f"{row['missing']:,}"))
    columns = ("set", "run", "part", "figures", "issues (examples)", "missing predictions")
    return Table("All figures", columns, tuple(rows), n_words=5)


def absent_table(runs: Sequence[Run]) -> Table:
    """The sets of the paper that a run doesn't have, with the reason that it gives."""
    rows = []
    for run in runs:
        for row in load_sets().values():
            if row.name not in run.rows and not row.extra:
                reason = run.absent().get(row.name, "not asked for")
                rows.append((row.name, run.name, reason))
    return Table("Sets of the paper without a figure", ("set", "run", "why"), tuple(rows), n_words=3)


def settings_table(run: Run) -> Table:
    """What the run was made with, as it was written beside it; what it says of single sets has tables of its own."""
    own = {key: value for key, value in run.settings.items() if key not in ("sets", "missing")}
    rows = tuple((key, _plain(value)) for key, value in _flat(own))
    return Table(f"Settings of {run.name}", ("setting", "value"), rows, n_words=2)


def _rows(runs: Sequence[Run]) -> Iterator[tuple[Run, str, Mapping[str, Any]]]:
    for run in runs:
        for name, row in run.rows.items():
            yield run, name, row


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Settings of settings under joined names."""
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
