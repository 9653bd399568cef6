"""The chat format of the bundled model: its special tokens and its template, for training and for inference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PAD, END, USER, ASSISTANT, SYSTEM = "<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"
SPECIAL_TOKENS = (PAD, END, USER, ASSISTANT, SYSTEM)

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}"
    "<|assistant|>{% generation %}{{ message['content'] }}<|end|>{% endgeneration %}"
    "{% else %}"
    "{{ '<|' + message['role'] + '|>' }}{{ message['content'] }}<|end|>"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def dialogue_text(messages: Sequence[dict[str, Any]]) -> str:
    """Messages as the template writes them, for base training on dialogues as plain text."""
    return "".join(f"<|{message['role']}|>{message['content']}{END}" for message in messages)
