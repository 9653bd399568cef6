"""The metrics of the paper's tasks, as functions from values to values.

Counts of single documents add up to those of a set, so a set's score, a document's and a resampled one share one path.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from taiyi.document import Document


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """tp / (tp + fp); 0.0 where nothing was predicted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """tp / (tp + fn); 0.0 where nothing was to be found."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0


def compare(gold: Iterable[Hashable], predicted: Iterable[Hashable]) -> Counts:
    """Counts over two sets of items; an item that is named twice counts once."""
    wanted, found = set(gold), set(predicted)
    return Counts(len(wanted & found), len(found - wanted), len(wanted - found))


def micro_f1(counts: Counts) -> float:
    """2tp / (2tp + fp + fn) in [0, 1]; 0.0 where there is neither gold nor prediction."""
    total = 2 * counts.tp + counts.fp + counts.fn
    return 2 * counts.tp / total if total else 0.0


def mention_items(document: Document, labels: Iterable[str] | None = None) -> set[tuple[str, str]]:
    """What entities are compared by: type and text, not place (paper, "Evaluation tasks"); of `labels`, if given."""
    wanted = None if labels is None else set(labels)
    return {(e.label, document.text_of(e.spans)) for e in document.entities if wanted is None or e.label in wanted}


def place_items(document: Document, labels: Iterable[str] | None = None) -> set[tuple[str, int, int]]:
    """Type and place of each entity: the stricter comparison of the corpora's own scorers."""
    wanted = None if labels is None else set(labels)
    return {(e.label, e.start, e.end) for e in document.entities if wanted is None or e.label in wanted}


def entity_counts(
    gold: Sequence[Document], predicted: Sequence[Document], labels: Iterable[str] | None = None
) -> Counts:
    """Counts of type-and-text pairs, compared as sets within each document and added up.

    Raises ValueError where the two are not of equal length.
    """
    chosen = None if labels is None else tuple(labels)
    pairs = zip(gold, predicted, strict=True)
    return sum((compare(mention_items(g, chosen), mention_items(p, chosen)) for g, p in pairs), Counts())


def label_counts(gold: Sequence[Iterable[str]], predicted: Sequence[Iterable[str]]) -> Counts:
    """Counts of classes where several may hold, added up over the texts; `micro_f1` of them is HoC's score."""
    return sum((compare(g, p) for g, p in zip(gold, predicted, strict=True)), Counts())


def accuracy(gold: Sequence[Hashable], predicted: Sequence[Hashable]) -> float:
    """The share of texts with the right class, in [0, 1]; 0.0 for no texts."""
    hits = sum(g == p for g, p in zip(gold, predicted, strict=True))
    return hits / len(gold) if gold else 0.0


def calibration_error(scores: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error in [0, 1]: |mean score - share right| of each of `bins` equal ranges of the score,
    weighted by how many fall into it (Guo et al. 2017, arXiv:1706.04599, equation 3)."""
    rows = reliability(scores, right, bins)
    n = sum(row.n for row in rows)
    return sum(row.n * abs(row.mean_score - row.share_right) for row in rows) / n if n else 0.0


@dataclass(frozen=True, slots=True)
class ReliabilityRow:
    """One range of scores: its lower end, how many items fall into it, their mean score, the share that is right."""

    low: float
    n: int
    mean_score: float
    share_right: float


def reliability(scores: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[ReliabilityRow]:
    """The ranges of the score that hold any item, from low to high; a score of 1 falls into the last."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for score, is_right in zip(scores, right, strict=True):
        groups.setdefault(min(int(score * bins), bins - 1), []).append((score, is_right))
    return [
        ReliabilityRow(
            index / bins, len(rows), sum(score for score, _ in rows) / len(rows), sum(ok for _, ok in rows) / len(rows)
        )
        for index, rows in sorted(groups.items())
    ]
