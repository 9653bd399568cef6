"""Rows of sequences as the tensors of a batch. Sequences of a row, and its padding, do not see each other."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from finetune.training.packing import Row

IGNORED = -100
"""The label of a place that is not learnt, in torch and transformers."""


def collate(rows: Sequence[Row], *, pad_id: int = 0, explicit_mask: bool = False) -> dict[str, torch.Tensor]:
    """`input_ids`, `labels` and `position_ids`, each (rows, longest row), and `n_tokens` (rows,), without padding.

    Positions begin anew with each sequence; without an attention mask, transformers reads from them which places belong
    together. With `explicit_mask` there is also an `attention_mask` (rows, 1, length, length), True where a place may
    look, for architectures that do not read positions so. Padding is a sequence of its own that nothing is learnt from:
    which token it is plays no part, and an end token is never taken for padding.
    """
    length = max(sum(len(ids) for ids, _ in row) for row in rows)
    shape = (len(rows), length)
    input_ids = torch.full(shape, pad_id)
    labels = torch.full(shape, IGNORED)
    positions = torch.zeros(shape, dtype=torch.long)
    documents = torch.zeros(shape, dtype=torch.long)
    for n, row in enumerate(rows):
        at = 0
        for number, (ids, mask) in enumerate(row, start=1):
            place = slice(at, at + len(ids))
            tokens = torch.from_numpy(ids)
            input_ids[n, place] = tokens
            labels[n, place] = tokens.where(torch.from_numpy(mask), IGNORED)
            positions[n, place] = torch.arange(len(ids))
            documents[n, place] = number
            at += len(ids)
        positions[n, at:] = torch.arange(length - at)
    batch = {"input_ids": input_ids, "labels": labels, "position_ids": positions}
    batch["n_tokens"] = (documents > 0).sum(dim=1)
    if explicit_mask:
        batch["attention_mask"] = block_mask(documents)
    return batch


def block_mask(documents: torch.Tensor) -> torch.Tensor:
    """Who may look at whom, (rows, 1, length, length): earlier places, and the same, of the same document."""
    length = documents.shape[1]
    same = documents[:, :, None] == documents[:, None, :]
    return (same & torch.ones(length, length, dtype=torch.bool).tril())[:, None]
