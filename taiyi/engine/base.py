"""What an engine is: it turns a conversation into text, piece by piece. It knows no task and no document."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from taiyi.conversation import Conversation
from taiyi.errors import InputError, Issue


class Finish(StrEnum):
    """Why a reply ended."""

    END = "end"  # the model's end token, or the grammar was complete
    STOP = "stop"  # a stop string
    LENGTH = "length"  # max_new_tokens
    CANCELLED = "cancelled"
    REPETITION = "repetition"  # the reply went round in a loop


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How to pick tokens. `temperature` 0 is greedy; `top_k` 0 and `top_p` 1 are off; `seed` None is a fresh one.

    `end_bias` is subtracted from the logits of the tokens that end a list or the reply while a grammar is in force:
    a weak model ends its lists too early, and a value set on a development part mends the balance. `distinct_items`
    keeps the lists of a reply (parted by `;`, a line each) from naming an item again, while a grammar is in force.
    `mark_bias` is added to the logits of the tokens that open a mark (`{`, or a blank and `{`) while a grammar is in
    force: in replies that copy a text and mark its mentions it trades recall (above 0) for precision (below), by a
    value set on a development part.

    `prediction` is the text of which the reply will mostly consist, in its order, with other tokens in between now and
    then. A local model reads many of its tokens in one step and says those that it would have said one by one, so the
    reply is the same (up to rounding) and comes sooner. Where a grammar is in force, too, the reply ends with its text:
    it is not steered to its end when the tokens run out, and nothing in it counts as a loop.
    Raises InputError on a value outside its range.
    """

    max_new_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    end_bias: float = 0.0
    distinct_items: bool = False
    mark_bias: float = 0.0
    prediction: str = ""

    def __post_init__(self) -> None:
        checks = (
            ("max_new_tokens", self.max_new_tokens >= 1, "at least 1"),
            ("temperature", 0.0 <= self.temperature <= 5.0, "between 0 and 5"),
            ("top_p", 0.0 < self.top_p <= 1.0, "above 0 and at most 1"),
            ("top_k", self.top_k >= 0, "0 or more"),
            ("repetition_penalty", 0.5 <= self.repetition_penalty <= 5.0, "between 0.5 and 5"),
        )
        for name, fits, wanted in checks:
            if not fits:
                raise InputError(
                    f"The setting {name} is {getattr(self, name)}; it must be {wanted}.",
                    code="bad_setting",
                    name=name,
                    value=getattr(self, name),
                    wanted=wanted,
                )


@dataclass(frozen=True, slots=True)
class Chunk:
    """What arrived since the last one. The texts of all chunks together are the reply.

    `ids` and `logprobs` (natural log, after the grammar's mask, before temperature) belong to the tokens that were
    sampled or forced since the last chunk; their characters may arrive one chunk later, when a code point completes.
    Empty where a server gives none. `finish` is set on the last chunk only. `offsets` (same length as `ids`) gives
    for each token the code point of the whole reply at which its text begins.
    """

    text: str = ""
    ids: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    offsets: tuple[int, ...] = ()
    finish: Finish | None = None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the page says about the model: its name, its size, what it holds, and whether grammars bind it."""

    name: str
    n_parameters: int | None
    context_tokens: int
    constrained: bool
    source: str = ""  # folder, hub name or server address
    detail: str = ""  # adapter, quantization, dtype: what was loaded on top


class Engine(Protocol):
    """A model behind one method. Errors reach the consumer of `stream` as EngineError with their cause."""

    @property
    def info(self) -> ModelInfo: ...

    def stream(
        self,
        conversation: Conversation,
        params: SamplingParams,
        grammar: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Chunk]:
        """The reply, in chunks, the last one with `finish`. `grammar` is in llguidance's Lark form and binds the reply
        where `info.constrained`; it is ignored elsewhere. Setting `cancel`, or closing the iterator, ends it within one
        token. History is cut by whole turns from the oldest to fit the context; an Issue "history_trimmed" says so.
        """
        ...

    def count_tokens(self, conversation: Conversation) -> int:
        """Tokens of the prompt, chat template included (an estimate where the server has the tokenizer)."""
        ...

    def waiting(self) -> int:
        """How many requests stand in the queue, not yet started."""
        ...

    def close(self) -> None:
        """Free the model; streams under way end with an EngineError."""
        ...
