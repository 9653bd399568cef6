"""The encoder of the Chinese reader learns the language first: hidden characters of raw text are to be guessed."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from finetune.nano.optimizer import MasterOptimizer
from taiyi.predictors.readers.nested_spans_input import Ids, bigram_rows
from taiyi.predictors.readers.nested_spans_network import MASK, N_SPECIAL_CHARS, Batch, Encoder, NetworkConfig


@dataclass(frozen=True, slots=True)
class PretrainingConfig:
    """`minutes` of this process's time on the processor; `hidden_share` of the characters are hidden, in runs."""

    minutes: float = 16.0
    batch_chars: int = 6144
    hidden_share: float = 0.2
    adam_lr: float = 2e-3
    muon_lr: float = 0.02
    dropout: float = 0.0


class HiddenCharacters(nn.Module):
    """Guesses hidden characters from their context; the guess shares its weights with the character embedding."""

    def __init__(self, encoder: Encoder, config: NetworkConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.narrow = nn.Linear(config.width, config.char_width)
        self.norm = nn.LayerNorm(config.char_width)
        self.bias = nn.Parameter(torch.zeros(config.n_chars))

    def forward(self, batch: Batch, hidden: Tensor, truth: Tensor) -> Tensor:
        """The mean loss at the places where `hidden` (batch, time) is set; `truth` (n,) holds the characters there."""
        states = self.norm(functional.gelu(self.narrow(self.encoder(batch)[hidden])))
        logits = states @ self.encoder.chars.weight.T + self.bias
        return functional.cross_entropy(logits.float(), truth)


def _batches(pieces: Sequence[Ids], batch_chars: int, rng: random.Random) -> Iterator[Ids]:
    """Pieces of like length, padded, for ever; every piece once before any comes twice. *Shape:* (batch, time)."""
    while True:
        order = sorted(range(len(pieces)), key=lambda i: (len(pieces[i]) // 8, rng.random()))
        groups: list[list[int]] = [[]]
        for i in order:
            if groups[-1] and (len(groups[-1]) + 1) * len(pieces[i]) > batch_chars:
                groups.append([])
            groups[-1].append(i)
        rng.shuffle(groups)
        for group in groups:
            rows = np.zeros((len(group), max(len(pieces[i]) for i in group)), dtype=np.int64)
            for row, i in zip(rows, group, strict=True):
                row[: len(pieces[i])] = pieces[i]
            yield rows


def hide(rows: Ids, share: float, n_chars: int, rng: np.random.Generator) -> tuple[Ids, np.ndarray]:
    """`rows` with runs of one to three characters hidden (one in ten of them becomes a random one instead), and where
    they are. *Shape:* (batch, time), (batch, time)."""
    starts = rng.random(rows.shape) < share / 1.9
    hidden = starts.copy()
    hidden[:, 1:] |= starts[:, :-1] & (rng.random(starts[:, :-1].shape) < 0.6)
    hidden[:, 2:] |= starts[:, :-2] & (rng.random(starts[:, :-2].shape) < 0.3)
    hidden &= rows > 0
    out = np.where(hidden, MASK, rows)
    random_char = hidden & (rng.random(rows.shape) < 0.1)
    return np.where(random_char, rng.integers(N_SPECIAL_CHARS, n_chars, rows.shape), out), hidden


def as_batch(rows: Ids, config: NetworkConfig) -> Batch:
    """Padded ids (batch, time) as a batch without lexicon matches."""
    return Batch(
        chars=torch.from_numpy(rows),
        bigrams=torch.from_numpy(bigram_rows(rows, config.n_bigrams)),
        lengths=torch.from_numpy((rows > 0).sum(1)),
        features=torch.zeros(1, 1, config.n_features).expand(*rows.shape, -1),
        matches=torch.zeros(0, 3, dtype=torch.int64),
        match_features=torch.zeros(0, config.n_span_features),
    )


def pretrain(pieces: Sequence[Ids], network: NetworkConfig, config: PretrainingConfig, seed: int, out: Path) -> Encoder:
    """An encoder that has read `pieces` (character ids) for as long as `config` says; written to `out` as it goes."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = HiddenCharacters(Encoder(network, config.dropout), network).bfloat16()
    nn.init.normal_(model.encoder.chars.weight, std=0.05)
    nn.init.normal_(model.encoder.bigrams.weight, std=0.05)
    optimizer = MasterOptimizer(model, adam_lr=config.adam_lr, muon_lr=config.muon_lr)
    begin, total, step, n_chars, mean = time.process_time(), config.minutes * 60, 0, 0, 0.0
    for rows in _batches(pieces, config.batch_chars, random.Random(seed)):
        share = (time.process_time() - begin) / total
        if share >= 1:
            break
        seen, hidden = hide(rows, config.hidden_share, network.n_chars, rng)
        loss = model(as_batch(seen, network), torch.from_numpy(hidden), torch.from_numpy(rows[hidden]))
        loss.backward()
        optimizer.step(min(1.0, (step + 1) / 50) * min(1.0, (1 - share) / 0.5))
        step, n_chars = step + 1, n_chars + int(rows.size)
        mean += (float(loss.detach()) - mean) / min(step, 50)
        if step % 50 == 0:
            used = time.process_time() - begin
            print(
                f"step {step} loss {mean:.3f} ({math.exp(mean):.1f} choices) {n_chars / used:.0f} chars/s {used:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        if step % 400 == 0:
            torch.save(model.encoder.state_dict(), out)
    torch.save(model.encoder.state_dict(), out)
    return model.encoder
