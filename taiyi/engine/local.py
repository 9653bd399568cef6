"""A transformers model on this machine: a folder or a hub name, with an adapter or quantized where asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from taiyi.card import read_card
from taiyi.conversation import Conversation, render
from taiyi.engine.base import Chunk, ModelInfo, SamplingParams
from taiyi.engine.history import fitted

DEFAULT_CONTEXT = 4096


class LocalEngine:
    """One model in this process. Streams share its steps; see `decode`.

    With `compiled` the step is compiled in the background once the model has been used for a while (CPU only).
    `max_rows` streams are decoded at once, the others wait; None is the app's number.
    """

    def __init__(
        self,
        source: str,
        *,
        adapter: str | None = None,
        quantize: str | None = None,
        device: str | None = None,
        compiled: bool = False,
        max_rows: int | None = None,
    ) -> None:
        import torch

        from taiyi.engine.loading import load_model, load_tokenizer

        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        tokenizer = load_tokenizer(source)
        model = load_model(source, adapter=adapter, quantize=quantize, device=device)
        detail = ", ".join(filter(None, (quantize, f"adapter {Path(adapter).name}" if adapter else None, device)))
        steps = compiled and device == "cpu" and not quantize
        self._begin(model, tokenizer, source=source, detail=detail, compiled=steps, max_rows=max_rows)

    @classmethod
    def around(cls, model: Any, tokenizer: Any, *, max_rows: int | None = None) -> LocalEngine:
        """An engine for a model that is in memory, one in training say; until `close` the engine alone may run it.

        The model must be in its evaluation mode. Its attention is exchanged, and put back by `close`.
        """
        engine = cls.__new__(cls)
        engine._begin(model, tokenizer, source="", detail="", compiled=False, max_rows=max_rows)
        return engine

    def _begin(
        self, model: Any, tokenizer: Any, *, source: str, detail: str, compiled: bool, max_rows: int | None
    ) -> None:
        from taiyi.engine.constrain import ConstraintFactory
        from taiyi.engine.decode import MAX_ROWS, DecodeLoop
        from taiyi.engine.detokenize import TokenBytes
        from taiyi.engine.loading import ChatTokenizer, end_ids

        self._chat = ChatTokenizer(tokenizer)
        self._end_ids = end_ids(model, tokenizer)
        self._bytes = TokenBytes(tokenizer, model.config.vocab_size)
        constrained = bool(getattr(tokenizer, "is_fast", False))
        self._constraints = ConstraintFactory(tokenizer, self._bytes.by_id, self._end_ids) if constrained else None
        self._info = ModelInfo(
            name=read_card(Path(source)).name("en", Path(source).name),
            n_parameters=sum(p.numel() for p in model.parameters()),
            context_tokens=getattr(model.config, "max_position_embeddings", None) or DEFAULT_CONTEXT,
            constrained=constrained,
            source=source,
            detail=detail,
        )
        self._loop = DecodeLoop(model, max_rows=max_rows or MAX_ROWS, compiled=compiled)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def stream(
        self,
        conversation: Conversation,
        params: SamplingParams,
        grammar: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Chunk]:
        """See Engine. Raises GrammarError, QueueFullError and EngineError."""
        from taiyi.engine.prediction import Prediction
        from taiyi.engine.row import Row

        kept, issues = fitted(conversation, self.count_tokens, self._info.context_tokens, params.max_new_tokens)
        prompt = render(kept, self._chat)[0]
        room = self._info.context_tokens - len(prompt)
        if params.max_new_tokens > room:
            params = replace(params, max_new_tokens=room)
        constraint = None
        if grammar and self._constraints:
            constraint = self._constraints.make(grammar, params)
        predicted = Prediction(self._chat.encode(params.prediction)) if params.prediction else None
        row = Row(
            prompt, params, self._bytes.detokenizer(), constraint, cancel or threading.Event(), self._end_ids, predicted
        )
        if issues:
            yield Chunk(issues=issues)
        yield from self._loop.stream(row)

    def count_tokens(self, conversation: Conversation) -> int:
        """Tokens of the prompt, chat template included."""
        return len(render(conversation, self._chat)[0])

    def waiting(self) -> int:
        """Requests that have not started."""
        return self._loop.waiting()

    def close(self) -> None:
        """Stop the loop and let the model go."""
        self._loop.close()
