"""The step of decoding, compiled: one new token for each row, fused by torch's compiler where there is a C compiler."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Sequence
from typing import Any

import torch

from taiyi.engine.packed import Piece, Reach, Slots

logger = logging.getLogger(__name__)


class _BatchedCache:
    """Stands where transformers expects a cache: row n's new token goes to place `at[n]` of slot n."""

    def __init__(self, layers: Sequence[tuple[torch.Tensor, torch.Tensor]], at: torch.Tensor, mask: torch.Tensor):
        self._layers, self._at, self._mask = layers, at, mask

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple[list[Reach], list[Reach]]:
        """Keys and values (rows, heads, 1, head size) → one reach for all rows, twice."""
        rows, length = self._mask.shape[0], self._mask.shape[3]
        index = torch.arange(rows, device=keys.device)
        own_keys, own_values = self._layers[layer]
        own_keys[index, :, self._at] = keys[:, :, 0]
        own_values[index, :, self._at] = values[:, :, 0]
        reach = [Reach(own_keys[:rows, :, :length], own_values[:rows, :, :length], 1, self._mask)]
        return reach, reach


class CompiledStep:
    """Compiles in a thread of its own, once for one row and once for several, and is used from when it is ready.

    `ready` says for which of the two: {"one", "several"}. Where compiling fails nothing changes but that it never is.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._step = torch.compile(self._plain_step)
        self._thread: threading.Thread | None = None
        self._stopped = False
        self.ready: set[str] = set()

    @property
    def started(self) -> bool:
        return self._thread is not None

    def start(self, slots: Slots) -> None:
        """Begin to compile for slots of this shape."""
        shapes = [(keys.shape, values.shape, keys.dtype) for keys, values in slots.layers]
        self._thread = threading.Thread(target=self._compile, args=(slots.n_slots, shapes), name="compile", daemon=True)
        atexit.register(self._leave)  # Python must not end under a compiler at work: the process would abort
        self._thread.start()

    def wait(self) -> None:
        """Until compiling has ended, well or not."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Begin nothing more; what is being compiled is finished."""
        self._stopped = True

    def _leave(self) -> None:
        self.stop()
        self.wait()

    def fits(self, slots: Slots, rows: Sequence[Piece]) -> bool:
        """Whether a compiled step is ready for these rows and there is room for what they say."""
        kind = "one" if max(row.slot for row in rows) == 0 else "several"
        if kind not in self.ready or any(len(row.ids) != 1 for row in rows):
            return False
        return max(slots.lengths[row.slot] for row in rows) + 1 < slots.capacity

    def forward(self, slots: Slots, rows: Sequence[Piece]) -> torch.Tensor:
        """Logits (rows, vocabulary). Slots between those of the rows run along idle: their token goes to the last
        place of the memory, which no row owns."""
        n_slots = max(row.slot for row in rows) + 1
        ids, at = [0] * n_slots, [slots.capacity - 1] * n_slots
        for row in rows:
            ids[row.slot], at[row.slot] = row.ids[0], slots.lengths[row.slot]
        reach = max(slots.lengths[row.slot] for row in rows) + 1
        places = torch.tensor(at)
        mask = torch.arange(reach)[None] <= places[:, None]
        logits = self._step(torch.tensor(ids)[:, None], places, mask[:, None, None], slots.layers)
        for row in rows:
            slots.lengths[row.slot] += 1
        return logits[[row.slot for row in rows]].float()

    def _plain_step(
        self,
        ids: torch.Tensor,
        at: torch.Tensor,
        mask: torch.Tensor,
        layers: list[tuple[torch.Tensor, torch.Tensor]],
    ) -> torch.Tensor:
        """Ids (rows, 1), their places (rows,), what each may attend to (rows, 1, 1, tokens) → logits (rows, words)."""
        cache = _BatchedCache(layers, at, mask)
        out = self._model(input_ids=ids, position_ids=at[:, None], past_key_values=cache, use_cache=True)
        return out.logits[:, -1]

    def _compile(self, n_slots: int, shapes: list[tuple[torch.Size, torch.Size, torch.dtype]]) -> None:
        try:
            for kind, n_rows in (("one", 1), ("several", 3)):
                if n_rows <= n_slots and not self._stopped:
                    with torch.inference_mode():
                        self._trace(n_rows, shapes)
                    self.ready.add(kind)
        except Exception:  # no compiler, or a model it can't take: decoding goes on as it was
            logger.info("The decoding step could not be compiled; it runs uncompiled.", exc_info=True)

    def _trace(self, n_rows: int, shapes: list[tuple[torch.Size, torch.Size, torch.dtype]]) -> None:
        """One run on memory of the same shape, with the sizes that change marked as such."""
        mark = torch._dynamo.mark_dynamic
        layers = []
        for keys_shape, values_shape, dtype in shapes:
            layers.append((torch.zeros(keys_shape, dtype=dtype), torch.zeros(values_shape, dtype=dtype)))
            for memory in layers[-1]:
                mark(memory, 2)
        ids, at = torch.zeros((n_rows, 1), dtype=torch.long), torch.arange(7, 7 + n_rows)
        mask = (torch.arange(16)[None] <= at[:, None])[:, None, None]
        mark(mask, 3)
        if n_rows > 1:
            for tensor in (ids, at, mask):
                mark(tensor, 0)
        self._step(ids, at, mask, layers)
