"""From the logits of the Chinese reader to probabilities and thresholds, and to the figures of its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from eval.metrics import Counts, ReliabilityRow, calibration_error, compare, micro_f1, reliability
from finetune.specialists.chinese_corpora import Annotated
from taiyi.predictors.readers.nested_spans import Calibration, Found, without_crossings

Place = tuple[int, int, str]  # start, end, label


def calibrated(
    found: Sequence[Sequence[Found]], gold: Sequence[set[Place]], labels: Sequence[str]
) -> dict[str, Calibration]:
    """Platt scaling with one scale for all labels and a shift for each (Platt 1999), then the thresholds of the best F1
    by place: one for all labels first, then each label's own, the others held."""
    rows = [
        (logit, labels.index(label), (start, end, label) in wanted)
        for candidates, wanted in zip(found, gold, strict=True)
        for start, end, label, logit in candidates
    ]
    logits, index, right = (torch.tensor(column) for column in zip(*rows, strict=True))
    scale, shifts = torch.ones((), requires_grad=True), torch.zeros(len(labels), requires_grad=True)
    optimizer = torch.optim.LBFGS([scale, shifts], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(scale * logits + shifts[index], right.float())
        loss = loss + 1e-4 * (shifts**2).mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    made = {label: Calibration(round(scale.item(), 4), round(shifts[n].item(), 4)) for n, label in enumerate(labels)}
    grid = [round(0.02 * n, 2) for n in range(5, 36)]

    def total(thresholds: Mapping[str, float]) -> float:
        tried = {label: Calibration(c.scale, c.shift, thresholds[label]) for label, c in made.items()}
        return micro_f1(place_counts(found, gold, tried))

    thresholds = dict.fromkeys(labels, max(grid, key=lambda t: total(dict.fromkeys(labels, t))))
    for label in labels:
        thresholds[label] = max(grid, key=lambda t: (total(thresholds | {label: t}), -abs(t - thresholds[label])))
    return {label: Calibration(c.scale, c.shift, thresholds[label]) for label, c in made.items()}


def returned(found: Sequence[Found], calibrations: Mapping[str, Calibration]) -> list[Found]:
    """What the reader returns of candidates: (start, end, label, probability)."""
    likely = [(s, e, label, calibrations[label].probability(logit)) for s, e, label, logit in found]
    return without_crossings([row for row in likely if row[3] >= calibrations[row[2]].threshold])


def place_counts(
    found: Sequence[Sequence[Found]], gold: Sequence[set[Place]], calibrations: Mapping[str, Calibration]
) -> Counts:
    """Counts by place and label."""
    pairs = zip(found, gold, strict=True)
    return sum((compare(g, [row[:3] for row in returned(f, calibrations)]) for f, g in pairs), Counts())


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one part. `inner` counts the mentions that lie inside another one."""

    n_texts: int
    by_text: Mapping[str, Counts]
    by_place: Counts
    inner: Counts
    calibration_error: float
    reliability: Sequence[ReliabilityRow]

    def values(self) -> dict[str, float]:
        """The figures by the name of their metric."""
        total = sum(self.by_text.values(), Counts())
        return {
            "micro-F1, text and type": micro_f1(total),
            "precision, text and type": total.precision,
            "recall, text and type": total.recall,
            "micro-F1, place and type": micro_f1(self.by_place),
            "recall of mentions inside others, place and type": self.inner.recall,
            "expected calibration error": self.calibration_error,
        }


def measure(
    found: Sequence[Sequence[Found]],
    gold: Sequence[set[Place]],
    texts: Sequence[Annotated],
    calibrations: Mapping[str, Calibration],
) -> Figures:
    """Every figure of the card, on one part."""
    kept = [returned(candidates, calibrations) for candidates in found]
    places = [{row[:3] for row in rows} for rows in kept]
    by_text = dict.fromkeys(calibrations, Counts())
    for text, rows, wanted in zip(texts, places, gold, strict=True):
        for label in calibrations:
            by_text[label] += compare(_surfaces(text.text, wanted, label), _surfaces(text.text, rows, label))
    inner = [compare(_inner(wanted), _inner(wanted) & rows) for wanted, rows in zip(gold, places, strict=True)]
    scores = [row[3] for rows in kept for row in rows]
    right = [row[:3] in wanted for rows, wanted in zip(kept, gold, strict=True) for row in rows]
    return Figures(
        len(texts),
        by_text,
        sum((compare(wanted, rows) for wanted, rows in zip(gold, places, strict=True)), Counts()),
        sum(inner, Counts()),
        calibration_error(scores, right),
        reliability(scores, right),
    )


def _surfaces(text: str, places: set[Place], label: str) -> set[str]:
    return {text[start:end] for start, end, own in places if own == label}


def _inner(mentions: set[Place]) -> set[Place]:
    """Those that lie inside another one."""
    return {m for m in mentions if any(o[:2] != m[:2] and o[0] <= m[0] and m[1] <= o[1] for o in mentions)}
