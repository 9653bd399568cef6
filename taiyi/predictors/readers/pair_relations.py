"""Relations between the names of a text: a linear model over hashed features of each pair of names.

A folder holds `pairs.safetensors`: `weights` (relations, rows) and `bias` (relations,). The card's `labels` stand in
the order of the relations; its `settings` hold `mentions` (the folder beside it whose reader finds the names) and
`pairs`, for each relation `head` and `tail` (labels of mentions), `score` (see `PairRelations`) and `threshold`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from taiyi.card import CARD_FILE, Card, read_card
from taiyi.document import Span
from taiyi.predictors.readers.pair_features import Name, PairReader, candidates, names_of, rows_of
from taiyi.tasks.relation import nearest_pair

WEIGHTS_FILE = "pairs.safetensors"
MENTION_KINDS = ("token_tagger", "nested_spans")


class MentionReader(Protocol):
    """Who finds the names."""

    def entities(self, text: str, labels: Sequence[str]) -> list[tuple[int, int, str, float]]:
        """(start, end, label, probability) of every mention of `labels`."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names of a text, the log-odds that they are related if both are right, and how sure it is that they are:
    the logarithm of the probability of each one's surest mention."""

    head: Name
    tail: Name
    log_odds: float
    head_sure: float
    tail_sure: float

    @property
    def features(self) -> tuple[float, float, float, float]:
        """What the score is made from."""
        return self.log_odds, self.head_sure, self.tail_sure, 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """A relation between two places."""

    label: str
    head: Span
    tail: Span
    score: float


class PairRelations:
    """Loaded weights. Reading changes nothing in it: several threads may.

    The score of a pair is a logistic function of its `features`, fitted on texts not trained on.
    """

    def __init__(
        self,
        mentions: MentionReader,
        labels: Sequence[str],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        pairs: Sequence[Mapping[str, Any]],
    ) -> None:
        self._mentions = mentions
        self._labels = tuple(labels)
        self._weights = weights
        self._bias = bias
        self._pairs = pairs

    def relations(self, text: str, labels: Sequence[str]) -> list[Found]:
        """The relations of `labels`: one for each two spellings of related names, at their places nearest together."""
        found = []
        for n, label in enumerate(self._labels):
            if label in labels:
                found += [
                    Found(label, head, tail, score)
                    for pair in self.pairs(text, n)
                    if (score := score_of(pair, self._pairs[n]["score"])) >= self._pairs[n]["threshold"]
                    for head, tail in by_spelling(text, pair)
                ]
        return found

    def pairs(self, text: str, n: int) -> Iterator[Pair]:
        """Every pair that relation `n` might hold between."""
        ends = self._pairs[n]["head"], self._pairs[n]["tail"]
        mentions = self._mentions.entities(text, tuple(dict.fromkeys(ends)))
        sure = {(start, end): score for start, end, _, score in mentions}
        names = names_of(text, [(start, end, label) for start, end, label, _ in mentions])
        reader = PairReader(text, names)
        for head, tail in candidates(text, names, *ends):
            rows = rows_of(reader.features(head, tail), self._weights.shape[1])
            log_odds = float(self._weights[n, rows].sum() + self._bias[n])
            sureness = (math.log(max(sure[place] for place in name.places)) for name in (head, tail))
            yield Pair(head, tail, log_odds, *sureness)


def score_of(pair: Pair, weights: Sequence[float]) -> float:
    """The probability that a pair is related."""
    logit = sum(weight * value for weight, value in zip(weights, pair.features, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def by_spelling(text: str, pair: Pair) -> list[tuple[Span, Span]]:
    """For each spelling of the head with each of the tail the places that are nearest to each other."""
    heads, tails = (_places_by_spelling(text, name) for name in (pair.head, pair.tail))
    return [nearest_pair(h, t) for h in heads.values() for t in tails.values()]


def _places_by_spelling(text: str, name: Name) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for start, end in name.places:
        found.setdefault(text[start:end], []).append(Span(start, end))
    return found


def load_weights(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (relations, rows) and bias (relations,) of a folder. Raises ValueError where they are damaged."""
    try:
        saved = load_file(folder / WEIGHTS_FILE)
    except SafetensorError as error:
        raise ValueError(f"{WEIGHTS_FILE} can't be read: {error}") from error
    return saved["weights"].astype(np.float32), saved["bias"].astype(np.float32)


def mention_reader(folder: Path, name: str) -> MentionReader:
    """The reader of the entity specialist `name` beside `folder`. Raises ValueError where there is none."""
    beside = folder.parent / name
    if not (beside / CARD_FILE).is_file():
        raise ValueError(f"its names are found by the specialist {name}, which is not beside it")
    card = read_card(beside)
    if card.kind not in MENTION_KINDS:
        raise ValueError(f"the specialist {name} is a {card.kind}, which finds no names")
    reader: MentionReader = import_module(f"taiyi.predictors.readers.{card.kind}").load(beside, card)
    return reader


def load(folder: Path, card: Card) -> PairRelations:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    mentions = mention_reader(folder, card.settings["mentions"])
    weights, bias = load_weights(folder)
    if not len(weights) == len(bias) == len(card.labels) == len(card.settings["pairs"]):
        raise ValueError(f"{WEIGHTS_FILE} does not fit the card: {len(weights)} relations, {len(card.labels)} labels")
    return PairRelations(mentions, tuple(card.labels), weights, bias, card.settings["pairs"])
