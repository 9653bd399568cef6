"""The loss of a batch, with scores over the vocabulary computed only where something is learnt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import functional

from finetune.training.collate import IGNORED

MODEL_INPUTS = ("input_ids", "position_ids", "attention_mask")


def loss_sum(model: Any, batch: dict[str, torch.Tensor], head: torch.nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Sum of the cross-entropies of a batch's learnt tokens, and how many they are.

    `head` is the module that makes scores of hidden states. Replies are a fraction of the tokens, and prompts need no
    scores: with vocabularies of 150,000 they would be most of the memory of a step.
    """
    labels = batch["labels"]
    targets = torch.full_like(labels, IGNORED)
    targets[:, :-1] = labels[:, 1:]
    learnt = targets != IGNORED
    inputs = {name: batch[name] for name in MODEL_INPUTS if name in batch}
    with _only(head, learnt):
        # A cache, even an empty one, would make transformers look across the borders of packed sequences.
        scores = model(**inputs, use_cache=False).logits
    loss = functional.cross_entropy(scores.float(), targets[learnt], reduction="sum")
    return loss, learnt.sum()


@contextmanager
def _only(head: torch.nn.Module, learnt: torch.Tensor) -> Iterator[None]:
    """While this lasts, the head is given the hidden states at `learnt` (rows, length) as one list (n, hidden)."""

    def select(module: torch.nn.Module, hidden: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        return (hidden[0][learnt],)

    hook = head.register_forward_pre_hook(select)
    try:
        yield
    finally:
        hook.remove()
