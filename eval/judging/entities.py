"""Entities: micro-F1 over the set of (type, text) of each document, as the paper scores them, and by place beside it.

Paper, "Evaluation tasks": exact match of entity text and type without the span, micro-averaged. A name that stands ten
times in an abstract is one item, and repeating it in a reply neither helps nor hurts. The scorers of BC5CDR and
CHEMDNER (BioCreative), of NCBI (DNorm) and of CMeEE (CBLUE: type, start and end) compare places instead: that is
`offset_f1`, which is given only where every prediction has places. A reply names a mention once and so stands for all
its places in the text; the two figures differ where the annotation has some of them only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from eval.judging.base import CaseError, Judgement
from eval.judging.counting import (
    Item,
    columns,
    counts_of,
    is_unreadable,
    label_columns,
    label_figures,
    prf,
    surface,
)
from eval.judging.pairing import paired_errors
from eval.metrics import compare, micro_f1
from eval.prediction import GivenMention, Prediction
from taiyi.document import Document, Span
from taiyi.tasks.base import Example

Places = dict[Item, list[tuple[Span, ...]]]
"""(type, text) → where it was marked: no place where none was given, and () where it stands nowhere in the text."""

_UNPLACED, _OFFSETS, _LABELS = 3, slice(4, 7), 7
NOT_IN_TEXT = frozenset({"absent", "part"})
"""Issues of a mention that was written but does not stand in the text as written."""


class EntityMetric:
    """Statistics: tp, fp, fn of (type, text); 1 where the prediction lacks places; tp, fp, fn of (type, place); tp, fp,
    fn of each label."""

    id = "entities"
    name = "micro-F1"
    headline = "f1"
    headline_columns = slice(3)
    rule = "micro-F1 over the set of (type, text) of each document"

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """What was written and stands nowhere in the text is a false positive like any other."""
        labels = example.request.labels
        gold = _marked(example.gold, labels)
        found, n_ungrounded = _predicted(example, prediction)
        placed = all(found.values())
        stats = np.concatenate(
            [
                columns(compare(gold, found)),
                [not placed],
                columns(compare(_by_place(gold), _by_place(found))),
                label_columns(gold, found, labels),
            ]
        )
        return Judgement(
            example.id,
            stats,
            unparsed=is_unreadable(prediction, len(found)),
            n_written=len(found),
            n_ungrounded=n_ungrounded,
            errors=_errors(gold, found, example.gold.text),
        )

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """Precision, recall and F1; `offset_f1` where all predictions have places."""
        figures = prf(counts_of(total[:3]))
        if not total[_UNPLACED]:
            figures["offset_f1"] = micro_f1(counts_of(total[_OFFSETS]))
        return figures

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """Precision, recall and F1 of each type by (type, text), as the paper's Table 3 has them."""
        return label_figures(total[_LABELS:], labels)


def _marked(document: Document, labels: Collection[str]) -> Places:
    places: Places = {}
    for entity in document.entities:
        if entity.label in labels:
            places.setdefault((entity.label, surface(document.text_of(entity.spans))), []).append(entity.spans)
    return places


def _predicted(example: Example, prediction: Prediction) -> tuple[Places, int]:
    """What was predicted, with its places, and how many of it don't stand in the text."""
    if prediction.items is not None:
        places = _given(prediction.items)
        text = surface(example.gold.text)
        return places, sum(mention not in text for _, mention in places)
    places = _marked(prediction.document, example.request.labels) if prediction.document else {}
    ungrounded = {
        (issue.label, surface(issue.detail))
        for issue in prediction.issues
        if issue.kind in NOT_IN_TEXT and issue.label is not None and issue.label in example.request.labels
    } - places.keys()
    return {**places, **{item: [()] for item in ungrounded}}, len(ungrounded)


def _given(items: Sequence[object]) -> Places:
    places: Places = {}
    for item in items:
        assert isinstance(item, GivenMention)
        marked = places.setdefault((item.label, surface(item.text)), [])
        if item.start is not None and item.end is not None:
            marked.append((Span(item.start, item.end),))
    return places


def _by_place(places: Places) -> set[tuple[str, tuple[Span, ...] | str]]:
    """(type, place) of each mark; what was written and stands nowhere keeps its text for a place."""
    return {(item[0], spans or item[1]) for item, marks in places.items() for spans in marks}


def _errors(gold: Places, found: Places, text: str) -> tuple[CaseError, ...]:
    def difference(missed: Item, said: Item) -> int | None:
        if missed[1] == said[1]:
            return 0
        same = missed[0] == said[0] and _overlap(gold[missed], found[said], said[1], text)
        return max(1, abs(len(missed[1]) - len(said[1]))) if same else None

    return tuple(paired_errors(gold.keys() - found.keys(), found.keys() - gold.keys(), difference, ": ".join))


def _overlap(gold: Sequence[tuple[Span, ...]], found: Sequence[tuple[Span, ...]], mention: str, text: str) -> bool:
    """Whether two mentions share characters; one without a place may stand wherever its text does."""
    ours = [span for spans in gold for span in spans]
    theirs = [span for spans in found for span in spans] or _occurrences(mention, text)
    return any(a.start < b.end and b.start < a.end for a in ours for b in theirs)


def _occurrences(mention: str, text: str) -> list[Span]:
    starts = []
    at = text.find(mention)
    while at >= 0 and mention:
        starts.append(at)
        at = text.find(mention, at + 1)
    return [Span(start, start + len(mention)) for start in starts]
