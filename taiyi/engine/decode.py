"""The decode loop: one thread owns the model, and every stream under way shares its steps.

The life of a request: (1) it waits in a bounded queue; (2) it gets a slot of the model's memory; (3) its prompt is read
in pieces, in the same forwards in which the others say their next token; (4) with the last piece come its first logits;
(5) it picks a token, and its grammar may force a run after it, which the next forward reads at once, with tokens that
were predicted to follow: these are said as far as they are what the row would have picked, and the others forgotten;
(6) its text goes to the consumer in chunks; (7) it ends, by itself, by its limits, by an error or because the consumer
went away; (8) its slot is free again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import torch

from taiyi.engine.base import Chunk, Finish
from taiyi.engine.compiled import CompiledStep
from taiyi.engine.packed import PackedModel, Piece
from taiyi.engine.row import Row
from taiyi.engine.separate import SeparateModel
from taiyi.errors import EngineError, QueueFullError

PREFILL_TOKENS = 256  # of prompts read in one forward, so that a long one doesn't hold up the streams under way
MAX_ROWS = 8
MAX_WAITING = 32  # or WAITING_PER_ROW requests a row, where that is more
WAITING_PER_ROW = 4
COMPILE_AFTER_TOKENS = 1500  # compiling takes the processor for some seconds: only where a model is used in earnest


class DecodeLoop:
    """Rows join and leave between steps."""

    def __init__(
        self, model: Any, *, max_rows: int = MAX_ROWS, max_waiting: int | None = None, compiled: bool = False
    ) -> None:
        packs = PackedModel.fits(model)
        self._model: PackedModel | SeparateModel = PackedModel(model, max_rows) if packs else SeparateModel(model)
        self._compiled = CompiledStep(model) if packs and compiled else None
        self._max_rows = max_rows
        self._max_waiting = max(MAX_WAITING, WAITING_PER_ROW * max_rows) if max_waiting is None else max_waiting
        self._wake = threading.Condition()
        self._waiting: list[Row] = []
        self._rows: list[Row] = []
        self._closed = False
        self._n_steps = 0
        self._thread = threading.Thread(target=self._run, name="decode", daemon=True)
        self._thread.start()

    def waiting(self) -> int:
        """Rows that have not started."""
        with self._wake:
            return len(self._waiting)

    def stream(self, row: Row) -> Iterator[Chunk]:
        """Put a row in the queue and hand on its chunks. Closing the iterator cancels it."""
        self._enqueue(row)
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
            row.abandoned = True

    def close(self) -> None:
        """End every stream with an error, then the thread; the model is as it was before."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._compiled is not None:
            self._compiled.stop()
        self._thread.join(timeout=10)
        self._model.release()

    def _enqueue(self, row: Row) -> None:
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

    def _run(self) -> None:
        with torch.inference_mode():
            while self._admit():
                try:
                    self._step()
                except Exception as error:  # the consumers get it, in their own threads; the loop lives on
                    self._fail(self._rows, error)
                self._release()

    def _admit(self) -> bool:
        """Wait for something to do, and start rows where slots are free. False when the loop is closed."""
        with self._wake:
            while not (self._closed or self._waiting or self._rows):
                self._wake.wait()
            if self._closed:
                self._fail([*self._rows, *self._waiting], RuntimeError("the model was closed"))
                return False
            for row in self._waiting:
                if row.cancelled:
                    row.end(Finish.CANCELLED)
            self._waiting = [row for row in self._waiting if not row.finished]
            n_free = self._max_rows - len(self._rows)
            started, self._waiting = self._waiting[:n_free], self._waiting[n_free:]
        for row in started:
            row.slot = self._model.join()
        self._rows += started
        return True

    def _step(self) -> None:
        """One forward for all rows: some read a piece of their prompt, the others the tokens they said last."""
        for row in self._rows:
            if row.cancelled:
                row.end(Finish.CANCELLED)
        pieces = self._pieces()
        if not pieces:
            return
        logits = self._forward([piece for _, piece in pieces]).split([piece.n_logits for _, piece in pieces])
        for (row, piece), own in zip(pieces, logits, strict=True):
            if len(piece.ids) < len(row.unread):
                row.unread = row.unread[len(piece.ids) :]
                continue
            try:
                n_said = row.advance(own)
            except Exception as error:  # one stream's trouble is not the others'
                row.fail(error)
                continue
            if isinstance(self._model, PackedModel):
                self._model.rewind(row.slot, piece.n_logits - 1 - n_said)

    def _pieces(self) -> list[tuple[Row, Piece]]:
        """What each row reads in the next forward: at least one token, prompts as much as there is room for, and in the
        room that is left the tokens that rows try ahead."""
        room = PREFILL_TOKENS
        pieces = []
        for row in (row for row in self._rows if not row.finished):
            piece = Piece(row.slot, row.unread[: max(1, room)])
            room -= len(piece.ids)
            pieces.append((row, piece))
        if not isinstance(self._model, PackedModel):
            return pieces
        for n, (row, piece) in enumerate(pieces):
            if len(piece.ids) == len(row.unread):
                tried = row.try_ahead(room)
                room -= len(tried)
                pieces[n] = row, Piece(row.slot, [*piece.ids, *tried], 1 + len(tried))
        return pieces

    def _forward(self, rows: list[Piece]) -> torch.Tensor:
        compiled, model = self._compiled, self._model
        self._n_steps += 1
        if compiled is None or not isinstance(model, PackedModel):
            return model.forward(rows)
        if compiled.fits(model.slots, rows):
            return compiled.forward(model.slots, rows)
        if self._n_steps == COMPILE_AFTER_TOKENS:
            compiled.start(model.slots)
        return model.forward(rows)

    def _release(self) -> None:
        for row in (row for row in self._rows if row.finished):
            self._model.leave(row.slot)
        self._rows = [row for row in self._rows if not row.finished]

    @staticmethod
    def _fail(rows: list[Row], error: BaseException) -> None:
        for row in rows:
            if not row.finished:
                row.fail(error)
