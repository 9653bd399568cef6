"""The lexicon of the Chinese reader: names annotated in training texts and names of other sources, as counts by hash.

What is known of a name in a training document is counted in the other documents alone; otherwise the network would
learn to trust a lexicon that knows every answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from taiyi.predictors.readers.nested_spans_input import UNKNOWN_CHAR, Bytes, Ids, Lexicon, Matches, span_hashes

Spans = npt.NDArray[np.int64]  # (n, 3): label, first, last


@dataclass(frozen=True, slots=True)
class NameCounts:
    """`mentions` (n, labels): how often each name is annotated as each label; `places` (n,): how often it stands in the
    texts at all; `kinds` (n, kinds): which other sources list it, 0 or 1."""

    keys: npt.NDArray[np.uint32]
    mentions: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]

    def values(self, rows: Ids, less_mentions: Spans | int = 0, less_places: Ids | int = 0) -> Bytes:
        """What the network is told of the names in `rows`: the share of its places annotated as each label, how often
        it was annotated and seen (logarithms), and its kinds. *Shape:* (rows, labels + 2 + kinds)."""
        mentions, places = self.mentions[rows] - less_mentions, self.places[rows] - less_places
        total = mentions.sum(1, keepdims=True)
        share = mentions / (np.maximum(places[:, None], mentions) + 1)
        often = np.log2(1 + np.concatenate([total, places[:, None]], 1)) / 12
        values = np.concatenate([share, often, self.kinds[rows]], 1)
        values[(total[:, 0] <= 0) & ~self.kinds[rows].any(1)] = 0
        return np.clip(np.rint(values * 255), 0, 255).astype(np.uint8)

    def lexicon(self, max_chars: int) -> Lexicon:
        """What is shipped: every name with all its counts."""
        values = self.values(np.arange(len(self.keys)))
        return Lexicon(self.keys, values, max_chars)

    def values_elsewhere(self, found: Matches, mentions: Spans, keys: npt.NDArray[np.uint32]) -> Bytes:
        """`values` of the matches in a training document, without what that document itself contributes. `keys` are the
        hashes of its `mentions`."""
        rows, index = np.unique(found.row, return_inverse=True)
        own_places = np.bincount(index, minlength=len(rows))
        own_mentions = np.zeros((len(rows), self.mentions.shape[1]), dtype=np.int64)
        place = np.searchsorted(rows, np.searchsorted(self.keys, keys))
        for label, at, key in zip(mentions[:, 0], place, keys, strict=True):
            if at < len(rows) and self.keys[rows[at]] == key:
                own_mentions[at, label] += 1
        return self.values(rows, own_mentions, own_places)[index]


def mention_keys(ids: Ids, mentions: Spans) -> npt.NDArray[np.uint32]:
    """The hash of each mention. *Shape:* (mentions,)."""
    return np.array([span_hashes(ids[i : j + 1], j + 1 - i)[0] for _, i, j in mentions.tolist()], dtype=np.uint32)


def count_names(
    documents: Sequence[tuple[Ids, Spans]],
    names: Iterable[tuple[int, Ids]],
    n_labels: int,
    n_kinds: int,
    max_chars: int,
) -> NameCounts:
    """Counts over training documents (ids, mentions) and `names` (kind, ids) of other sources."""
    mentions: dict[int, list[int]] = {}
    kinds: dict[int, list[int]] = {}
    for ids, spans in documents:
        fit = spans[(spans[:, 2] - spans[:, 1] < max_chars)] if len(spans) else spans
        for label, key in zip(fit[:, 0].tolist(), mention_keys(ids, fit).tolist(), strict=True):
            mentions.setdefault(key, [0] * n_labels)[label] += 1
    for kind, ids in names:
        if 2 <= len(ids) <= max_chars and UNKNOWN_CHAR not in ids:
            kinds.setdefault(int(span_hashes(ids, len(ids))[0]), [0] * n_kinds)[kind] = 1
    keys = np.array(sorted(mentions.keys() | kinds.keys()), dtype=np.uint32)
    table = NameCounts(
        keys,
        np.array([mentions.get(key, [0] * n_labels) for key in keys.tolist()], dtype=np.int64),
        np.zeros(len(keys), dtype=np.int64),
        np.array([kinds.get(key, [0] * n_kinds) for key in keys.tolist()], dtype=np.int64),
    )
    finder = Lexicon(keys, np.zeros((len(keys), 0), dtype=np.uint8), max_chars)
    for ids, _ in documents:
        np.add.at(table.places, finder.find(ids).row, 1)
    return table
