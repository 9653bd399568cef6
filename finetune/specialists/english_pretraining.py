"""The English encoder learns the language first: its own layers guess words of raw text from what stands around them.

Each direction of the first layer guesses the next word (Peters et al. 2018, arXiv:1802.05365); the second layer, which
sees both sides, guesses words that were hidden (Devlin et al. 2019, arXiv:1810.04805). The softmax is over a sample of
the vocabulary (Jean et al. 2015, arXiv:1412.2007).
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from finetune.nano.optimizer import MasterOptimizer
from finetune.overlap import Fingerprints
from finetune.specialists.word_vectors import VectorConfig, iter_texts
from taiyi.predictors.readers.token_input import READERS, TokenReader, Tokens
from taiyi.predictors.readers.token_network import Encoder, TokenBatch
from taiyi.predictors.readers.word_forms import TOKEN


@dataclass(frozen=True, slots=True)
class PretrainingConfig:
    """`minutes` of this process's time on the processor; a batch is `batch` runs of `length` words, of which
    `hidden_share` are hidden; `sample` words stand against each right one; guesses are made in `width` dimensions."""

    minutes: float = 20.0
    batch: int = 64
    length: int = 64
    hidden_share: float = 0.15
    sample: int = 1024
    width: int = 96
    adam_lr: float = 3e-3
    muon_lr: float = 0.02


@dataclass(frozen=True, slots=True)
class WordStream:
    """Raw text as rows of `words`, which holds every distinct token once; `runs` (runs, length) never cross texts."""

    words: Tokens
    runs: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Iterable[str], read: TokenReader, length: int) -> WordStream:
        """The stream of texts; what is left over at the end of a text is dropped."""
        ids: dict[str, int] = {}
        runs = []
        for text in texts:
            found = [ids.setdefault(token, len(ids)) for token in TOKEN.findall(text)]
            whole = len(found) - len(found) % length
            runs.append(np.asarray(found[:whole], np.int32).reshape(-1, length))
        return cls(read("\n".join(ids)), np.concatenate(runs))

    def batch(self, rows: NDArray[np.int32], hidden: NDArray[np.bool_]) -> TokenBatch:
        """Runs (batch, length) for the encoder; hidden tokens are zeros throughout."""

        def taken(table: NDArray[np.int64]) -> Tensor:
            return torch.from_numpy(np.where(hidden[..., None], 0, table[rows]))

        lengths = torch.full((len(rows),), rows.shape[1])
        return TokenBatch(taken(self.words.known), taken(self.words.hashed), taken(self.words.chars), lengths)


class WordGuesser(nn.Module):
    """Guesses words from the states of an encoder; the guess layers are dropped afterwards."""

    share: Tensor

    def __init__(self, encoder: Encoder, counts: NDArray[np.int64], config: PretrainingConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.sample = config.sample
        hidden = encoder.config.hidden
        self.narrow = nn.ModuleList(nn.Linear(n, config.width) for n in (hidden, hidden, 2 * hidden))
        self.words = nn.Embedding(len(counts), config.width)
        nn.init.normal_(self.words.weight, std=0.1)
        share = torch.from_numpy(counts).double().clamp(min=1) ** 0.75
        share[0] = 0  # words without a row of their own are not guessed
        self.register_buffer("share", (share / share.sum()).float(), persistent=False)

    def forward(self, batch: TokenBatch, truth: Tensor, hidden: Tensor) -> Tensor:
        """The sum of the three mean losses. *Shape:* `truth` and `hidden` (batch, length)."""
        first = self.encoder.layers[0](self.encoder.embed(batch), batch.lengths)
        second = self.encoder.layers[1](first, batch.lengths)
        right, left = first.chunk(2, -1)
        states = (right[:, :-1].flatten(0, 1), left[:, 1:].flatten(0, 1), second[hidden])
        gold = (truth[:, 1:].flatten(), truth[:, :-1].flatten(), truth[hidden])
        others = torch.multinomial(self.share, self.sample, replacement=True)
        losses = [self._loss(n, s, g, others) for n, (s, g) in enumerate(zip(states, gold, strict=True))]
        return torch.stack(losses).sum()

    def _loss(self, n: int, states: Tensor, gold: Tensor, others: Tensor) -> Tensor:
        states, gold = states[gold > 0], gold[gold > 0]
        narrow = functional.layer_norm(self.narrow[n](states), (self.words.embedding_dim,))
        right = (narrow * self.words(gold)).sum(-1, keepdim=True)
        stands_for = -(self.share[others] * self.sample).log()  # each sampled word, for 1 / (share * sample) words
        wrong = (narrow @ self.words(others).T + stands_for).masked_fill(gold[:, None] == others, -1e4)
        logits = torch.cat([right, wrong], -1).float()
        return functional.cross_entropy(logits, torch.zeros_like(gold), reduction="sum") / max(1, len(gold))


def iter_runs(stream: WordStream, config: PretrainingConfig, rng: random.Random) -> Iterator[NDArray[np.int32]]:
    """Batches of runs, for ever; every run once before any comes twice."""
    order = list(range(len(stream.runs)))
    while True:
        rng.shuffle(order)
        for start in range(0, len(order) - config.batch + 1, config.batch):
            yield stream.runs[order[start : start + config.batch]]


def pretrain(encoder: Encoder, stream: WordStream, config: PretrainingConfig, seed: int) -> None:
    """Teach `encoder` what stands in `stream`, for as long as `config` says; its weights end in bfloat16."""
    torch.manual_seed(seed)
    noise = np.random.default_rng(seed)
    known = stream.words.known[:, 0]
    counts = np.bincount(known[stream.runs.ravel()], minlength=encoder.config.n_words + 1)
    model = WordGuesser(encoder, counts, config).bfloat16()
    model.share = model.share.float()
    optimizer = MasterOptimizer(model, adam_lr=config.adam_lr, muon_lr=config.muon_lr)
    begin, total, mean = time.process_time(), config.minutes * 60, 0.0
    for step, rows in enumerate(iter_runs(stream, config, random.Random(seed)), 1):
        share = (time.process_time() - begin) / total
        if share >= 1:
            break
        hidden = noise.random(rows.shape) < config.hidden_share
        loss = model(stream.batch(rows, hidden), torch.from_numpy(known[rows]), torch.from_numpy(hidden))
        loss.backward()
        optimizer.step(min(1.0, step / 50) * min(1.0, (1 - share) / 0.6))
        mean += (float(loss.detach()) - mean) / min(step, 50)
        if step % 50 == 0:
            print(f"step {step}: loss {mean:.3f}, {step * rows.size:,} words", file=sys.stderr, flush=True)


def cached_encoder(
    encoder: Encoder,
    words: Sequence[str],
    config: PretrainingConfig,
    sources: VectorConfig,
    data_dir: Path,
    path: Path,
    seed: int,
) -> Encoder:
    """`encoder` as it is in `path`, after it has read the raw texts of `sources`; made and written where it is not."""
    if not path.exists():
        prints = Fingerprints.of_tests(data_dir)
        read = READERS[encoder.config.lang](words)
        stream = WordStream.of(iter_texts(data_dir, sources, prints), read, config.length)
        pretrain(encoder, stream, config, seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(encoder.state_dict(), path)
    encoder.load_state_dict(torch.load(path))
    return encoder.float()
