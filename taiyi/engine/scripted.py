"""An engine that answers from a table, in small pieces: for demonstrations and for every test above the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from taiyi.conversation import Conversation
from taiyi.engine.base import Chunk, Finish, ModelInfo, SamplingParams
from taiyi.errors import EngineError


class ScriptedEngine:
    """Answers with the replies in turn (the last one again and again), or with what `reply(conversation)` returns.

    `piece` characters arrive at a time, `delay_s` apart. `fail_after` raises EngineError after so many pieces.
    """

    def __init__(
        self,
        replies: Sequence[str] | Callable[[Conversation], str],
        *,
        piece: int = 3,
        delay_s: float = 0.0,
        fail_after: int | None = None,
        constrained: bool = False,
    ) -> None:
        self.replies = replies
        self.piece = piece
        self.delay_s = delay_s
        self.fail_after = fail_after
        self.asked: list[Conversation] = []
        self.grammars: list[str | None] = []
        self.info = ModelInfo("scripted", None, 100_000, constrained)

    def stream(
        self,
        conversation: Conversation,
        params: SamplingParams,
        grammar: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Chunk]:
        """The scripted reply in pieces."""
        cancel = cancel or threading.Event()
        text = self._reply(conversation)
        self.asked.append(conversation)
        self.grammars.append(grammar)
        for n, start in enumerate(range(0, len(text), self.piece)):
            if n == self.fail_after:
                raise EngineError("The scripted engine fails here.", code="generation_failed", reason="scripted")
            if cancel.wait(self.delay_s) if self.delay_s else cancel.is_set():
                yield Chunk(finish=Finish.CANCELLED)
                return
            yield Chunk(text[start : start + self.piece])
        if self.fail_after == 0:
            raise EngineError("The scripted engine fails here.", code="generation_failed", reason="scripted")
        yield Chunk(finish=Finish.END)

    def _reply(self, conversation: Conversation) -> str:
        if callable(self.replies):
            return self.replies(conversation)
        return self.replies[min(len(self.asked), len(self.replies) - 1)]

    def count_tokens(self, conversation: Conversation) -> int:
        """A token a character."""
        return sum(len(message.content) for message in conversation.messages)

    def waiting(self) -> int:
        """Nobody ever waits."""
        return 0

    def close(self) -> None:
        """Nothing to free."""
