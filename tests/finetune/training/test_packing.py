"""Rows hold every sequence once, none is too full, and the seed alone decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.training.packing import Rows, one_each, pack


def members(rows: Rows) -> list[list[int]]:
    return [rows[n].tolist() for n in range(len(rows))]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 20), max_size=60), st.integers(0, 9))
def test_every_sequence_stands_in_one_row_and_no_row_is_longer_than_its_capacity(lengths: list[int], seed: int) -> None:
    rows = members(pack(np.array(lengths, dtype=np.int64), 20, seed))
    assert sorted(n for row in rows for n in row) == list(range(len(lengths)))
    assert all(0 < sum(lengths[n] for n in row) <= 20 for row in rows)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 20), max_size=60), st.integers(0, 9))
def test_a_row_is_begun_only_where_no_other_has_room(lengths: list[int], seed: int) -> None:
    """So that no two rows are half empty or more: the second one's sequences would have gone into the first."""
    rows = members(pack(np.array(lengths, dtype=np.int64), 20, seed))
    assert sum(2 * sum(lengths[n] for n in row) <= 20 for row in rows) <= 1


def test_the_same_seed_gives_the_same_rows_and_another_others() -> None:
    lengths = np.random.default_rng(0).integers(1, 300, 200)
    assert members(pack(lengths, 512, 3)) == members(pack(lengths, 512, 3))
    assert members(pack(lengths, 512, 3)) != members(pack(lengths, 512, 4))


def test_rows_are_nearly_full() -> None:
    """Lengths as of instructions: with 2,000 of them next to nothing of a row is left over."""
    lengths = np.random.default_rng(0).integers(20, 700, 2000)
    rows = pack(lengths, 1024, 0)
    assert lengths.sum() / (len(rows) * 1024) > 0.97


def test_a_sequence_that_fits_in_no_row_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="1025 tokens is longer than the row, 1024"):
        pack(np.array([5, 1025]), 1024, 0)


def test_without_packing_each_sequence_has_a_row() -> None:
    assert members(one_each(3)) == [[0], [1], [2]]
