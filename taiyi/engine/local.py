"""A transformers model on this machine: a folder or a hub name, with an adapter or quantized where asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from taiyi.card import read_card
from taiyi.conversation import Conversation, render
from taiyi.engine.base import Chunk, ModelInfo, SamplingParams
from taiyi.errors import EngineError, Issue

MIN_REPLY_TOKENS = 16  # a prompt must leave room for at least so many
DEFAULT_CONTEXT = 4096


class LocalEngine:
    """One model in this process. Streams share its steps; see `decode`.

    With `compiled` the step is compiled in the background once the model has been used for a while (CPU only).
    """

    def __init__(
        self,
        source: str,
        *,
        adapter: str | None = None,
        quantize: str | None = None,
        device: str | None = None,
        compiled: bool = False,
    ) -> None:
        import torch

        from taiyi.engine.constrain import ConstraintFactory
        from taiyi.engine.decode import DecodeLoop
        from taiyi.engine.detokenize import TokenBytes
        from taiyi.engine.loading import ChatTokenizer, end_ids, load_model, load_tokenizer

        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._tokenizer = load_tokenizer(source)
        self._chat = ChatTokenizer(self._tokenizer)
        model = load_model(source, adapter=adapter, quantize=quantize, device=device)
        self._end_ids = end_ids(model, self._tokenizer)
        self._bytes = TokenBytes(self._tokenizer, model.config.vocab_size)
        constrained = bool(getattr(self._tokenizer, "is_fast", False))
        self._constraints = (
            ConstraintFactory(self._tokenizer, self._bytes.by_id, self._end_ids) if constrained else None
        )
        self._info = ModelInfo(
            name=read_card(Path(source)).name("en", Path(source).name),
            n_parameters=sum(p.numel() for p in model.parameters()),
            context_tokens=getattr(model.config, "max_position_embeddings", None) or DEFAULT_CONTEXT,
            constrained=constrained,
            source=source,
            detail=", ".join(filter(None, (quantize, f"adapter {Path(adapter).name}" if adapter else None, device))),
        )
        self._loop = DecodeLoop(model, compiled=compiled and device == "cpu" and not quantize)

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
        from taiyi.engine.row import Row

        prompt, issues = self._fitted(conversation, params)
        room = self._info.context_tokens - len(prompt)
        if params.max_new_tokens > room:
            params = replace(params, max_new_tokens=room)
        constraint = None
        if grammar and self._constraints:
            constraint = self._constraints.make(grammar, distinct_items=params.distinct_items)
        row = Row(prompt, params, self._bytes.detokenizer(), constraint, cancel or threading.Event(), self._end_ids)
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

    def _fitted(self, conversation: Conversation, params: SamplingParams) -> tuple[list[int], tuple[Issue, ...]]:
        """Prompt ids with whole turns dropped from the oldest until they fit, never the system prompt."""
        room = self._info.context_tokens - min(params.max_new_tokens, self._info.context_tokens // 4)
        messages = list(conversation.messages)
        first = 1 if messages and messages[0].role == "system" else 0
        ids = render(conversation, self._chat)[0]
        n_dropped = 0
        while len(ids) > room and len(messages) - first > 1:
            del messages[first]
            while len(messages) - first > 1 and messages[first].role != "user":
                del messages[first]
            n_dropped += 1
            ids = render(Conversation(tuple(messages)), self._chat)[0]
        if len(ids) > self._info.context_tokens - MIN_REPLY_TOKENS:
            raise EngineError(
                f"The request takes {len(ids)} tokens; the model reads at most {self._info.context_tokens}, "
                "its reply included. Shorten the text.",
                code="prompt_too_long",
                length=len(ids),
                limit=self._info.context_tokens,
            )
        return ids, (Issue("history_trimmed", str(n_dropped)),) if n_dropped else ()
