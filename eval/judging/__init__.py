"""Judging: one module a metric, from an example and a prediction to numbers that add up over the examples.

The statistics of single examples are vectors; a set's figures are made from their sum, and so are those of a resampled
set, so a score and its interval share one path (as in sacrebleu).
"""

from __future__ import annotations

from eval.judging.base import CaseError, Judgement, Metric

METRICS: dict[str, Metric] = {}

__all__ = ["METRICS", "CaseError", "Judgement", "Metric"]
