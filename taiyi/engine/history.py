"""Conversations cut to fit a model: by whole turns, from the oldest, never the system prompt."""

from __future__ import annotations

from collections.abc import Callable

from taiyi.conversation import Conversation
from taiyi.errors import EngineError, Issue

MIN_REPLY_TOKENS = 16  # a prompt must leave room for at least so many


def fitted(
    conversation: Conversation, count: Callable[[Conversation], int], context_tokens: int, max_new_tokens: int
) -> tuple[Conversation, tuple[Issue, ...]]:
    """The conversation without its oldest turns where it and its reply would not fit, and the notice that says so.

    A long reply counts with at most a quarter of the context. Raises EngineError where even the last message alone
    is too long.
    """
    room = context_tokens - min(max_new_tokens, context_tokens // 4)
    messages = list(conversation.messages)
    first = 1 if messages and messages[0].role == "system" else 0
    n_tokens, n_dropped = count(conversation), 0
    while n_tokens > room and len(messages) - first > 1:
        del messages[first]
        while len(messages) - first > 1 and messages[first].role != "user":
            del messages[first]
        n_dropped += 1
        n_tokens = count(Conversation(tuple(messages)))
    if n_tokens > context_tokens - MIN_REPLY_TOKENS:
        raise EngineError(
            f"The request takes {n_tokens} tokens; the model reads at most {context_tokens}, its reply included. "
            "Shorten the text.",
            code="prompt_too_long",
            length=n_tokens,
            limit=context_tokens,
        )
    return Conversation(tuple(messages)), (Issue("history_trimmed", str(n_dropped)),) if n_dropped else ()
