"""Which tokens of a conversation are learnt: the replies and their end tokens, in the chat format of any tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taiyi.conversation import Conversation, Message, render
from taiyi.errors import ModelError

_PROBE = (Message("user", "a"), Message("assistant", "b"), Message("user", "a"))


@dataclass(frozen=True, slots=True)
class Sequence:
    """Token ids (n,) and, of the same length, 1 where the token is learnt."""

    ids: list[int]
    mask: list[int]


def end_of_reply(chat: Any, tokenizer: Any, name: str) -> int:
    """The id that ends a reply: what the chat template writes after it or, where it writes nothing (GLM-4), the token
    that opens the next turn, at which such models stop.

    `chat` is what conversations are rendered with, `name` the model's for messages. Raises ModelError where there is
    neither: such a model would not learn to stop.
    """
    special = {*tokenizer.all_special_ids, *getattr(tokenizer, "added_tokens_decoder", {})}
    try:
        answered, mask = render(Conversation(_PROBE[:2]), chat)
    except ValueError as error:
        raise ModelError(f"{name} cannot be trained: {error}", code="template_rewrites", model=name) from error
    for n in range(len(answered) - 1, mask.index(1) - 1, -1):
        if answered[n] in special:
            return answered[n]
        if tokenizer.decode(answered[n]).strip():
            break
    following = render(Conversation(_PROBE), chat)[0][len(answered) :][:1]
    if following and following[0] in special:
        return following[0]
    raise ModelError(
        f"The chat template of {name} marks no end of a reply by a special token, so a model trained with it would not "
        "stop. Give the tokenizer a template that writes its end token after each reply.",
        code="no_end_token",
        model=name,
    )


def sequences_of(messages: tuple[Message, ...], chat: Any, end: int) -> list[Sequence]:
    """What is learnt from a conversation: one sequence with all its replies.

    Where the template rewrites earlier turns once there are later ones (Qwen3 drops their thoughts), a sequence for
    each reply, with the turns before it as inference would show them.
    """
    replies = [n for n, message in enumerate(messages, start=1) if message.role == "assistant"]
    whole = _marked(messages, chat, end)
    if sum(token == end and learnt for token, learnt in zip(whole.ids, whole.mask, strict=True)) >= len(replies):
        return [whole]
    return [_last_reply(_marked(messages[:n], chat, end)) for n in replies]


def cut(sequence: Sequence, end: int, length: int) -> Sequence | None:
    """The sequence up to the end token of the last whole reply within `length` tokens; None where not one fits."""
    ends = [n for n in range(min(length, len(sequence.ids))) if sequence.mask[n] and sequence.ids[n] == end]
    return Sequence(sequence.ids[: ends[-1] + 1], sequence.mask[: ends[-1] + 1]) if ends else None


def runs_of(mask: list[int]) -> list[tuple[int, int]]:
    """Half-open ranges of ones."""
    edges = [n for n in range(len(mask) + 1) if (n < len(mask) and mask[n]) != (n > 0 and bool(mask[n - 1]))]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _marked(messages: tuple[Message, ...], chat: Any, end: int) -> Sequence:
    """The conversation up to its last reply's end token, with each reply learnt up to its own and not what the template
    writes behind that."""
    ids, mask = render(Conversation(messages), chat)
    for start, stop in runs_of(mask):
        ends = [n for n in range(start, stop) if ids[n] == end]
        if ends:
            mask[ends[-1] + 1 : stop] = [0] * (stop - ends[-1] - 1)
        elif stop == len(ids):
            ids.append(end)
            mask.append(1)
        elif ids[stop] == end:
            mask[stop] = 1
    length = max((n for n, learnt in enumerate(mask, start=1) if learnt), default=0)
    return Sequence(ids[:length], mask[:length])


def _last_reply(sequence: Sequence) -> Sequence:
    start, stop = runs_of(sequence.mask)[-1]
    n = len(sequence.ids)
    return Sequence(sequence.ids, [0] * start + [1] * (stop - start) + [0] * (n - stop))
