"""Greedy replies of a model, and how far another one agrees with them, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from taiyi.conversation import Conversation, render
from taiyi.engine.base import Engine, Finish, SamplingParams
from taiyi.errors import InputError
from taiyi.tasks import TASKS
from taiyi.tasks.request import make_request

PROMPTS = Path(__file__).parent.parent / "configs" / "check_prompts.yaml"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said greedily to the token ids of a prompt; `ended` where it ended by itself."""

    prompt: tuple[int, ...]
    ids: tuple[int, ...]
    text: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a model would first have gone on otherwise: in which reply (from 0), after which text, with which token.

    `margin` is how much likelier (in logits) it held its own token there.
    """

    reply: int
    after: str
    expected: str
    found: str
    margin: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many tokens a model would choose as they stand in replies, each after the reply's own tokens before it, and
    in how many replies it would choose all; those it would give word for word."""

    tokens: int
    agreed_tokens: int
    replies: int
    agreed_replies: int
    first: Difference | None = None

    @property
    def complete(self) -> bool:
        """Whether it agrees in everything."""
        return self.agreed_tokens == self.tokens


def read_prompts(path: Path = PROMPTS) -> list[Conversation]:
    """The conversations of a file of requests. Raises InputError, with the place, for a row that is none."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    conversations = []
    for number, row in enumerate(rows, start=1):
        try:
            request = make_request(**row)
            conversations.append(TASKS[request.task].prompt(request))
        except (InputError, TypeError, KeyError) as error:
            raise InputError(f"{path}, request {number}: {error}") from error
    return conversations


def greedy_replies(
    engine: Engine, tokenizer: Any, conversations: Sequence[Conversation], max_new_tokens: int
) -> list[Reply]:
    """The reply of an engine to each conversation; without `ids` where a server does not tell them."""
    params = SamplingParams(max_new_tokens=max_new_tokens)
    replies = []
    for conversation in conversations:
        chunks = list(engine.stream(conversation, params))
        ids = tuple(i for chunk in chunks for i in chunk.ids)
        text = "".join(chunk.text for chunk in chunks)
        prompt = tuple(render(conversation, tokenizer)[0])
        replies.append(Reply(prompt, ids, text, chunks[-1].finish is Finish.END))
    return replies


def agreement(model: Any, tokenizer: Any, replies: Sequence[Reply], end_ids: frozenset[int]) -> Agreement:
    """How far `model` agrees with another's replies: one forward a reply, so no difference carries over to what
    follows it."""
    tokens = agreed = whole = 0
    first = None
    for number, reply in enumerate(replies):
        wanted = [{i} for i in reply.ids] + ([end_ids] if reply.ended else [])
        logits = _logits(model, reply, len(wanted))
        chosen = logits.argmax(-1).tolist()
        hits = [own in allowed for own, allowed in zip(chosen, wanted, strict=True)]
        tokens, agreed, whole = tokens + len(hits), agreed + sum(hits), whole + all(hits)
        if first is None and not all(hits):
            at = hits.index(False)
            margin = logits[at, chosen[at]] - max(logits[at, i] for i in wanted[at])
            first = Difference(
                number,
                after=tokenizer.decode(reply.ids[:at]),
                expected=tokenizer.decode([min(wanted[at])]),
                found=tokenizer.decode([chosen[at]]),
                margin=float(margin),
            )
    return Agreement(tokens, agreed, len(replies), whole, first)


def _logits(model: Any, reply: Reply, n: int) -> Any:
    """(n, vocabulary): what stands before each of the reply's tokens, and before its end."""
    import torch

    ids = torch.tensor([[*reply.prompt, *reply.ids]], device=model.device)
    begin = len(reply.prompt) - 1
    with torch.inference_mode():
        return model(input_ids=ids, use_cache=False).logits[0, begin : begin + n].float().cpu()
