"""The networks of the reader of Chinese relations. Both see characters as the entity reader's encoder has left them.

    encoded characters -> NameSpans: which spans are heads, and which are tails of which kind
    encoded characters -> LSTM in both directions -> PairNetwork: the type of each pair, or "not related"

Padding changes no score: a direction of the LSTM meets it last, and nothing else reads across characters.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from taiyi.predictors.readers.nested_spans_network import IMPOSSIBLE, SharedDropout, rotated

N_PLACES = 3
"""So many places of a name are looked at, the first."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of both networks. `width` is that of an encoded character, `n_kinds` counts the kinds of tails,
    `n_features` the rows of features of a pair that are no characters."""

    width: int
    n_kinds: int
    n_types: int
    n_features: int
    head_width: int = 32
    max_name_chars: int = 32
    lstm_width: int = 64
    pair_width: int = 96


class NameSpans(nn.Module):
    """Logits of the spans that may be names: of heads in channel 0, of tails of each kind in the others.

    *Shape:* (batch, time, width), (batch,) lengths -> (batch, 1 + kinds, first character, length - 1).
    """

    def __init__(self, sizes: Sizes, dropout: float = 0.0) -> None:
        super().__init__()
        self.sizes, self.n_channels = sizes, 1 + sizes.n_kinds
        self.ends = nn.Linear(sizes.width, self.n_channels * (2 * sizes.head_width + 2))
        self.lengths = nn.Parameter(torch.zeros(self.n_channels, sizes.max_name_chars))
        self.bias = nn.Parameter(torch.full((self.n_channels,), -4.0))  # few spans are names
        self.dropout = SharedDropout(dropout)

    def forward(self, encoded: Tensor, lengths: Tensor) -> Tensor:
        n_batch, n = encoded.shape[:2]
        width, longest = self.sizes.head_width, self.sizes.max_name_chars
        ends = self.ends(self.dropout(encoded)).view(n_batch, n, self.n_channels, -1)
        first, last, biases = ends.split([width, width, 2], -1)
        scores = rotated(first).permute(0, 2, 1, 3) @ rotated(last).permute(0, 2, 3, 1) / width**0.5
        biases = biases.permute(3, 0, 2, 1)
        scores = scores + biases[0][..., None] + biases[1][..., None, :]
        lasts = torch.arange(n)[:, None] + torch.arange(longest)
        band = scores.gather(3, lasts.clamp(max=n - 1).expand(n_batch, self.n_channels, n, longest))
        band = band + self.lengths[:, None] + self.bias[:, None, None]
        return band.masked_fill((lasts >= lengths[:, None, None])[:, None], IMPOSSIBLE)


@dataclass(slots=True)
class PairBatch:
    """Texts with the pairs of names to judge.

    `encoded` (texts, time, width), `lengths` (texts,); `heads` (heads, N_PLACES, 2) and `tails` (tails, N_PLACES, 2):
    first and last character of each place, counted through the whole batch, -1 where there is none; `pairs` (pairs, 2):
    head and tail; `features` (pairs, features of a pair) ids; `between` (pairs, 2): the characters between the two, end
    exclusive, counted through the batch; `aside` (pairs,): 1 where the pair is of another annotation than the one that
    is asked for.
    """

    encoded: Tensor
    lengths: Tensor
    heads: Tensor
    tails: Tensor
    pairs: Tensor
    features: Tensor
    between: Tensor
    aside: Tensor


class PairNetwork(nn.Module):
    """*Shape:* PairBatch -> (pairs, 1 + types) logits, "not related" first."""

    def __init__(self, sizes: Sizes, dropout: float = 0.0) -> None:
        super().__init__()
        width = sizes.pair_width
        both = sizes.width + 2 * sizes.lstm_width
        self.forwards = nn.LSTM(sizes.width, sizes.lstm_width, batch_first=True)
        self.backwards = nn.LSTM(sizes.width, sizes.lstm_width, batch_first=True)
        self.norm = nn.LayerNorm(both)
        self.chars = nn.Linear(both, 5 * width)
        self.features = nn.Embedding(sizes.n_features, width)
        self.aside = nn.Parameter(torch.zeros(width))
        self.mix = nn.Linear(2 * width, width)
        self.types = nn.Linear(width, 1 + sizes.n_types)
        self.aside_types = nn.Parameter(torch.zeros(1 + sizes.n_types))
        self.channel_dropout, self.dropout = SharedDropout(dropout), nn.Dropout(dropout)
        nn.init.normal_(self.features.weight, std=0.1)
        with torch.no_grad():
            self.types.bias[0] = 3.0  # few pairs are related

    def forward(self, batch: PairBatch) -> Tensor:
        chars = self.chars(self.channel_dropout(self.norm(self._in_context(batch)))).flatten(0, 1)
        head_first, head_last, tail_first, tail_last, between = chars.chunk(5, -1)
        head, tail = batch.pairs.unbind(1)
        heads = _of_places(head_first, head_last, batch.heads)[head]
        tails = _of_places(tail_first, tail_last, batch.tails)[tail]
        aside = batch.aside[:, None]
        joined = heads + tails + _mean_between(between, batch.between) + self.features(batch.features).sum(1)
        joined = torch.cat([functional.gelu(joined + aside * self.aside), heads * tails], -1)
        mixed = functional.gelu(self.mix(self.dropout(joined)))
        logits: Tensor = self.types(self.dropout(mixed)) + aside * self.aside_types
        return logits

    def _in_context(self, batch: PairBatch) -> Tensor:
        """Each character, and what both directions make of the text around it. *Shape:* (texts, time, all widths)."""
        x = self.channel_dropout(batch.encoded)
        places = torch.arange(x.shape[1])
        # Each text is turned round within its own length, so that padding comes last in this direction too.
        turned = torch.where(places < batch.lengths[:, None], batch.lengths[:, None] - 1 - places, places)[..., None]
        back = self.backwards(x.gather(1, turned.expand_as(x)))[0]
        return torch.cat([x, self.forwards(x)[0], back.gather(1, turned.expand_as(back))], -1)


def _of_places(first: Tensor, last: Tensor, places: Tensor) -> Tensor:
    """The mean over a name's places of what its first and its last character say. *Shape:* (names, width)."""
    real = (places[..., :1] >= 0).to(first.dtype)
    ends = places.clamp(min=0)
    return ((first[ends[..., 0]] + last[ends[..., 1]]) * real).sum(1) / real.sum(1)


def _mean_between(chars: Tensor, between: Tensor) -> Tensor:
    """The mean of the characters of each range; zero for an empty one. *Shape:* (ranges, width)."""
    sums = functional.pad(chars.cumsum(0), (0, 0, 1, 0))
    start, end = between.unbind(1)
    return (sums[end] - sums[start]) / (end - start).clamp(min=1)[:, None]
