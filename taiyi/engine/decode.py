"""The decode loop: one thread owns the model, and every stream under way shares its steps."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import DynamicCache

from taiyi.engine.base import Chunk, Finish, SamplingParams
from taiyi.engine.constrain import Constraint
from taiyi.engine.detokenize import Detokenizer
from taiyi.engine.sampling import Sampler
from taiyi.engine.stopping import LoopWatch, StopStrings
from taiyi.errors import EngineError, Issue, QueueFullError

PREFILL_TOKENS = 256  # of a prompt read between two steps of the streams under way
MAX_ROWS = 8
MAX_WAITING = 32


@dataclass
class Row:
    """One stream: its own sampler, grammar, stop rules, cancel flag and memory of what it said."""

    prompt: list[int]
    params: SamplingParams
    detokenizer: Detokenizer
    constraint: Constraint | None
    cancel: threading.Event
    end_ids: frozenset[int]
    chunks: queue.SimpleQueue[Chunk | BaseException] = field(default_factory=queue.SimpleQueue)
    pending: list[int] = field(default_factory=list)  # tokens that the model has not read yet
    n_read: int = 0  # tokens in the row's cache
    n_new: int = 0
    n_chars: int = 0
    finished: bool = False

    def __post_init__(self) -> None:
        self.sampler = Sampler(self.params)
        self.stops = StopStrings(self.params.stop)
        self.loop = LoopWatch()
        self.said: list[int] = []

    def advance(self, logits: torch.Tensor) -> None:
        """Take the next token from logits (vocabulary,), and whatever the grammar forces after it."""
        if self.cancel.is_set():
            self.end(Finish.CANCELLED)
            return
        logits = self.sampler.penalise(logits.float(), self.said)
        if self.constraint is not None:
            logits = self.constraint.mask(logits, self.params.end_bias)
        pick = self.sampler.pick
        token = pick(logits) if self.constraint is None else self.constraint.pick(logits, pick)
        logprob = float(logits.log_softmax(-1)[token])
        if token in self.end_ids:
            self.end(Finish.END)
            return
        run = [(token, logprob)]
        if self.constraint is not None:
            forced = self.constraint.accept(token)[1:]
            run += [(following, 0.0) for following in forced if following not in self.end_ids]
        self._say(run)

    def _say(self, run: list[tuple[int, float]]) -> None:
        """Send the tokens of a run; the reply may end within it."""
        text, ids, logprobs, offsets = "", [], [], []
        finish: Finish | None = None
        issues: tuple[Issue, ...] = ()
        for token, logprob in run:
            offsets.append(self.n_chars)
            ids.append(token)
            logprobs.append(logprob)
            self.said.append(token)
            self.n_new += 1
            certain, stopped = self.stops.add(self.detokenizer.add(token))
            text += certain
            self.n_chars += len(certain)
            if stopped:
                finish = Finish.STOP
            elif self.constraint is None and self.loop.add(token):
                finish, issues = Finish.REPETITION, (Issue("repetition"),)
            elif self.n_new >= self.params.max_new_tokens:
                finish = Finish.LENGTH
            if finish:
                break
        if finish is None and self.constraint is not None and self.constraint.complete:
            finish = Finish.END
        self.pending = ids
        if finish is None:
            self.chunks.put(Chunk(text, tuple(ids), tuple(logprobs), tuple(offsets)))
        else:
            self.end(finish, text, ids, logprobs, offsets, issues)

    def end(
        self,
        finish: Finish,
        text: str = "",
        ids: list[int] | None = None,
        logprobs: list[float] | None = None,
        offsets: list[int] | None = None,
        issues: tuple[Issue, ...] = (),
    ) -> None:
        """Send the last chunk, with what was held back."""
        if finish is not Finish.STOP:
            text += self.stops.add(self.detokenizer.finish())[0] + self.stops.finish()
        self.finished = True
        self.chunks.put(Chunk(text, tuple(ids or ()), tuple(logprobs or ()), tuple(offsets or ()), finish, issues))

    def fail(self, error: BaseException) -> None:
        """Hand an error to the consumer."""
        self.finished = True
        self.chunks.put(error)


class DecodeLoop:
    """Rows join and leave between steps. Each holds its place in one left-padded cache (rows, heads, length, size)."""

    def __init__(self, model: Any, *, max_rows: int = MAX_ROWS, max_waiting: int = MAX_WAITING) -> None:
        self._model = model
        self._max_rows = max_rows
        self._max_waiting = max_waiting
        self._wake = threading.Condition()
        self._waiting: list[Row] = []
        self._closed = False
        self._rows: list[Row] = []
        self._cache: DynamicCache | None = None
        self._mask = torch.zeros((0, 0), dtype=torch.long)
        self._thread = threading.Thread(target=self._run, name="decode", daemon=True)
        self._thread.start()

    def waiting(self) -> int:
        """Rows that have not started."""
        with self._wake:
            return len(self._waiting)

    def stream(self, row: Row) -> Iterator[Chunk]:
        """Put a row in the queue and hand on its chunks. Closing the iterator cancels it."""
        with self._wake:
            if self._closed:
                raise EngineError("The model has been closed.", code="engine_closed")
            if len(self._waiting) >= self._max_waiting:
                raise QueueFullError(
                    f"{len(self._waiting)} requests already wait; try again in a moment.",
                    code="queue_full",
                    waiting=len(self._waiting),
                )
            self._waiting.append(row)
            self._wake.notify()
        try:
            while True:
                item = row.chunks.get()
                if isinstance(item, BaseException):
                    raise EngineError(
                        f"The model failed while it answered: {item}", code="generation_failed", reason=str(item)
                    ) from item
                yield item
                if item.finish is not None:
                    return
        finally:
            row.cancel.set()

    def close(self) -> None:
        """End every stream with an error, then the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._closed or self._waiting or self._rows):
                    self._wake.wait()
                if self._closed:
                    self._fail_all(RuntimeError("the model was closed"))
                    return
                joining = self._waiting.pop(0) if self._waiting and len(self._rows) < self._max_rows else None
            try:
                with torch.inference_mode():
                    if joining is not None:
                        self._join(joining)
                    if self._rows:
                        self._step()
            except Exception as error:  # the consumers get it, in their own threads; the loop lives on
                if joining is not None and not joining.finished:
                    joining.fail(error)
                self._fail_all(error)

    def _fail_all(self, error: BaseException) -> None:
        with self._wake:
            waiting, self._waiting = (self._waiting, []) if self._closed else ([], self._waiting)
        for row in (*self._rows, *waiting):
            if not row.finished:
                row.fail(error)
        self._rows, self._cache = [], None

    def _join(self, row: Row) -> None:
        """Read the prompt in pieces, the others stepping in between, and take the row in."""
        cache = DynamicCache()
        logits = None
        for start in range(0, len(row.prompt), PREFILL_TOKENS):
            if row.cancel.is_set():
                row.end(Finish.CANCELLED)
                return
            if start and self._rows:
                self._step()
            piece = torch.tensor([row.prompt[start : start + PREFILL_TOKENS]])
            logits = self._model(
                input_ids=piece.to(self._model.device), past_key_values=cache, use_cache=True, logits_to_keep=1
            ).logits
        if logits is None:
            raise ValueError("The prompt is empty.")
        row.n_read = len(row.prompt)
        row.advance(logits[0, -1].cpu())
        if not row.finished:
            self._append(row, cache)

    def _append(self, row: Row, cache: DynamicCache) -> None:
        mask = torch.ones((1, row.n_read), dtype=torch.long)
        if self._cache is None:
            self._rows, self._cache, self._mask = [row], cache, mask
            return
        length = max(self._mask.shape[1], row.n_read)
        self._mask = torch.cat([_padded(self._mask, length, 1), _padded(mask, length, 1)])
        joined = DynamicCache()
        for n, (old, new) in enumerate(zip(self._cache.layers, cache.layers, strict=True)):
            joined.update(
                torch.cat([_padded(old.keys, length, 2), _padded(new.keys, length, 2)]),
                torch.cat([_padded(old.values, length, 2), _padded(new.values, length, 2)]),
                n,
            )
        self._cache = joined
        self._rows.append(row)

    def _step(self) -> None:
        """One forward for all rows. Each reads its pending tokens, right-aligned; a forced run is several."""
        self._leave()
        if not self._rows:
            return
        width = max(len(row.pending) for row in self._rows)
        ids = torch.zeros((len(self._rows), width), dtype=torch.long)
        positions = torch.zeros_like(ids)
        new_mask = torch.zeros_like(ids)
        for n, row in enumerate(self._rows):
            count = len(row.pending)
            ids[n, width - count :] = torch.tensor(row.pending)
            positions[n, width - count :] = torch.arange(row.n_read, row.n_read + count)
            new_mask[n, width - count :] = 1
            row.n_read += count
        self._mask = torch.cat([self._mask, new_mask], dim=1)
        alone = len(self._rows) == 1 and bool(self._mask.all())
        device = self._model.device
        logits = (
            self._model(
                input_ids=ids.to(device),
                attention_mask=None if alone else self._mask.to(device),
                position_ids=positions.to(device),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
            )
            .logits[:, -1]
            .cpu()
        )
        for n, row in enumerate(self._rows):
            try:
                row.advance(logits[n])
            except Exception as error:  # one stream's trouble is not the others'
                row.fail(error)
        self._leave()

    def _leave(self) -> None:
        """Drop rows that ended, and the padding that all the others share."""
        stay = [n for n, row in enumerate(self._rows) if not row.finished]
        if len(stay) == len(self._rows):
            return
        self._rows = [self._rows[n] for n in stay]
        if not self._rows or self._cache is None:
            self._cache = None
            return
        index = torch.tensor(stay)
        self._mask = self._mask[index]
        first = int(self._mask.any(dim=0).nonzero()[0])
        self._mask = self._mask[:, first:]
        kept = DynamicCache()
        for n, layer in enumerate(self._cache.layers):
            where = index.to(layer.keys.device)
            kept.update(layer.keys[where, :, first:], layer.values[where, :, first:], n)
        self._cache = kept


def _padded(tensor: torch.Tensor, length: int, dim: int) -> torch.Tensor:
    """`tensor` with zeros before it, up to `length` along `dim`."""
    missing = length - tensor.shape[dim]
    if missing == 0:
        return tensor
    shape = list(tensor.shape)
    shape[dim] = missing
    return torch.cat([tensor.new_zeros(shape), tensor], dim=dim)
