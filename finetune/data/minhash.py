"""How alike two texts are, from 256 bytes each: MinHash of their character shingles (Broder 1997).

Two signatures agree in about as many of their places as the texts share of their shingles (Jaccard); the standard
error is at most 0.063, and 0.038 at 0.9. The hashes are fixed: two runs make the same signatures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taiyi.corpora.parts import normal_form

PLACES = 64
SHINGLE_CHARS = {"en": 5, "zh": 3}
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio
_RNG = np.random.default_rng(1997)
_TIMES = _RNG.integers(0, 2**32, (PLACES, 1), dtype=np.uint32) | np.uint32(1)
_PLUS = _RNG.integers(0, 2**32, (PLACES, 1), dtype=np.uint32)

Signature = NDArray[np.uint32]


def signature(text: str, lang: str) -> Signature:
    """The signature (64,) of a text: case, width, spaces and punctuation count for nothing."""
    shingles = (mixed(_shingles(normal_form(text), SHINGLE_CHARS[lang])) >> np.uint64(32)).astype(np.uint32)
    # x -> a x + b modulo 2^32 permutes the hashes, with each place's own odd a and its own b.
    lowest: Signature = (shingles * _TIMES + _PLUS).min(axis=1)
    return lowest


def _shingles(text: str, n: int) -> NDArray[np.uint64]:
    """A number for each run of `n` characters; a shorter text is one shingle."""
    chars = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    chars = np.pad(chars, (0, max(n - len(chars), 0)))
    numbers = np.zeros(len(chars) - n + 1, dtype=np.uint64)
    for offset in range(n):
        numbers = numbers * _FACTOR + chars[offset : len(chars) - n + 1 + offset]
    return numbers


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The numbers with their bits mixed, so that like ones become unlike (the finaliser of SplitMix64)."""
    out = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(out ^ (out >> np.uint64(31)), dtype=np.uint64)
