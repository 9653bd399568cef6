"""A set's score: figures, interval and signature from predictions, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.judging.base import Judgement
from eval.prediction import Prediction
from eval.sets import EvalSet
from taiyi.tasks.base import Example

DRAWS = 1000


@dataclass(frozen=True, slots=True)
class SetScore:
    """The score of one set.

    `figures` holds the headline and what stands beside it; `low` and `high` are the ends of the headline's 95 %
    bootstrap interval. `n` examples were scored; for `n_missing` of them there was no prediction and `n_unparsed`
    replies could not be read; of `n_written` items `n_ungrounded` don't stand in the text.
    """

    set: str
    metric: str
    headline: str
    figures: dict[str, float]
    low: float
    high: float
    n: int
    n_unparsed: int
    n_missing: int
    n_written: int
    n_ungrounded: int
    signature: str
    per_type: dict[str, dict[str, float]] = field(default_factory=dict)
    judgements: tuple[Judgement, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The row of a score: full floats, rounded only where they are printed."""
        row: dict[str, Any] = {"set": self.set, "metric": self.metric, **self.figures}
        row |= {"low": self.low, "high": self.high, "n": self.n, "unparsed": self.n_unparsed}
        row |= {"missing": self.n_missing, "written": self.n_written, "ungrounded": self.n_ungrounded}
        if self.per_type:
            row["per_type"] = self.per_type
        return row | {"signature": self.signature}


def score_set(
    eval_set: EvalSet,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> SetScore:
    """Judge each prediction against its example and add up. Both are in the same order."""
    raise NotImplementedError
