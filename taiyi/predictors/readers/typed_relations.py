"""Relations of several types between the names of a passage: a softmax over hashed features of each pair of names.

A folder holds `pairs.safetensors`: `weights` (1 + types, rows) and `bias` (1 + types,), those of "not related" first.
The card's `labels` stand in the order of the types. Its `settings` hold

- `mentions`: the folder beside it whose reader finds the names,
- `passage`: "sentence", or "text" where relations cross sentences,
- `ends`: the labels of head and tail of the pairs that are looked at,
- `directed`: false where a pair is looked at once, its first name as the head,
- `score`: the weights of the logistic function of `Pair.features` that is a pair's score, and `threshold`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taiyi.card import Card
from taiyi.document import Span
from taiyi.predictors.readers.marked_text import MarkedText
from taiyi.predictors.readers.pair_features import Name, Place, names_of, rows_of
from taiyi.predictors.readers.pair_relations import (
    WEIGHTS_FILE,
    Found,
    MentionReader,
    Pair,
    by_spelling,
    load_weights,
    mention_reader,
    score_of,
)
from taiyi.segment import sentence_ends

MAX_NAMES = 60
"""Of a passage with more names (a list, a table) the first so many are looked at."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or a text, from code point `start` of the whole, with its names; their places count from `start`."""

    start: int
    text: str
    names: tuple[Name, ...]

    def whole(self, span: Span) -> Span:
        """The place in the whole text of a place in the passage."""
        return Span(self.start + span.start, self.start + span.end)

    def pairs(self, ends: Sequence[Sequence[str]], *, directed: bool) -> Iterator[tuple[Name, Name]]:
        """The pairs of different names with one of these (head label, tail label)."""
        kinds = {tuple(labels) for labels in ends}
        for (n, head), (m, tail) in product(enumerate(self.names), repeat=2):
            if (n < m or (directed and n > m)) and (head.label, tail.label) in kinds:
                yield head, tail


def passages(text: str, mentions: Sequence[tuple[int, int, str]], unit: str, lang: str) -> Iterator[Passage]:
    """The passages that hold mentions (start, end, label). A mention across a sentence's end is left out."""
    borders = [0, *sentence_ends(text, lang), len(text)] if unit == "sentence" else [0, len(text)]
    for start, end in pairwise(borders):
        inside = [(s - start, e - start, label) for s, e, label in mentions if start <= s and e <= end]
        if inside:
            part = text[start:end]
            yield Passage(start, part, tuple(names_of(part, inside)[:MAX_NAMES]))


class TypedRelations:
    """Loaded weights. Reading changes nothing in it: several threads may."""

    def __init__(
        self,
        mentions: MentionReader,
        labels: Sequence[str],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        settings: Mapping[str, Any],
        lang: str,
    ) -> None:
        self._mentions = mentions
        self._labels = tuple(labels)
        self._weights = weights
        self._bias = bias
        self._settings = settings
        self._lang = lang

    def relations(self, text: str, labels: Sequence[str]) -> list[Found]:
        """Of each pair its likeliest type, where that is one of `labels` and sure enough: one relation for each two
        spellings, at their places nearest together. Two names are related once, by their surest passage."""
        best: dict[tuple[str, str, str], Found] = {}
        for passage, pair, label in self.pairs(text):
            score = score_of(pair, self._settings["score"])
            if label not in labels or score < self._settings["threshold"]:
                continue
            for head, tail in by_spelling(passage.text, pair):
                key = label, passage.text[head.start : head.end], passage.text[tail.start : tail.end]
                if key not in best or best[key].score < score:
                    best[key] = Found(label, passage.whole(head), passage.whole(tail), score)
        return list(best.values())

    def pairs(self, text: str) -> Iterator[tuple[Passage, Pair, str]]:
        """Every pair of names that is looked at, with its likeliest type."""
        asked = tuple(dict.fromkeys(label for ends in self._settings["ends"] for label in ends))
        mentions = self._mentions.entities(text, asked)
        sure = {(start, end): score for start, end, _, score in mentions}
        places = [(start, end, label) for start, end, label, _ in mentions]
        for passage in passages(text, places, self._settings["passage"], self._lang):
            reader = MarkedText(passage.text, passage.names)
            for head, tail in passage.pairs(self._settings["ends"], directed=self._settings["directed"]):
                rows = rows_of(reader.features(head, tail), self._weights.shape[1])
                best, log_odds = self._likeliest(rows)
                sureness = (_sureness(name, passage.start, sure) for name in (head, tail))
                yield passage, Pair(head, tail, log_odds, *sureness), self._labels[best]

    def _likeliest(self, rows: Sequence[int]) -> tuple[int, float]:
        """The number of the likeliest type, and the log-odds of it against all else."""
        logits = self._weights[:, rows].sum(axis=1) + self._bias
        best = 1 + int(logits[1:].argmax())
        return best - 1, float(logits[best] - np.logaddexp.reduce(np.delete(logits, best)))


def _sureness(name: Name, start: int, sure: Mapping[Place, float]) -> float:
    """The logarithm of the probability of a name's surest mention."""
    return math.log(max(sure[first + start, end + start] for first, end in name.places))


def load(folder: Path, card: Card) -> TypedRelations:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    weights, bias = load_weights(folder)
    if not len(weights) == len(bias) == 1 + len(card.labels):
        raise ValueError(f"{WEIGHTS_FILE} does not fit the card: {len(weights) - 1} types, {len(card.labels)} labels")
    return TypedRelations(
        mention_reader(folder, card.settings["mentions"]), tuple(card.labels), weights, bias, card.settings, card.lang
    )
