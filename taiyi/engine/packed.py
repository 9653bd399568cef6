"""One forward for several rows: their new tokens stand side by side in one sequence, and each attends to its own row.

No padding and no mask is needed: rows may bring one token (decoding), a few (a run that a grammar forces) or many (a
piece of a prompt), and what a row computes does not depend on who else is there. The layers of transformers run as they
are; their attention is exchanged for `packed_attention` through the library's registry of attention functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

NAME = "taiyi_packed"
GROWTH_TOKENS = 256  # the memory grows by at least so many tokens at a time


class Piece(NamedTuple):
    """What a row reads in one forward: its slot, the ids, and for how many of the last of them logits are wanted."""

    slot: int
    ids: list[int]
    n_logits: int = 1


class Reach(NamedTuple):
    """What the last `n_new` tokens of rows attend to: keys and values (rows, heads, tokens, head size), the new tokens'
    own last; or, with a mask (rows, 1, n_new, tokens), wherever it is true."""

    keys: torch.Tensor
    values: torch.Tensor
    n_new: int
    mask: torch.Tensor | None = None


class Slots:
    """Keys and values of all rows: for each layer two tensors (slots, heads, capacity, head size)."""

    def __init__(self, n_slots: int) -> None:
        self.n_slots = n_slots
        self.layers: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.lengths = [0] * n_slots
        self._free = list(range(n_slots))

    @property
    def capacity(self) -> int:
        """Tokens that a row may hold; the last place is never a row's own (see `CompiledStep`)."""
        return self.layers[0][0].shape[2] if self.layers else 0

    def take(self) -> int:
        """The lowest free slot, empty: rows stand close together."""
        slot = min(self._free)
        self._free.remove(slot)
        self.lengths[slot] = 0
        return slot

    def give_back(self, slot: int) -> None:
        """The row in this slot has ended. Memory beyond the first growth is freed with the last row."""
        self._free.append(slot)
        if len(self._free) == self.n_slots and self.capacity > 4 * GROWTH_TOKENS:
            self.layers = []

    def reserve(self, length: int) -> None:
        """Room for rows of `length` tokens, half as many again where it must grow: copying stays a small share."""
        if self.layers and length >= self.capacity:
            self.layers = [(_grown(keys, length), _grown(values, length)) for keys, values in self.layers]

    def extend(self, slot: int, layer: int, keys: torch.Tensor, values: torch.Tensor) -> Reach:
        """Write keys and values (heads, new tokens, head size) after what the slot holds."""
        if layer == len(self.layers):
            room = max(self.capacity, keys.shape[1] + GROWTH_TOKENS)
            self.layers.append((self._empty(keys, room), self._empty(values, room)))
        begin, n_new = self.lengths[slot], keys.shape[1]
        end = begin + n_new
        own_keys, own_values = self.layers[layer]
        own_keys[slot, :, begin:end] = keys
        own_values[slot, :, begin:end] = values
        return Reach(own_keys[slot : slot + 1, :, :end], own_values[slot : slot + 1, :, :end], n_new)

    def _empty(self, like: torch.Tensor, room: int) -> torch.Tensor:
        return like.new_zeros((self.n_slots, like.shape[0], room, like.shape[2]))


def _grown(old: torch.Tensor, length: int) -> torch.Tensor:
    n_slots, n_heads, capacity, size = old.shape
    new = old.new_zeros((n_slots, n_heads, length + length // 2 + GROWTH_TOKENS, size))
    new[:, :, :capacity] = old
    return new


class _PackedCache:
    """Stands where transformers expects a cache, for one forward: gives each row its part of keys and values."""

    def __init__(self, slots: Slots, rows: list[int], counts: list[int]) -> None:
        self._slots, self._rows, self._counts = slots, rows, counts

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple[list[Reach], list[Reach]]:
        """Keys and values (1, heads, tokens of all rows, head size) → the reach of each row, twice: the attention
        function gets it in the place of the keys and of the values."""
        parts = zip(self._rows, keys[0].split(self._counts, 1), values[0].split(self._counts, 1), strict=True)
        reach = [self._slots.extend(slot, layer, own_keys, own_values) for slot, own_keys, own_values in parts]
        return reach, reach


def packed_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: list[Reach],
    value: list[Reach],
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of queries (1, heads, tokens of all rows, head size) row by row → (1, tokens, heads, head size)."""
    if len(key) == 1:
        return _attend(query, key[0], scaling).transpose(1, 2), None
    parts = query.split([reach.n_new for reach in key], dim=2)
    attended = [_attend(part, reach, scaling) for part, reach in zip(parts, key, strict=True)]
    return torch.cat(attended, dim=2).transpose(1, 2), None


def _attend(query: torch.Tensor, reach: Reach, scaling: float | None) -> torch.Tensor:
    length = reach.keys.shape[2]
    mask = reach.mask
    if mask is None and 1 < reach.n_new < length:
        mask = torch.ones((reach.n_new, length), dtype=torch.bool, device=query.device).tril(length - reach.n_new)
    return scaled_dot_product_attention(
        query,
        reach.keys,
        reach.values,
        attn_mask=mask,
        is_causal=mask is None and reach.n_new > 1,
        scale=scaling,
        enable_gqa=query.shape[1] != reach.keys.shape[1],
    )


AttentionInterface.register(NAME, packed_attention)


def base_of(model: Any) -> Any:
    """The transformers model beneath an adapter."""
    return model.get_base_model() if hasattr(model, "peft_config") else model


class PackedModel:
    """A causal model whose layers all attend to the whole row."""

    def __init__(self, model: Any, n_slots: int) -> None:
        self.model = model
        self.slots = Slots(n_slots)
        self._own_attention = base_of(model).config._attn_implementation
        base_of(model).set_attn_implementation(NAME)

    @staticmethod
    def fits(model: Any) -> bool:
        """Whether a model can be run this way: no sliding windows, no recurrent layers, no softcap on attention."""
        config = base_of(model).config
        kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
        windowed = any(getattr(config, name, None) for name in ("sliding_window", "attn_logit_softcapping"))
        return kinds == {"full_attention"} and not windowed and bool(base_of(model)._can_set_attn_implementation())

    def release(self) -> None:
        """Give the model its own attention back."""
        base_of(self.model).set_attn_implementation(self._own_attention)

    def join(self) -> int:
        """The slot of a new row."""
        return self.slots.take()

    def leave(self, slot: int) -> None:
        """The row in this slot has ended."""
        self.slots.give_back(slot)

    def rewind(self, slot: int, n_tokens: int) -> None:
        """Let a slot forget the last tokens that it holds."""
        self.slots.lengths[slot] -= n_tokens

    def forward(self, rows: Sequence[Piece]) -> torch.Tensor:
        """Logits (wanted, vocabulary) after the last new tokens of each row; the slots then hold all the new ones."""
        slots, counts = [row.slot for row in rows], [len(row.ids) for row in rows]
        begins = [self.slots.lengths[slot] for slot in slots]
        ends = [begin + count for begin, count in zip(begins, counts, strict=True)]
        self.slots.reserve(max(ends))
        wanted = [
            at for row, end in zip(rows, accumulate(counts), strict=True) for at in range(end - row.n_logits, end)
        ]
        device = self.model.device
        positions = [place for begin, end in zip(begins, ends, strict=True) for place in range(begin, end)]
        logits = self.model(
            input_ids=torch.tensor([[i for row in rows for i in row.ids]], device=device),
            position_ids=torch.tensor([positions], device=device),
            past_key_values=_PackedCache(self.slots, slots, counts),
            use_cache=True,
            logits_to_keep=torch.tensor(wanted, device=device),
        ).logits[0]
        for slot, end in zip(slots, ends, strict=True):
            self.slots.lengths[slot] = end
        return logits.float().cpu()
