"""What a reasoning model thinks aloud before it answers: `<think>...</think>`, or its end alone where the prompt began
it. It names many things that are not the answer."""

from __future__ import annotations

import re

_THOUGHT = re.compile(r"\A.*?</think>", re.DOTALL)


def without_thoughts(reply: str) -> str:
    """The reply with blanks for the thoughts, so that places in it stay."""
    return _THOUGHT.sub(lambda match: " " * len(match[0]), reply)
