"""What a metric is and what it says of one example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from eval.prediction import Prediction
from taiyi.tasks.base import Example

ErrorKind = Literal["missing", "invented", "border", "type"]


@dataclass(frozen=True, slots=True)
class CaseError:
    """One thing that is wrong with a prediction, as shown: what is right and what was said ("" where there is none).

    "missing" was not found, "invented" is not in the annotation, "border" has the type but other borders, "type" the
    text but another type.
    """

    kind: ErrorKind
    gold: str = ""
    predicted: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a metric says of one example.

    `stats` (k,) adds up over examples. `unparsed`: no answer could be read. Of the `n_written` items that were written
    `n_ungrounded` don't stand in the text.
    """

    id: str
    stats: np.ndarray
    unparsed: bool = False
    n_written: int = 0
    n_ungrounded: int = 0
    errors: tuple[CaseError, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The `score` of a record."""
        return {
            "stats": self.stats.tolist(),
            "unparsed": self.unparsed,
            "written": self.n_written,
            "ungrounded": self.n_ungrounded,
            "errors": [{"kind": e.kind, "gold": e.gold, "predicted": e.predicted} for e in self.errors],
        }

    @classmethod
    def from_dict(cls, id: str, row: Mapping[str, Any]) -> Judgement:
        """The judgement of a record's `score`."""
        return cls(
            id,
            np.asarray(row["stats"], dtype=float),
            row["unparsed"],
            row["written"],
            row["ungrounded"],
            tuple(CaseError(**error) for error in row["errors"]),
        )


class Metric(Protocol):
    """One way to score. Implementations are stateless values.

    `headline` is the figure that counts ("f1", "accuracy", "bleu", "rouge_l"), and `name` what it is called in tables
    ("micro-F1", "accuracy", ...).
    `headline_columns` are those of the statistics that it is made of.
    """

    id: str
    headline: str
    headline_columns: slice
    name: str

    @property
    def rule(self) -> str:
        """What is compared, in one line without `|`; with the version of a library that does it."""
        ...

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """One prediction against its gold."""
        ...

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """All figures, the headline among them, in [0, 1] (BLEU and chrF in [0, 100]), from the sum of `stats`."""
        ...

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """Precision, recall and F1 of each label, from the sum of `stats`; empty where the metric has none."""
        ...


def headline_of(metric: Metric, total: np.ndarray) -> float:
    """The figure that counts, from a sum of statistics."""
    return metric.figures(total)[metric.headline]


def headline_stats(metric: Metric, judgements: Sequence[Judgement]) -> np.ndarray:
    """(n, k) the statistics of judgements with noughts where the headline needs none: what is to be resampled for its
    interval then has few distinct rows."""
    stats = np.stack([judgement.stats for judgement in judgements])
    kept = np.zeros_like(stats)
    kept[:, metric.headline_columns] = stats[:, metric.headline_columns]
    return kept
