"""Instruction data as tokens, a file a corpus, and the sequences that a stage draws from them.

The instructions are those of `python -m finetune prepare`; tokens and what is learnt of them are `finetune.training`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finetune.data.build import FILES
from finetune.data.instruction import read_instructions
from finetune.data.mixture import Row
from finetune.nano.train import IGNORED, Batch
from finetune.training.tokens import Encoder, TokenCounts


@dataclass(frozen=True, slots=True)
class Encoded:
    """Examples as tokens: `ids` and `mask` of all one after another; example n is `[starts[n], starts[n + 1])`."""

    ids: NDArray[np.uint16]
    mask: NDArray[np.bool_]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def save(self, path: Path) -> None:
        aside = path.with_suffix(".tmp.npz")
        np.savez(aside, ids=self.ids, mask=self.mask, starts=self.starts)
        aside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Encoded:
        with np.load(path) as saved:
            return cls(saved["ids"], saved["mask"], saved["starts"])


def encode(instructions: Path, folder: Path, tokenizer: Any, max_tokens: int) -> dict[str, TokenCounts]:
    """The training instructions that `prepare` left in `instructions` as token files in `folder`, a corpus each; what
    became of each corpus. Conversations of more than `max_tokens` are left out."""
    encoder = Encoder(tokenizer, "the bundled model", max_length=max_tokens, too_long="skip")
    ids: dict[str, list[int]] = defaultdict(list)
    mask: dict[str, list[int]] = defaultdict(list)
    starts: dict[str, list[int]] = defaultdict(lambda: [0])
    counts: dict[str, TokenCounts] = defaultdict(TokenCounts)
    for name in (name for (_, part), name in FILES.items() if part == "train"):
        for _, instruction in read_instructions(instructions / name):
            corpus = instruction.corpus
            sequences, own = encoder(instruction)
            counts[corpus] += own
            for sequence in sequences:
                ids[corpus] += sequence.ids
                mask[corpus] += sequence.mask
                starts[corpus].append(len(ids[corpus]))
    folder.mkdir(parents=True, exist_ok=True)
    for corpus in counts:
        encoded = Encoded(
            np.asarray(ids[corpus], np.uint16), np.asarray(mask[corpus], bool), np.asarray(starts[corpus], np.int64)
        )
        encoded.save(folder / f"{corpus}.npz")
    return dict(counts)


class InstructionBatches:
    """Sequences filled with whole examples; only replies, their end tokens included, are learnt.

    `corpora` come with their weights: the share of each among the tokens that are drawn. A share `replay` of the
    sequences is raw text instead, so that the model does not forget it. What step n gets depends on n and the seed
    alone.
    """

    def __init__(
        self,
        corpora: Sequence[tuple[Encoded, float]],
        *,
        sequences: int,
        length: int,
        pad: int,
        seed: int,
        replay: float = 0.0,
        raw: Callable[[np.random.Generator, int], NDArray[np.int64]] | None = None,
    ) -> None:
        filled = [(encoded, weight) for encoded, weight in corpora if len(encoded) and weight]
        self._corpora = [encoded for encoded, _ in filled]
        weights = np.asarray([weight * len(encoded) / len(encoded.ids) for encoded, weight in filled], dtype=float)
        self._weights = weights / weights.sum()
        self._sequences, self._length, self._pad, self._seed = sequences, length, pad, seed
        self._replay, self._raw = replay, raw

    def __call__(self, step: int) -> Batch:
        rng = np.random.default_rng((self._seed, 1, step))
        rows = [self._row(rng) for _ in range(self._sequences)]
        return np.stack([ids for ids, _ in rows]), np.stack([labels for _, labels in rows])

    def _row(self, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        n = self._length
        if self._raw is not None and rng.random() < self._replay:
            stretch = self._raw(rng, n + 1)
            return stretch[:-1], stretch[1:].copy()
        ids = np.full(n + 1, self._pad, np.int64)
        learnt = np.zeros(n + 1, bool)
        filled = misses = 0
        while misses < 6 and filled < n:
            corpus = self._corpora[rng.choice(len(self._corpora), p=self._weights)]
            which = int(rng.integers(len(corpus)))
            start, end = corpus.starts[which], corpus.starts[which + 1]
            if filled + end - start > n + 1:
                misses += 1
                continue
            ids[filled : filled + end - start] = corpus.ids[start:end]
            learnt[filled : filled + end - start] = corpus.mask[start:end]
            filled += int(end - start)
        return ids[:-1], np.where(learnt[1:], ids[1:], IGNORED)


def loaded(folder: Path, rows: Sequence[Row], types: Sequence[int]) -> list[tuple[Encoded, float]]:
    """The encoded corpora of a stage that learns the `types`, with their weights."""
    return [
        (Encoded.load(folder / f"{row.corpus}.npz"), row.weight)
        for row in rows
        if row.type in types and (folder / f"{row.corpus}.npz").exists()
    ]
