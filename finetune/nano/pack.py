"""Raw texts as token files, and the sequences that base training draws from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finetune.nano.template import END
from finetune.nano.train import Batch

Tokens = NDArray[np.uint16]


def pack_texts(texts: Sequence[str], tokenizer: Any) -> Tokens:
    """The texts' tokens one after another, each text followed by the end token."""
    end = tokenizer.convert_tokens_to_ids(END)
    pieces: list[int] = []
    for start in range(0, len(texts), 256):
        for ids in tokenizer(list(texts[start : start + 256]), add_special_tokens=False)["input_ids"]:
            pieces += ids if ids and ids[-1] == end else [*ids, end]
    return np.asarray(pieces, dtype=np.uint16)


def save_tokens(tokens: Tokens, path: Path) -> None:
    """Write aside, then rename: a file that is there is whole."""
    aside = path.with_suffix(".tmp.npy")
    np.save(aside, tokens)
    aside.replace(path)


class RawBatches:
    """Sequences for base training; which ones step n gets depends on n and the seed alone.

    A share `repeated` of them practises copying: either a stretch of text twice, other text between, or a stretch and
    then pieces of it in their order, as an extraction names them. Without it a small model takes far longer to find
    out that what stands above can be said again.
    """

    def __init__(
        self, sources: Sequence[tuple[Tokens, float]], separator: Sequence[int], *, sequences: int, length: int,
        repeated: float, seed: int,
    ) -> None:  # fmt: skip
        self._tokens = [tokens for tokens, _ in sources]
        weights = np.asarray([weight for _, weight in sources], dtype=float)
        self._weights = weights / weights.sum()
        self._separator = np.asarray(separator, dtype=np.int64)
        self._sequences, self._length, self._repeated, self._seed = sequences, length, repeated, seed

    def __call__(self, step: int) -> Batch:
        rng = np.random.default_rng((self._seed, step))
        rows = np.stack([self.row(rng, self._length + 1) for _ in range(self._sequences)])
        return rows[:, :-1], rows[:, 1:].copy()

    def row(self, rng: np.random.Generator, wanted: int) -> NDArray[np.int64]:
        """One sequence of `wanted` tokens."""
        if rng.random() >= self._repeated:
            return self._stretch(rng, wanted)
        row = self._twice(rng, wanted) if rng.random() < 0.5 else self._pieces(rng, wanted)
        return row[:wanted]

    def _stretch(self, rng: np.random.Generator, n: int) -> NDArray[np.int64]:
        tokens = self._tokens[rng.choice(len(self._tokens), p=self._weights)]
        start = int(rng.integers(0, max(len(tokens) - n, 0) + 1))
        return np.resize(tokens[start : start + n], n).astype(np.int64)

    def _twice(self, rng: np.random.Generator, wanted: int) -> NDArray[np.int64]:
        text = self._stretch(rng, int(rng.integers(wanted // 6, wanted // 2)))
        between = self._stretch(rng, wanted - 2 * len(text))
        cut = int(rng.integers(0, len(between) + 1))
        return np.concatenate([between[:cut], text, text, between[cut:]])

    def _pieces(self, rng: np.random.Generator, wanted: int) -> NDArray[np.int64]:
        text = self._stretch(rng, wanted * 2 // 3)
        parts, room = [text], wanted - len(text)
        starts = np.sort(rng.integers(0, len(text) - 8, size=wanted // 6))
        for start in starts[:: max(1, int(rng.integers(1, 4)))]:
            piece = text[start : start + int(rng.integers(1, 9))]
            parts += [self._separator, piece]
            room -= len(piece) + len(self._separator)
            if room <= 0:
                break
        if room > 0:
            parts.append(self._stretch(rng, room))
        return np.concatenate(parts)


def write_manifest(path: Path, rows: Mapping[str, Mapping[str, float]]) -> None:
    path.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")
