"""From a request to the conversation that asks for it."""

from __future__ import annotations

from collections.abc import Iterable

from taiyi.conversation import Conversation
from taiyi.prompts import choose
from taiyi.tasks.base import Request
from taiyi.tasks.delimiters import escape

_BETWEEN_NAMES = {"en": ", ", "zh": "，"}


def ask(task: str, request: Request, **fields: str) -> Conversation:
    """The request's template, or the task's first, filled in; after the history and the system prompt, if any.

    Raises InputError (unknown_template) where the request names a template that the task doesn't have.
    """
    template = choose(task, request.lang, request.template)
    return Conversation.of(template.fill(**fields), system=request.system, history=request.history)


def listed(names: Iterable[str], lang: str) -> str:
    """Names in a row, each as it shall stand in the reply."""
    return _BETWEEN_NAMES[lang].join(map(escape, names))
