"""What the reader of Chinese relations makes of a text's spans before it asks after pairs.

A name here is a spelling with all its places in a passage. What the characters don't tell about a pair is told by
numbered features: how far apart the two stand, how often they are named, whether the head is a title.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from taiyi.document import Span
from taiyi.predictors.readers.char_relations_network import N_PLACES, PairBatch
from taiyi.predictors.readers.pair_features import Place
from taiyi.tasks.relation import gap, nearest_pair

TITLE_MARK = "@"
"""Stands between a disease and what a textbook says of it, in CMeIE's texts."""
_SENTENCE_ENDS = frozenset("。；！？\n")
_COUNTS = (17, 4, 2, 2, 4, 4, 4, 4, 2)
"""How many values each feature of a pair has, in the order of `features_of`."""
N_FEATURES = sum(_COUNTS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A spelling that may be a name: its places in the order of the text, and its largest logit in each channel."""

    surface: str
    places: tuple[Place, ...]
    logits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a text's heads and tails, each by their numbers, with `features` and `between` of each pair."""

    heads: tuple[Candidate, ...]
    tails: tuple[Candidate, ...]
    places: tuple[tuple[int, int], ...]
    features: tuple[tuple[int, ...], ...]
    between: tuple[Place, ...]

    @property
    def names(self) -> list[tuple[Candidate, Candidate]]:
        """Head and tail of each pair."""
        return [(self.heads[head], self.tails[tail]) for head, tail in self.places]


def candidates(text: str, logits: Tensor, least: float, most: int) -> list[Candidate]:
    """The `most` likeliest spellings of which a place has at least the logit `least` in some of these channels of
    `NameSpans`, in the order of the text. *Shape:* (channels, first, length - 1)."""
    found: dict[str, dict[Place, None]] = {}
    best: dict[str, list[float]] = {}
    over = (logits >= least).nonzero()
    for (channel, start, more), value in zip(over.tolist(), logits[tuple(over.T)].tolist(), strict=True):
        surface = text[start : start + more + 1]
        if surface == surface.strip():
            found.setdefault(surface, {})[start, start + more + 1] = None
            own = best.setdefault(surface, [least] * len(logits))
            own[channel] = max(own[channel], value)
    likeliest = sorted(found, key=lambda surface: -max(best[surface]))[:most]
    rows = [Candidate(surface, tuple(sorted(found[surface])), tuple(best[surface])) for surface in likeliest]
    return sorted(rows, key=lambda row: row.places)


def pairs_of(text: str, heads: Sequence[Candidate], tails: Sequence[Candidate]) -> Pairs:
    """Each head with all tails that are spelt otherwise."""
    ends = [n for n, char in enumerate(text) if char in _SENTENCE_ENDS]
    spelt_as_heads = {head.surface for head in heads}
    places, features, ranges = [], [], []
    for (n, head), (m, tail) in product(enumerate(heads), enumerate(tails)):
        if head.surface == tail.surface:
            continue
        told, between = _features_and_between(text, head, tail, ends)
        places.append((n, m))
        ranges.append(between)
        among = min(n, 3), min(len(heads) - 1, 3)
        features.append(_numbered((*told, *among, int(tail.surface in spelt_as_heads))))
    return Pairs(tuple(heads), tuple(tails), tuple(places), tuple(features), tuple(ranges))


def _features_and_between(
    text: str, head: Candidate, tail: Candidate, ends: Sequence[int]
) -> tuple[tuple[int, ...], Place]:
    """Distance and direction of the nearest places, sentence ends between them, whether the head is a title, whether it
    begins the text, how often each is named; and the range between those places, or, where they overlap, their own."""
    one, other = nearest_pair(*([Span(*place) for place in name.places] for name in (head, tail)))
    first, last = sorted((one, other))
    apart = first.end <= last.start
    between = (first.end, last.start) if apart else (first.start, max(first.end, last.end))
    step = (1 if one < other else 9) + min((gap(one, other) + 1).bit_length() - 1, 7) if apart else 0
    crossed = bisect_left(ends, between[1]) - bisect_left(ends, between[0])
    titled = any(text.startswith(TITLE_MARK, end) for _, end in head.places)
    named = (min(len(name.places) - 1, 3) for name in (head, tail))
    return (step, min(crossed, 3), int(titled), int(head.places[0][0] == 0), *named), between


def _numbered(values: Sequence[int]) -> tuple[int, ...]:
    """The row of each feature's value in one table of them all."""
    rows, start = [], 0
    for value, count in zip(values, _COUNTS, strict=True):
        rows.append(start + value)
        start += count
    return tuple(rows)


def collate(rows: Sequence[tuple[Tensor, Pairs]], aside: Sequence[bool]) -> PairBatch:
    """The encoded characters of texts with their pairs, one at least, and whether each is of another annotation, as one
    batch."""
    lengths = [len(encoded) for encoded, _ in rows]
    n = max(lengths)
    heads: list[list[Place]] = []
    tails: list[list[Place]] = []
    pairs: list[Place] = []
    between: list[Place] = []
    for row, (_, own) in enumerate(rows):
        pairs += [(len(heads) + head, len(tails) + tail) for head, tail in own.places]
        heads += [_ends(head, row * n) for head in own.heads]
        tails += [_ends(tail, row * n) for tail in own.tails]
        between += [(row * n + start, row * n + end) for start, end in own.between]
    return PairBatch(
        encoded=torch.nn.utils.rnn.pad_sequence([encoded.float() for encoded, _ in rows], batch_first=True),
        lengths=torch.tensor(lengths),
        heads=torch.tensor(heads),
        tails=torch.tensor(tails),
        pairs=torch.tensor(pairs),
        features=torch.tensor([features for _, own in rows for features in own.features]),
        between=torch.tensor(between),
        aside=torch.tensor([float(a) for a, (_, own) in zip(aside, rows, strict=True) for _ in own.places]),
    )


def _ends(name: Candidate, start: int) -> list[Place]:
    """First and last character of the first N_PLACES places, counted from `start`; (-1, -1) where there are fewer."""
    found = [(start + first, start + end - 1) for first, end in name.places[:N_PLACES]]
    return found + [(-1, -1)] * (N_PLACES - len(found))
