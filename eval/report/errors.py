"""What went wrong, by kind and set, and what went wrong most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eval.judging.base import CaseError, ErrorKind
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


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each error came up in a run's answers to a set."""

    run: Run
    set: str
    errors: Counter[CaseError]

    def by_kind(self) -> Counter[ErrorKind]:
        """How many errors of each kind there are."""
        counts = Counter[ErrorKind]()
        for error, n in self.errors.items():
            counts[error.kind] += n
        return counts


def tallies(runs: Sequence[Run]) -> list[Tally]:
    """The errors of each run and set, counted over all its records."""
    return [
        Tally(run, name, Counter(error for case in run.cases(name) for error in case.judgement.errors))
        for run in runs
        for name in run.rows
    ]


def errors_table(counted: Sequence[Tally]) -> Table:
    """Errors of each kind, and replies that could not be read, by run and set."""
    rows = []
    for tally in counted:
        run, by_kind = tally.run, tally.by_kind()
        numbers = (f"{n:,}" for n in (*map(by_kind.__getitem__, KINDS), run.rows[tally.set]["unparsed"]))
        rows.append((tally.set, run.name, run.split(tally.set), *numbers))
    return Table("Errors by kind", ("set", "run", "part", *KINDS.values(), "unparsed replies"), tuple(rows), n_words=3)


def frequent_table(counted: Sequence[Tally]) -> Table:
    """The most frequent errors of each run and set; what happened once is no habit and stays out."""
    rows = []
    for tally in counted:
        for error, n in tally.errors.most_common(MOST):
            if n > 1:
                shown = (KINDS[error.kind], _short(error.gold), _short(error.predicted))
                rows.append((tally.set, tally.run.name, *shown, f"{n:,}"))
    columns = ("set", "run", "kind", "annotation", "answer", "times")
    return Table(f"The {MOST} most frequent errors of each set", columns, tuple(rows), n_words=5)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
