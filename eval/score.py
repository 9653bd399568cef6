"""A set's score: figures, interval and signature from predictions, without a model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from eval.bootstrap import interval
from eval.judging import METRICS, VERSION, Judgement, Metric
from eval.judging.base import headline_of, headline_stats
from eval.prediction import Prediction
from eval.sets import EvalSet
from taiyi.errors import InputError
from taiyi.tasks import TASKS
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
    split: str = "test",
    draws: int = DRAWS,
    seed: int = 0,
) -> SetScore:
    """Judge each prediction against its example and add up.

    Raises InputError where there are no examples, and ValueError where the two don't go together.
    """
    metric = METRICS[eval_set.metric]
    judgements = tuple(judge_all(metric, examples, predictions))
    n_missing = sum(prediction.missing for prediction in predictions)
    labels = examples[0].request.labels or examples[0].request.options if examples else ()
    signature = signature_of(eval_set, examples, split=split, draws=draws, seed=seed)
    return score_judgements(
        eval_set, judgements, labels=labels, n_missing=n_missing, signature=signature, draws=draws, seed=seed
    )


def judge_all(metric: Metric, examples: Sequence[Example], predictions: Sequence[Prediction]) -> Iterator[Judgement]:
    """The judgement of each example, in their order. Raises ValueError where a prediction is another example's."""
    for example, prediction in zip(examples, predictions, strict=True):
        if example.id != prediction.id:
            raise ValueError(f"the prediction for {prediction.id} stands in the place of {example.id}")
        yield metric.judge(example, prediction)


def score_judgements(
    eval_set: EvalSet,
    judgements: Sequence[Judgement],
    *,
    labels: Sequence[str],
    n_missing: int,
    signature: str,
    draws: int,
    seed: int,
) -> SetScore:
    """The score that judgements add up to. Raises InputError where there are none."""
    if not judgements:
        raise InputError(f"{eval_set.name} has no examples to score.")
    metric = METRICS[eval_set.metric]
    total = np.sum([judgement.stats for judgement in judgements], axis=0)
    low, high = interval(headline_stats(metric, judgements), partial(headline_of, metric), draws, seed)
    return SetScore(
        set=eval_set.name,
        metric=metric.name,
        headline=metric.headline,
        figures=metric.figures(total),
        low=low,
        high=high,
        n=len(judgements),
        n_unparsed=sum(judgement.unparsed for judgement in judgements),
        n_missing=n_missing,
        n_written=sum(judgement.n_written for judgement in judgements),
        n_ungrounded=sum(judgement.n_ungrounded for judgement in judgements),
        signature=signature,
        per_type=metric.per_type(total, labels),
        judgements=tuple(judgements),
    )


def signature_of(eval_set: EvalSet, examples: Sequence[Example], *, split: str, draws: int, seed: int) -> str:
    """How a number was made, in one line: rule, version, prompt, split, size, resampling."""
    prompt = eval_set.template
    if examples:
        prompt = f"{examples[0].request.template}#{prompt_hash(examples[0])}"
    parts = {
        "rule": METRICS[eval_set.metric].rule,
        "version": VERSION,
        "prompt": prompt,
        "split": split,
        "n": len(examples),
        "draws": draws,
        "seed": seed,
    }
    return "|".join(f"{key}:{value}" for key, value in parts.items())


def prompt_hash(example: Example) -> str:
    """Eight hex digits that change whenever the set's prompt does: of the filled template with the example's own text,
    question and options left out."""
    request = example.request
    blank = replace(request, text="{text}", question="", text_b="", options=("{option}",) if request.options else ())
    conversation = TASKS[request.task].prompt(blank)
    written = "\n".join(f"{message.role}: {message.content}" for message in conversation.messages)
    return hashlib.sha256(written.encode("utf-8")).hexdigest()[:8]
