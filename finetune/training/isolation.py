"""Whether sequences that share a row are kept apart by this very model, asked before anything is trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from finetune.training.collate import collate
from finetune.training.packing import Row
from taiyi.errors import ModelError

_LENGTHS = (7, 9)
_TOLERANCE = 1e-2
"""Of the logits' norm. A model that keeps sequences apart differs by rounding at most, where its experts' matrices
change their shape; one that does not differs by as much as a prompt makes."""


def needs_explicit_mask(model: Any, name: str) -> bool:
    """Whether the model needs the block-diagonal mask spelt out; most build it from positions that begin anew.

    Raises ModelError where it mixes sequences even so: it can only be trained with `packing: false`.
    """
    for explicit in (False, True):
        if not mixes_sequences(model, explicit_mask=explicit):
            return explicit
    raise ModelError(
        f"{name} lets sequences that share a row see each other; train it with packing: false.",
        code="packing_mixes",
        model=name,
    )


@torch.no_grad()
def mixes_sequences(model: Any, *, explicit_mask: bool) -> bool:
    """Whether the second sequence of a row comes out differently when the first one is exchanged."""
    training = model.training
    model.eval()
    try:
        one, other = (_second_logits(model, seed, explicit_mask) for seed in (1, 2))
    finally:
        model.train(training)
    return bool((one - other).norm() > _TOLERANCE * other.norm())


def _second_logits(model: Any, seed: int, explicit_mask: bool) -> torch.Tensor:
    """Logits (n, vocabulary) of a fixed second sequence behind a first one drawn by `seed`."""
    vocabulary = model.get_input_embeddings().weight.shape[0]
    row: Row = []
    for length, drawn in zip(_LENGTHS, (seed, 0), strict=True):
        ids = np.random.default_rng(drawn).integers(0, vocabulary, length)
        row.append((ids, np.ones(length, dtype=bool)))
    batch = collate([row], explicit_mask=explicit_mask)
    inputs = {
        key: batch[key].to(model.device) for key in ("input_ids", "position_ids", "attention_mask") if key in batch
    }
    logits: torch.Tensor = model(**inputs, use_cache=False).logits[0, _LENGTHS[0] :]
    return logits.float()
