"""What went wrong, by kind and set, and what went wrong most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eval.judging.base import ErrorKind
from eval.report.content import Table
from eval.report.runs import Run

KINDS: dict[ErrorKind, str] = {
    "missing": "missed",
    "invented": "not in the annotation",
    "border": "other borders",
    "type": "other type or class",
}
MOST = 5  # of each set
LONGEST = 80  # characters of an example


def errors_table(runs: Sequence[Run]) -> Table:
    """Errors of each kind, and replies that could not be read, by run and set."""
    rows = []
    for run in runs:
        for name in run.rows:
            counts = Counter(error.kind for case in run.cases(name) for error in case.judgement.errors)
            numbers = (f"{counts[kind]:,}" for kind in KINDS)
            rows.append((name, run.name, run.split(name), *numbers, f"{run.rows[name]['unparsed']:,}"))
    return Table("Errors by kind", ("set", "run", "part", *KINDS.values(), "unparsed replies"), tuple(rows), n_words=3)


def frequent_table(runs: Sequence[Run]) -> Table:
    """The most frequent errors of each run and set; what happened once is no habit and stays out."""
    rows = []
    for run in runs:
        for name in run.rows:
            counts = Counter(error for case in run.cases(name) for error in case.judgement.errors)
            for error, n in counts.most_common(MOST):
                if n > 1:
                    shown = (KINDS[error.kind], _short(error.gold), _short(error.predicted))
                    rows.append((name, run.name, *shown, f"{n:,}"))
    columns = ("set", "run", "kind", "annotation", "answer", "times")
    return Table(f"The {MOST} most frequent errors of each set", columns, tuple(rows), n_words=5)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
