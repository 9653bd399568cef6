"""Judging: one module a metric, from an example and a prediction to numbers that add up over the examples.

The statistics of single examples are vectors; a set's figures are made from their sum, and so are those of a resampled
set, so a score and its interval share one path (as in sacrebleu).
"""

from __future__ import annotations

from eval.judging.base import CaseError, Judgement, Metric
from eval.judging.choice import ChoiceMetric
from eval.judging.classes import MultiClassMetric, SingleClassMetric
from eval.judging.entities import EntityMetric
from eval.judging.relations import RelationMetric
from eval.judging.texts import ReportMetric, RougeMetric, TranslationMetric

VERSION = 1
"""Of the rules; a change that can change a number raises it."""

_ROWS: tuple[Metric, ...] = (
    EntityMetric(),
    RelationMetric("relations", by_concept=False),
    RelationMetric("concept-relations", by_concept=True),
    MultiClassMetric(),
    SingleClassMetric(),
    ChoiceMetric("choice", by_option=False),
    ChoiceMetric("choice-macro", by_option=True),
    TranslationMetric("translation-en", target="en"),
    TranslationMetric("translation-zh", target="zh"),
    RougeMetric("rouge-en", lang="en"),
    RougeMetric("rouge-zh", lang="zh"),
    ReportMetric("report-zh", lang="zh"),
)

METRICS: dict[str, Metric] = {metric.id: metric for metric in _ROWS}

__all__ = ["METRICS", "VERSION", "CaseError", "Judgement", "Metric"]
