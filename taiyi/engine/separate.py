"""Models that can't be packed (sliding windows, recurrent layers): a cache of the library's own for every row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import DynamicCache

from taiyi.engine.packed import Piece, base_of


class SeparateModel:
    """The methods of `PackedModel` but `rewind`: a window or a recurrent state that has moved on knows no way back, so
    nothing is tried ahead. Every row has its own forward, so several rows take several times as long."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._caches: dict[int, DynamicCache] = {}

    def release(self) -> None:
        """Nothing of the model was changed."""

    def join(self) -> int:
        """The key of a new row."""
        key = max(self._caches, default=-1) + 1
        self._caches[key] = DynamicCache(config=base_of(self.model).config)
        return key

    def leave(self, slot: int) -> None:
        """The row has ended."""
        del self._caches[slot]

    def forward(self, rows: Sequence[Piece]) -> torch.Tensor:
        """Logits (rows, vocabulary) after the last new token of each row."""
        logits = [
            self.model(
                input_ids=torch.tensor([row.ids], device=self.model.device),
                past_key_values=self._caches[row.slot],
                use_cache=True,
                logits_to_keep=1,
            ).logits[0, -1]
            for row in rows
        ]
        return torch.stack(logits).float().cpu()
