"""Counts as columns of statistics: what the metrics over sets of items share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from eval.metrics import Counts, micro_f1
from eval.prediction import Prediction

Item = tuple[str, ...]
"""What is compared: the label first, then what carries it."""


def surface(text: str) -> str:
    """A mention as it is compared: white space at its ends is dropped and any within is one space (some annotations
    hold line breaks, and no reply can); case and width count."""
    return " ".join(text.split())


def columns(counts: Counts) -> tuple[int, int, int]:
    """Counts as three columns of statistics."""
    return counts.tp, counts.fp, counts.fn


def counts_of(columns: Sequence[float] | np.ndarray) -> Counts:
    """The counts of three columns."""
    tp, fp, fn = (int(value) for value in columns)
    return Counts(tp, fp, fn)


def prf(counts: Counts) -> dict[str, float]:
    """Precision, recall and F1."""
    return {"precision": counts.precision, "recall": counts.recall, "f1": micro_f1(counts)}


def label_columns(gold: Iterable[Item], predicted: Iterable[Item], labels: Sequence[str]) -> np.ndarray:
    """(3 * labels,) true positives, false positives and false negatives of each label, in the order of `labels`."""
    row_by_label = {label: n for n, label in enumerate(labels)}
    table = np.zeros((len(labels), 3))
    wanted, found = set(gold), set(predicted)
    for column, items in enumerate((wanted & found, found - wanted, wanted - found)):
        for item in items:
            table[row_by_label[item[0]], column] += 1
    return table.ravel()


def label_figures(columns: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each label from `label_columns`."""
    return {label: prf(counts_of(row)) for label, row in zip(labels, columns.reshape(-1, 3), strict=True)}


def macro_f1(columns: np.ndarray) -> float:
    """The mean F1 of the labels that occur in gold or predictions, as scikit-learn's `macro` has it; 0.0 for none."""
    rows = [counts_of(row) for row in columns.reshape(-1, 3) if row.any()]
    return sum(map(micro_f1, rows)) / len(rows) if rows else 0.0


def is_unreadable(prediction: Prediction, n_read: int) -> bool:
    """Whether a reply says something but nothing of it could be read: neither its lines nor any label in them."""
    return not n_read and any(
        issue.kind == "unparsed" or (issue.kind == "label" and issue.label is None) for issue in prediction.issues
    )
