"""The network of the nested-mention reader: characters in, one logit for every (label, first, last) character out.

    character + two bigram embeddings + lexicon features
      -> gated convolutions (local context)  -> LSTM in both directions (the whole sentence)
      -> per label a bilinear score of first and last character ("global pointer", Su et al. 2022, arXiv:2208.03054)

Every span of every label has its own logit, so that mentions may nest and cross. Padding changes no score: it is
zeroed before each convolution, and each LSTM direction meets it last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

N_SPECIAL_CHARS = 3
PADDING, UNKNOWN, MASK = range(N_SPECIAL_CHARS)
IMPOSSIBLE = -1e4  # logit of spans that end before they start, or are too long


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Sizes. `n_features` counts the lexicon features of a character, `n_span_features` those of a lexicon match."""

    n_chars: int
    n_bigrams: int
    n_features: int
    n_span_features: int
    char_width: int = 128
    bigram_width: int = 48
    width: int = 256
    dilations: tuple[int, ...] = (1, 2, 1, 4, 1)
    head_width: int = 32
    max_mention_chars: int = 48


@dataclass(slots=True)
class Batch:
    """Windows of text as tensors.

    `chars` (batch, time) ids, PADDING at the end; `bigrams` (batch, time + 1): the one at t joins the characters t - 1
    and t; `lengths` (batch,); `features` (batch, time, n_features); a row of `matches` (n, 3) is a lexicon match:
    window, first and last character, with its `match_features` (n, n_span_features).
    """

    chars: Tensor
    bigrams: Tensor
    lengths: Tensor
    features: Tensor
    matches: Tensor
    match_features: Tensor


class SharedDropout(nn.Module):
    """Dropout that drops the same channels at every character of a sentence. *Shape:* (batch, time, width)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.share:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2]) >= self.share
        return x * (kept / (1 - self.share)).to(x.dtype)


class GatedConvolution(nn.Module):
    """x + a * sigmoid(b), where a and b see the characters at -dilation, 0 and +dilation.

    *Shape:* (batch, time, width).
    """

    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(3 * width, 2 * width)
        self.dropout = SharedDropout(dropout)
        self.dilation = dilation

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """`real` (batch, time, 1) is 1 on characters and 0 on padding."""
        h = self.norm(x) * real
        n, d = x.shape[1], self.dilation
        padded = functional.pad(h, (0, 0, d, d))
        # One matrix product over the three shifted copies: three times as fast as Conv1d in bf16 on a CPU.
        a, b = self.mix(torch.cat([padded[:, :n], h, padded[:, 2 * d :]], -1)).chunk(2, -1)
        return x + self.dropout(a * torch.sigmoid(b))


class Encoder(nn.Module):
    """Characters in their context. *Shape:* Batch -> (batch, time, width)."""

    def __init__(self, config: NetworkConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.chars = nn.Embedding(config.n_chars, config.char_width, padding_idx=PADDING)
        self.bigrams = nn.Embedding(config.n_bigrams, config.bigram_width)
        self.join = nn.Linear(config.char_width + 2 * config.bigram_width, config.width)
        self.features = nn.Linear(config.n_features, config.width, bias=False)
        self.convolutions = nn.ModuleList(GatedConvolution(config.width, d, dropout) for d in config.dilations)
        self.norm = nn.LayerNorm(config.width)
        self.forwards = nn.LSTM(config.width, config.width // 2, batch_first=True)
        self.backwards = nn.LSTM(config.width, config.width // 2, batch_first=True)
        self.last_norm = nn.LayerNorm(config.width)
        self.dropout = SharedDropout(dropout)

    def forward(self, batch: Batch) -> Tensor:
        n = batch.chars.shape[1]
        places = torch.arange(n)
        real = (places < batch.lengths[:, None])[..., None].to(self.join.weight.dtype)
        bigrams = self.bigrams(batch.bigrams)
        embedded = torch.cat([self.chars(batch.chars), bigrams[:, :n], bigrams[:, 1:]], -1)
        x = self.join(self.dropout(embedded)) + self.features(batch.features.to(real.dtype))
        for convolution in self.convolutions:
            x = convolution(x, real)
        h = self.dropout(self.norm(x))
        # Each sentence is turned round within its own length, so that padding comes last in this direction too.
        turned = torch.where(places < batch.lengths[:, None], batch.lengths[:, None] - 1 - places, places)
        index = turned[..., None]
        back = self.backwards(h.gather(1, index.expand_as(h)))[0]
        back = back.gather(1, index.expand_as(back))
        return self.last_norm(x + self.dropout(torch.cat([self.forwards(h)[0], back], -1))) * real


def rotated(x: Tensor) -> Tensor:
    """`x` (batch, time, ..., even width) with rotary position embedding along `time`."""
    half = x.shape[-1] // 2
    speeds = 10000.0 ** (-torch.arange(half) / half)
    angles = (torch.arange(x.shape[1])[:, None] * speeds).view(x.shape[1], *([1] * (x.dim() - 3)), half)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class SpanHead(nn.Module):
    """Logits of all spans. *Shape:* (batch, time, width) -> (batch, labels, first, last), in fp32."""

    def __init__(self, config: NetworkConfig, n_labels: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.n_labels, self.head_width, self.limit = n_labels, config.head_width, config.max_mention_chars
        self.ends = nn.Linear(config.width, n_labels * (2 * config.head_width + 2))
        self.lengths = nn.Embedding(config.max_mention_chars, n_labels)
        self.matches = nn.Linear(config.n_span_features, n_labels, bias=False)
        self.bias = nn.Parameter(torch.full((n_labels,), -4.0))  # few spans are mentions
        self.dropout = SharedDropout(dropout)
        nn.init.zeros_(self.matches.weight)
        nn.init.zeros_(self.lengths.weight)

    def forward(self, hidden: Tensor, batch: Batch) -> Tensor:
        n_batch, n = hidden.shape[:2]
        ends = self.ends(self.dropout(hidden)).view(n_batch, n, self.n_labels, -1)
        first, last, biases = ends.split([self.head_width, self.head_width, 2], -1)
        scores = rotated(first).permute(0, 2, 1, 3) @ rotated(last).permute(0, 2, 3, 1)
        biases = biases.permute(3, 0, 2, 1).float()
        logits = scores.float() / self.head_width**0.5 + biases[0][..., None] + biases[1][..., None, :]
        lengths = torch.arange(n) - torch.arange(n)[:, None]
        by_length = self.lengths(lengths.clamp(0, self.limit - 1)).permute(2, 0, 1)
        logits = logits + by_length.float() + self.bias.float()[:, None, None]
        logits = logits + self._lexicon_logits(batch, logits)
        possible = (lengths >= 0) & (lengths < self.limit)
        within = torch.arange(n) < batch.lengths[:, None]
        return logits.masked_fill(~(possible & within[:, None, None, :]), IMPOSSIBLE)

    def _lexicon_logits(self, batch: Batch, like: Tensor) -> Tensor:
        values = self.matches(batch.match_features.to(self.matches.weight.dtype)).float()
        window, first, last = batch.matches.unbind(1)
        sheet = torch.zeros(like.shape[0], like.shape[2], like.shape[3], self.n_labels)
        return sheet.index_put((window, first, last), values).permute(0, 3, 1, 2)


class SpanNetwork(nn.Module):
    """Encoder and head. *Shape:* Batch -> (batch, labels, first, last) logits."""

    def __init__(self, config: NetworkConfig, labels: Sequence[str], dropout: float = 0.0) -> None:
        super().__init__()
        self.config, self.labels = config, tuple(labels)
        self.encoder = Encoder(config, dropout)
        self.head = SpanHead(config, len(labels), dropout)

    def forward(self, batch: Batch) -> Tensor:
        logits: Tensor = self.head(self.encoder(batch), batch)
        return logits
