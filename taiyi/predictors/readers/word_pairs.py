"""Whether two short English texts mean the same: a logistic regression over what they share and what only one has.

A folder holds `pairs.safetensors`: `rarity` (rows,), by the hashed word; `mean` and `spread` (shares,) of the shares of
`shares_of`; `weights` (rows,) of the hashed features and `share_weights` (shares,); `bias` (1,). The card's `labels`
are what holds and what else; its `settings` hold `temperature`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from taiyi.card import Card
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.readers.word_forms import spans_of, word_form

WEIGHTS_FILE = "pairs.safetensors"
MAX_CHARS = 2_000
GRAM_CHARS = 4
N_SHARES = 10
ARRAYS = ("rarity", "mean", "spread", "weights", "share_weights", "bias")

Rarity = Callable[[str], float]
"""How much it says that a word is there: the logarithm of how few texts have it."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text in words, pairs of neighbours and pieces of words."""

    forms: tuple[str, ...]
    kinds: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    grams: frozenset[str]


def words_of(text: str) -> Words:
    """The words of a text; digits count."""
    forms = tuple(text[start:end].lower() for start, end in spans_of(text[:MAX_CHARS]))
    grams = frozenset(gram for form in forms for gram in _grams(f"<{word_form(form)}>"))
    return Words(forms, frozenset(forms), frozenset(pairwise(forms)), grams)


def _grams(word: str) -> Iterator[str]:
    yield from (word[n : n + GRAM_CHARS] for n in range(max(1, len(word) - GRAM_CHARS + 1)))


def shares_of(one: Words, other: Words, rarity: Rarity) -> list[float]:
    """How much the two have in common, by rare words, pieces of words and pairs of words, how long they are, and how
    rare the rarest words are that both or only one has. The same whichever comes first. *Length:* N_SHARES."""
    shared, apart = one.kinds & other.kinds, one.kinds ^ other.kinds
    common = sum(map(rarity, shared))
    parts = sorted(common / (sum(map(rarity, words.kinds)) or 1.0) for words in (one, other))
    shorter, longer = sorted((len(one.forms), len(other.forms)))
    return [
        *parts,
        _share(one.grams & other.grams, one.grams | other.grams),
        _share(one.grams & other.grams, min(one.grams, other.grams, key=len)),
        _share(one.pairs & other.pairs, one.pairs | other.pairs),
        math.log((1 + shorter) / (1 + longer)),
        shorter / 30,
        longer / 30,
        max(map(rarity, apart), default=0.0),
        max(map(rarity, shared), default=0.0),
    ]


def _share(some: frozenset[object] | frozenset[str], all_: frozenset[object] | frozenset[str]) -> float:
    return len(some) / (len(all_) or 1)


def features_of(one: Words, other: Words) -> list[str]:
    """Which words and pairs of words both have and which only one, how long they begin and end alike, and whether their
    numbers differ; none twice, the same whichever comes first."""
    numbers = [{form for form in words.kinds if form.isdigit()} for words in (one, other)]
    return [
        *(f"both {form}" for form in sorted(one.kinds & other.kinds)),
        *(f"only {form}" for form in sorted(one.kinds ^ other.kinds)),
        *(f"both {a} {b}" for a, b in sorted(one.pairs & other.pairs)),
        *(f"only {a} {b}" for a, b in sorted(one.pairs ^ other.pairs)),
        f"begin {_alike(one.forms, other.forms)}",
        f"end {_alike(one.forms[::-1], other.forms[::-1])}",
        f"numbers {bool(numbers[0] & numbers[1])} {bool(numbers[0] ^ numbers[1])}",
    ]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the beginning are the same, 5 for more."""
    return min(5, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


class WordPairs:
    """Loaded weights. Reading changes nothing in it: several threads may. Of longer texts the first `max_chars` are
    compared."""

    max_chars = MAX_CHARS

    def __init__(
        self, arrays: Mapping[str, NDArray[np.float32]], labels: Sequence[str], temperature: float = 1.0
    ) -> None:
        self._arrays = arrays
        self._labels = tuple(labels)
        self._temperature = temperature

    def compare(self, text: str, other: str, labels: Sequence[str]) -> list[tuple[str, float]]:
        """(label, probability) of each of `labels`, the likeliest first."""
        holds = 1 / (1 + math.exp(-max(-30.0, min(30.0, self.log_odds(text, other) / self._temperature))))
        rows = [row for row in zip(self._labels, (holds, 1 - holds), strict=True) if row[0] in labels]
        return sorted(rows, key=lambda row: -row[1])

    def log_odds(self, text: str, other: str) -> float:
        """Those that the first label holds, before the temperature."""
        one, two = words_of(text), words_of(other)
        arrays = self._arrays
        n_rows = len(arrays["weights"])
        shares = np.array(shares_of(one, two, rarity_in(arrays["rarity"])), np.float32)
        dense = float((shares - arrays["mean"]) / arrays["spread"] @ arrays["share_weights"])
        return dense + float(arrays["weights"][rows_of(features_of(one, two), n_rows)].sum() + arrays["bias"][0])


def rarity_in(table: NDArray[np.float32]) -> Rarity:
    """The rarity of a word by a table of hashed words (rows,)."""
    return lambda word: float(table[rows_of([word], len(table))[0]])


def load(folder: Path, card: Card) -> WordPairs:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    try:
        arrays = {name: array.astype(np.float32) for name, array in load_file(folder / WEIGHTS_FILE).items()}
    except SafetensorError as error:
        raise ValueError(f"{WEIGHTS_FILE} can't be read: {error}") from error
    if set(arrays) != set(ARRAYS) or len(arrays["share_weights"]) != N_SHARES or len(card.labels) != 2:
        raise ValueError(f"{WEIGHTS_FILE} does not fit the card or this version")
    return WordPairs(arrays, tuple(card.labels), card.settings["temperature"])
