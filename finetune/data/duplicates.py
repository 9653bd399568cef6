"""Which rows say again what an earlier one said: exactly, or nearly.

Rows are known by numbers alone (a hash, and a signature in a file on disk), so a million need some 100 MB of memory:
near duplicates are looked for one band of the signatures at a time (locality-sensitive hashing; Leskovec, Rajaraman,
Ullman, Mining of Massive Datasets, 3.4). Rows of different groups (another task, other labels, another repeat of the
same question) are never duplicates of each other.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from finetune.data.minhash import PLACES, mixed

BAND = 8  # places that must agree for two rows to be compared: 8 bands find 99 of 100 pairs that are alike by 0.9
WINDOW = 32  # earlier rows of a band's bucket that a row is compared with
CHUNK = 1 << 15
NONE = -1

Numbers = NDArray[np.uint64]
Rows = NDArray[np.int64]


def exact_twins(keys: Numbers) -> Rows:
    """For each row (n,) the first one with its key, or NONE where it is that itself."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    twins = first[inverse].astype(np.int64)
    twins[twins == np.arange(len(keys))] = NONE
    return twins


def near_twins(
    signatures: NDArray[np.uint32], content: Rows, groups: Numbers, candidates: NDArray[np.bool_], threshold: float
) -> Rows:
    """For each row (n,) an earlier one that stays and is at least `threshold` alike, or NONE.

    `signatures` (m, 64) may be a memory map; `content` (n,) says which of them is a row's, `groups` (n,) what rows are
    compared at all, `candidates` (n,) which rows take part.
    """
    twins = np.full(len(content), NONE, dtype=np.int64)
    rows = np.flatnonzero(candidates)
    found = [_like(signatures, content, groups, rows, start, threshold) for start in range(0, PLACES, BAND)]
    pairs = np.unique(np.concatenate(found), axis=0)
    for later, earlier in pairs:
        if twins[later] == NONE:
            kept = earlier if twins[earlier] == NONE else twins[earlier]
            if kept == earlier or _alike(signatures, content, np.array([[later, kept]]))[0] >= threshold:
                twins[later] = kept
    return twins


def _like(
    signatures: NDArray[np.uint32], content: Rows, groups: Numbers, rows: Rows, start: int, threshold: float
) -> NDArray[np.int64]:
    """Pairs (k, 2) of a row and the nearest earlier one that is alike, of those that agree in the band from `start`."""
    keys = mixed(_band_keys(signatures, start)[content[rows]] ^ groups[rows])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    found = [np.empty((0, 2), dtype=np.int64)]
    unpaired = np.ones(len(rows), dtype=bool)
    for distance in range(1, WINDOW + 1):
        (at,) = np.nonzero((keys[distance:] == keys[:-distance]) & unpaired[distance:])
        pairs = np.stack([rows[order[at + distance]], rows[order[at]]], axis=1)
        alike = _alike(signatures, content, pairs) >= threshold
        unpaired[at[alike] + distance] = False
        found.append(pairs[alike])
    return np.concatenate(found)


def _band_keys(signatures: NDArray[np.uint32], start: int) -> Numbers:
    """A number (m,) for what each signature has in a band; read in chunks, so that little of the map is in memory."""
    keys = np.empty(len(signatures), dtype=np.uint64)
    for first, last in pairwise([*range(0, len(signatures), CHUNK), len(signatures)]):
        number = np.full(last - first, start, dtype=np.uint64)
        for place in range(start, start + BAND):
            number = mixed(number ^ signatures[first:last, place])
        keys[first:last] = number
    return keys


def _alike(signatures: NDArray[np.uint32], content: Rows, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share (k,) of places in which the signatures of each pair agree."""
    shares = np.empty(len(pairs))
    for first, last in pairwise([*range(0, len(pairs), CHUNK), len(pairs)]):
        one, other = content[pairs[first:last]].T
        shares[first:last] = (signatures[one] == signatures[other]).mean(axis=1)
    return shares
