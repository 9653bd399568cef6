"""Turns that hold nothing. (That roles are known and take turns is seen when a line is read as a conversation.)"""

from __future__ import annotations

from collections.abc import Iterator

from finetune.data.checks.row import Problem, Row


def empty_turns(row: Row) -> Iterator[Problem]:
    """Turns of white space alone: replies, which are learnt, and others."""
    for number, message in enumerate(row.messages, start=1):
        if not message.content.strip():
            if message.role == "assistant":
                yield Problem("empty-reply", f"the assistant says nothing in message {number}")
            else:
                yield Problem("empty-turn", f"message {number} ({message.role}) is empty")
