"""What is said to a model: messages in order. The one path from a conversation to token ids is `render`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn's text and who said it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages in order; the last one is the user's when a reply is wanted, the assistant's in training data."""

    messages: tuple[Message, ...]

    @classmethod
    def of(cls, user: str, *, system: str = "", history: tuple[Message, ...] = ()) -> Conversation:
        """`history` with the user's new message after it, and the system prompt before, where there is one."""
        head = (Message("system", system),) if system else ()
        return cls((*head, *history, Message("user", user)))

    def to_dicts(self) -> list[dict[str, str]]:
        """The form that chat templates and chat-completion servers take."""
        return [{"role": message.role, "content": message.content} for message in self.messages]


def render(conversation: Conversation, tokenizer: Any) -> tuple[list[int], list[int]]:
    """Token ids (n,) and loss mask (n,) of a conversation in the tokenizer's chat template.

    The mask is 1 on what the assistant says and on its end token, 0 elsewhere. Where the last message is the user's,
    the ids end with the generation prompt and the mask is all 0: inference and training share this function, so the
    prompt of the one is a prefix of the other, token by token. Where the template writes earlier turns differently once
    there are later ones (Qwen3 drops their thoughts), they stand as inference shows them and are not marked.
    """
    ids: list[int] = []
    mask: list[int] = []
    for n in range(1, len(conversation.messages) + 1):
        message = conversation.messages[n - 1]
        if message.role == "assistant":
            continue
        following = conversation.messages[n] if n < len(conversation.messages) else None
        answered = following is not None and following.role == "assistant"
        if following is not None and not answered:
            continue
        head = Conversation(conversation.messages[:n])
        prompt = _template_ids(head, tokenizer, add_generation_prompt=True)
        kept = mask if prompt[: len(ids)] == ids else []
        mask = kept + [0] * (len(prompt) - len(kept))
        ids = prompt
        if answered:
            whole = _template_ids(Conversation(conversation.messages[: n + 1]), tokenizer, add_generation_prompt=False)
            if whole[: len(prompt)] != prompt:
                raise ValueError(
                    "The chat template writes a prompt differently once it is answered; it can't be trained on."
                )
            mask += [1] * (len(whole) - len(prompt))
            ids = whole
    return ids, mask


def _template_ids(conversation: Conversation, tokenizer: Any, *, add_generation_prompt: bool) -> list[int]:
    encoded = tokenizer.apply_chat_template(
        conversation.to_dicts(), add_generation_prompt=add_generation_prompt, tokenize=True, return_dict=True
    )
    return list(encoded["input_ids"])
