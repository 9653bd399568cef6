"""What our small readers share: an encoder of tokens, and on it a layer of tags or a layer of classes.

The encoder puts word vectors, hashed tables and characters under two LSTMs that read both ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from taiyi.predictors.readers.token_input import N_CHARS, READERS, Tokens

LOWEST = -10.0
"""Below anything that a token holds."""


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """`lang` chooses the features; `widths` are those of the hashed tables; `hidden` is that of each direction."""

    lang: str
    n_words: int
    vector_width: int
    widths: tuple[int, ...]
    char_width: int = 24
    char_features: int = 48
    hidden: int = 128

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for YAML."""
        return asdict(self) | {"widths": list(self.widths)}


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Padded texts. *Shape:* `known` (texts, longest, columns), `hashed` (texts, longest, tables), `chars` (texts,
    longest, characters), `lengths` (texts,)."""

    known: Tensor
    hashed: Tensor
    chars: Tensor
    lengths: Tensor

    @property
    def real(self) -> Tensor:
        """Where there is a token. *Shape:* (texts, longest)."""
        return torch.arange(self.known.shape[1]) < self.lengths[:, None]


def collate(texts: Sequence[Tokens]) -> TokenBatch:
    """Texts as one batch; rows after a text's end are 0."""
    longest = max(1, *map(len, texts)) if texts else 1

    def padded(rows: Sequence[Any]) -> Tensor:
        out = np.zeros((len(rows), longest, rows[0].shape[1]), np.int64)
        for n, row in enumerate(rows):
            out[n, : len(row)] = row
        return torch.from_numpy(out)

    return TokenBatch(
        padded([text.known for text in texts]),
        padded([text.hashed for text in texts]),
        padded([text.chars for text in texts]),
        torch.tensor([len(text) for text in texts]),
    )


class CharFeatures(nn.Module):
    """The strongest match of each filter anywhere in a token. *Shape:* (..., characters) -> (..., char_features)."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.table = nn.Embedding(N_CHARS, config.char_width, padding_idx=0)
        self.filters = nn.Conv1d(config.char_width, config.char_features, 3, padding=1)

    def forward(self, chars: Tensor) -> Tensor:
        distinct, place = torch.unique(chars.flatten(0, -2), dim=0, return_inverse=True)
        found = self.filters(self.table(distinct).transpose(1, 2)).relu().amax(-1)
        return found[place].view(*chars.shape[:-1], -1)


class BothWays(nn.Module):
    """An LSTM in each direction. *Shape:* (texts, longest, width) -> (texts, longest, 2 * hidden).

    Texts are turned round by their own lengths, so that padding is read last both ways and changes nothing. Packed
    sequences would do the same, but their backward pass grows with the square of the length.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.rightward = nn.LSTM(width, hidden, batch_first=True)
        self.leftward = nn.LSTM(width, hidden, batch_first=True)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        steps = torch.arange(inputs.shape[1])
        turned = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
        texts = torch.arange(len(lengths))[:, None]
        return torch.cat([self.rightward(inputs)[0], self.leftward(inputs[texts, turned])[0][texts, turned]], -1)


class TextDropout(nn.Module):
    """Dropout of the same features at every token of a text (Gal, Ghahramani 2016, arXiv:1512.05287)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, hidden: Tensor) -> Tensor:
        if not self.training or not self.share:
            return hidden
        kept = torch.rand(hidden.shape[0], 1, hidden.shape[-1]) >= self.share
        return hidden * (kept / (1 - self.share))


class Encoder(nn.Module):
    """*Shape:* TokenBatch -> (texts, longest, 2 * hidden).

    The word vectors are no parameters: what few texts teach about the words in them would part them from the others.
    """

    vectors: Tensor

    def __init__(self, config: EncoderConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        reader = READERS[config.lang]
        self.register_buffer("vectors", torch.zeros(config.n_words + 1, config.vector_width))
        pairs = zip(reader.tables.values(), config.widths, strict=True)
        self.tables = nn.ModuleList(nn.Embedding(rows, width) for rows, width in pairs)
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.1)  # type: ignore[arg-type]
        self.chars = CharFeatures(config)
        self.layers = nn.ModuleList(BothWays(n, config.hidden) for n in (self.input_width, 2 * config.hidden))
        self.dropout = TextDropout(dropout)

    @property
    def input_width(self) -> int:
        """The width of what `embed` gives."""
        config = self.config
        return READERS[config.lang].n_known * config.vector_width + sum(config.widths) + config.char_features

    def embed(self, batch: TokenBatch) -> Tensor:
        """Each token by itself. *Shape:* (texts, longest, input_width)."""
        hashed = [table(batch.hashed[..., n]) for n, table in enumerate(self.tables)]
        return torch.cat([self.vectors[batch.known].flatten(2), *hashed, self.chars(batch.chars)], -1)

    def read(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Each token in its context."""
        hidden = embedded
        for layer in self.layers:
            hidden = layer(self.dropout(hidden), lengths)
        return self.dropout(hidden)

    def forward(self, batch: TokenBatch) -> Tensor:
        return self.read(self.embed(batch), batch.lengths)


class Tagger(nn.Module):
    """Logits of the tags of one annotation scheme. *Shape:* TokenBatch -> (texts, longest, tags)."""

    def __init__(self, config: EncoderConfig, n_tags: Mapping[str, int], dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = Encoder(config, dropout)
        self.heads = nn.ModuleDict({name: nn.Linear(2 * config.hidden, n) for name, n in n_tags.items()})

    def forward(self, batch: TokenBatch, head: str) -> Tensor:
        logits: Tensor = self.heads[head](self.encoder(batch))
        return logits


class Classifier(nn.Module):
    """Logits of classes, from what is strongest in a text and its mean. *Shape:* TokenBatch -> (texts, classes).

    Tokens count both by themselves and in context: by themselves they are learnt at once, context comes after.
    """

    def __init__(self, config: EncoderConfig, n_classes: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = Encoder(config, dropout)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * (self.encoder.input_width + 2 * config.hidden), n_classes)

    def forward(self, batch: TokenBatch) -> Tensor:
        embedded = self.encoder.embed(batch)
        tokens = torch.cat([embedded, self.encoder.read(embedded, batch.lengths)], -1)
        real = batch.real[..., None]
        strongest = tokens.masked_fill(~real, LOWEST).amax(1)
        mean = (tokens * real).sum(1) / batch.lengths.clamp(min=1)[:, None]
        logits: Tensor = self.out(self.dropout(torch.cat([strongest, mean], -1)))
        return logits


class Ensemble(nn.Module):
    """Classifiers that share their word vectors; their mean logits. *Shape:* TokenBatch -> (texts, classes)."""

    def __init__(self, config: EncoderConfig, n_classes: int, n_members: int) -> None:
        super().__init__()
        self.config = config
        self.members = nn.ModuleList(Classifier(config, n_classes) for _ in range(n_members))

    def forward(self, batch: TokenBatch) -> Tensor:
        return torch.stack([member(batch) for member in self.members]).mean(0)

    def weights(self) -> dict[str, Tensor]:
        """What is saved, in float16: the word vectors stand there once."""
        state = self.state_dict()
        return {name: value.half() for name, value in state.items() if name == FIRST_VECTORS or not _is_vectors(name)}

    def load_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Take over what `weights` gave. Raises RuntimeError or KeyError where it does not fit."""
        vectors = weights[FIRST_VECTORS]
        full = {name: vectors if _is_vectors(name) else weights.get(name) for name in self.state_dict()}
        self.load_state_dict({name: value.float() for name, value in full.items() if value is not None})


FIRST_VECTORS = "members.0.encoder.vectors"


def _is_vectors(name: str) -> bool:
    return name.endswith("encoder.vectors")
