"""Networks for short texts in characters: the classes of a text, and what holds between two texts.

Both stand on the encoder of the nested-mention reader. Two texts are aligned softly, character by character, and
compared where they are aligned (Parikh et al. 2016, arXiv:1606.01933; Chen et al. 2017, arXiv:1609.06038).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from taiyi.predictors.readers.class_ngrams import NgramModel
from taiyi.predictors.readers.nested_spans_input import Ids, bigram_rows
from taiyi.predictors.readers.nested_spans_network import IMPOSSIBLE, Batch, Encoder, NetworkConfig

N_GLANCES = 4
KEY_WIDTH = 64
HASH_FACTOR, HASH_PRIME = 1_000_003, 2_147_483_647
LOWEST = -10.0
"""Below anything that a character holds."""

Features = NDArray[np.float32]


def batch_of(texts: Sequence[Ids], config: NetworkConfig, features: Sequence[Features] | None = None) -> Batch:
    """Texts in characters as one padded batch, with the `features` (n, n_features) of their characters, or none."""
    longest = max(1, *map(len, texts))
    chars = np.zeros((len(texts), longest), np.int64)
    values = np.zeros((len(texts), longest, config.n_features), np.float32)
    for row, ids in enumerate(texts):
        chars[row, : len(ids)] = ids
        if features is not None:
            values[row, : len(ids)] = features[row]
    return Batch(
        chars=torch.from_numpy(chars),
        bigrams=torch.from_numpy(bigram_rows(chars, config.n_bigrams)),
        lengths=torch.tensor([len(ids) for ids in texts]),
        features=torch.from_numpy(values),
        matches=torch.zeros(0, 3, dtype=torch.int64),
        match_features=torch.zeros(0, config.n_span_features),
    )


class Pooling(nn.Module):
    """A text as one vector: of each feature the strongest, the mean, and what several learnt glances pick out.

    *Shape:* (texts, longest, width) and (texts, longest) -> (texts, (2 + glances) * width).
    """

    def __init__(self, width: int, glances: int) -> None:
        super().__init__()
        self.glances = nn.Linear(width, glances)

    def forward(self, hidden: Tensor, real: Tensor) -> Tensor:
        """`real` is set on characters and not on padding."""
        real = real[..., None]
        strongest = hidden.masked_fill(~real, LOWEST).amax(1)
        mean = (hidden * real).sum(1) / real.sum(1).clamp(min=1)
        weights = self.glances(hidden).masked_fill(~real, IMPOSSIBLE).softmax(1)
        return torch.cat([strongest, mean, (weights.transpose(1, 2) @ hidden).flatten(1)], -1)


def _real(hidden: Tensor, lengths: Tensor) -> Tensor:
    return torch.arange(hidden.shape[1]) < lengths[:, None]


class TextClassifier(nn.Module):
    """Logits of classes. *Shape:* Batch -> (texts, classes)."""

    def __init__(self, config: NetworkConfig, n_classes: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = Encoder(config, dropout)
        self.pooling = Pooling(config.width, N_GLANCES)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear((2 + N_GLANCES) * config.width, n_classes)
        nn.init.zeros_(self.out.weight)

    def forward(self, batch: Batch) -> Tensor:
        hidden = self.encoder(batch)
        logits: Tensor = self.out(self.dropout(self.pooling(hidden, _real(hidden, batch.lengths))))
        return logits


class GramClassifier(NgramModel):
    """Logits of classes from the single characters of a text, the pairs and the triples, each by itself; its beginning
    and its end count as characters. *Shape:* Batch -> (texts, classes)."""

    def forward(self, batch: Batch) -> Tensor:
        return self.logits(self.rows(batch.chars))

    def rows(self, chars: Tensor) -> Tensor:
        """The row of each gram, -1 where there is none. *Shape:* (texts, longest) -> (texts, grams)."""
        padded = functional.pad(chars, (1, 2))
        found = []
        for size, least in ((1, 1), (2, 1), (3, 2)):  # characters, and how many of them are not an edge
            grams = padded.unfold(1, size, 1)
            mixed = torch.full_like(grams[..., 0], size)
            for char in grams.unbind(-1):
                mixed = (mixed * HASH_FACTOR + char) % HASH_PRIME
            real = (grams > 0).sum(-1) >= least
            found.append(torch.where(real, mixed % self.n_rows, -1))
        return torch.cat(found, 1)


class PairClassifier(nn.Module):
    """Logits of what holds between two texts. *Shape:* Batch -> (pairs, labels).

    The batch holds all first texts, then all second ones.
    """

    def __init__(self, config: NetworkConfig, n_labels: int, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = Encoder(config, dropout)
        self.key = nn.Linear(config.width, KEY_WIDTH)
        self.compare = nn.Linear(4 * config.width, width)
        self.pooling = Pooling(width, N_GLANCES // 2)
        self.join = nn.Linear(2 * (2 + N_GLANCES // 2) * width, width)
        self.out = nn.Linear(width, n_labels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, batch: Batch) -> Tensor:
        hidden = self.encoder(batch)
        real = _real(hidden, batch.lengths)
        beside = self._aligned(hidden, real)
        both = torch.cat([hidden, beside, (hidden - beside).abs(), hidden * beside], -1)
        compared = functional.gelu(self.compare(self.dropout(both)))
        first, second = self.pooling(compared, real).chunk(2)
        joined = functional.gelu(self.join(self.dropout(torch.cat([first, second], -1))))
        logits: Tensor = self.out(self.dropout(joined))
        return logits

    def _aligned(self, hidden: Tensor, real: Tensor) -> Tensor:
        """For each character what of the other text stands beside it."""
        (first, second), (in_first, in_second) = hidden.chunk(2), real.chunk(2)
        one, two = self.key(hidden).chunk(2)
        alike = one @ two.transpose(1, 2) / KEY_WIDTH**0.5
        to_second = alike.masked_fill(~in_second[:, None], IMPOSSIBLE).softmax(2) @ second
        to_first = alike.transpose(1, 2).masked_fill(~in_first[:, None], IMPOSSIBLE).softmax(2) @ first
        return torch.cat([to_second, to_first])


def shared_features(ids: Ids, other: Ids) -> Features:
    """For each character of a text, whether another text has it, the pair with the character before and with the one
    behind, and the three characters around it. *Shape:* (n,), (m,) -> (n, 4)."""
    grams = {size: {tuple(other[at : at + size].tolist()) for at in range(len(other) - size + 1)} for size in (1, 2, 3)}
    out = np.zeros((len(ids), 4), np.float32)
    for column, (size, back) in enumerate(((1, 0), (2, 1), (2, 0), (3, 1))):
        for start in range(len(ids) - size + 1):
            out[start + back, column] = tuple(ids[start : start + size].tolist()) in grams[size]
    return out
