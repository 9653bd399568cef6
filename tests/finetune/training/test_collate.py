"""A batch by hand: where positions begin anew, what is learnt, and who sees whom."""

from __future__ import annotations

import numpy as np
import torch

from finetune.training.collate import IGNORED, block_mask, collate
from finetune.training.packing import Row

ROWS: list[Row] = [
    [(np.array([5, 6, 7]), np.array([False, True, True])), (np.array([8, 9]), np.array([False, True]))],
    [(np.array([4, 0]), np.array([False, True]))],
]


def test_sequences_stand_side_by_side_with_positions_of_their_own() -> None:
    batch = collate(ROWS, pad_id=0)
    assert batch["input_ids"].tolist() == [[5, 6, 7, 8, 9], [4, 0, 0, 0, 0]]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 0, 1], [0, 1, 0, 1, 2]]
    assert batch["n_tokens"].tolist() == [5, 2]
    assert "attention_mask" not in batch


def test_an_end_token_that_is_also_the_padding_is_learnt() -> None:
    """Token 0 ends the second row's sequence and fills the rest of the row."""
    x = IGNORED
    assert collate(ROWS, pad_id=0)["labels"].tolist() == [[x, 6, 7, x, 9], [x, 0, x, x, x]]


def test_the_mask_shows_each_place_what_came_before_it_in_its_own_sequence() -> None:
    mask = block_mask(torch.tensor([[1, 1, 2, 0]]))
    assert mask.tolist() == [
        [[[True, False, False, False], [True, True, False, False], [False, False, True, False], [False] * 3 + [True]]]
    ]
    assert collate(ROWS, explicit_mask=True)["attention_mask"].shape == (2, 1, 5, 5)
