"""Several sequences to a row: which ones, decided once by the seed, so that a run that goes on meets the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finetune.training.tokens import Tokenized


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of sequences: those of row n are `members[starts[n]:starts[n + 1]]`, numbers over all sequences."""

    members: NDArray[np.int64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, n: int) -> NDArray[np.int64]:
        return self.members[self.starts[n] : self.starts[n + 1]]


def pack(lengths: NDArray[np.int64], capacity: int, seed: int) -> Rows:
    """Each sequence, in an order drawn by `seed`, into the fullest row that has room for it, else into a new one.

    Best fit rather than first fit: it fills rows a little better and finds its row at once, from one list of rows for
    each number of free tokens. Raises ValueError for a sequence longer than `capacity`.
    """
    if len(lengths) and int(lengths.max()) > capacity:
        raise ValueError(f"a sequence of {int(lengths.max())} tokens is longer than the row, {capacity}")
    rows: list[list[int]] = []
    rows_by_room: list[list[int]] = [[] for _ in range(capacity + 1)]
    rooms = 0  # bit n is set where some row has room for n more tokens
    for n in np.random.default_rng(seed).permutation(len(lengths)).tolist():
        length = int(lengths[n])
        fitting = rooms >> length
        if fitting:
            room = length + (fitting & -fitting).bit_length() - 1
            row = rows_by_room[room].pop()
            if not rows_by_room[room]:
                rooms ^= 1 << room
        else:
            room, row = capacity, len(rows)
            rows.append([])
        rows[row].append(n)
        rows_by_room[room - length].append(row)
        rooms |= 1 << (room - length)
    return _rows(rows)


def one_each(n: int) -> Rows:
    """Every sequence in a row of its own."""
    return Rows(np.arange(n), np.arange(n + 1))


def _rows(rows: list[list[int]]) -> Rows:
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return Rows(np.asarray([n for row in rows for n in row], dtype=np.int64), starts)


Row = list[tuple[NDArray[np.int64], NDArray[np.bool_]]]
"""Ids and mask of each sequence of a row."""


class RowDataset:
    """The rows of one or more token files, as torch's data loader reads them."""

    def __init__(self, files: Sequence[Tokenized], *, capacity: int, packing: bool, seed: int) -> None:
        self._files = tuple(files)
        self._first = np.cumsum([0, *(len(file) for file in files)])
        lengths = np.concatenate([file.lengths for file in files])
        self.rows = pack(lengths, capacity, seed) if packing else one_each(len(lengths))
        self.n_sequences = len(lengths)
        self.n_tokens = int(lengths.sum())

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, n: int) -> Row:
        return [self._sequence(int(member)) for member in self.rows[n]]

    def _sequence(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        file = int(np.searchsorted(self._first, n, side="right")) - 1
        return self._files[file][n - int(self._first[file])]
