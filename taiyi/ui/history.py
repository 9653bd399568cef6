"""The chat's turns, between gradio's messages, our conversation, and the files it is saved in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from taiyi.conversation import Conversation, Message, Role
from taiyi.formats.json import read_chat as read_json
from taiyi.formats.json import write_chat as write_json
from taiyi.formats.markdown import read_chat as read_markdown
from taiyi.formats.markdown import write_chat as write_markdown
from taiyi.formats.txt import decode
from taiyi.ui.locale import t
from taiyi.ui.outcome import MEDIA_TYPES, download

History = list[dict[str, Any]]


def plain(message: Mapping[str, Any]) -> str:
    """The text of a message of gradio's, whose content is a string or a list of parts."""
    content = message["content"]
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if isinstance(part, Mapping))


def messages(history: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """The turns of a shown history."""
    return tuple(Message(row["role"], plain(row)) for row in history if row["role"] in get_args(Role))


def shown(conversation: Conversation) -> History:
    """A conversation as gradio shows it; the system prompt has its own box."""
    return [turn(m.role, m.content) for m in conversation.messages if m.role != "system"]


def turn(role: Role, content: str) -> dict[str, Any]:
    """One message as gradio takes it."""
    return {"role": role, "content": content}


def conversation(history: Sequence[Mapping[str, Any]], system: str) -> Conversation:
    """A shown history and the system prompt, where there is one."""
    head = (Message("system", system),) if system.strip() else ()
    return Conversation((*head, *messages(history)))


def saved(history: Sequence[Mapping[str, Any]], system: str, settings: Mapping[str, Any], kind: str, lang: str) -> str:
    """The chat as a file (see `outcome.download`): "json" with its settings, or "md"."""
    whole = conversation(history, system)
    content = write_json(whole, settings) if kind == "json" else write_markdown(whole, lang).encode("utf-8", "replace")
    return download(f"taiyi-chat.{kind}", MEDIA_TYPES[kind], content)


def loaded(path: Path) -> tuple[Conversation, dict[str, Any]]:
    """The conversation and the settings of a saved chat, JSON or Markdown. Raises FormatError."""
    text = decode(path.read_bytes(), path.name)
    if path.suffix.lower() == ".json":
        return read_json(text, path.name)
    return read_markdown(text, path.name), {}


def restored(stored: str) -> History:
    """The history that the browser kept for this window; empty where there is none or it can't be read."""
    try:
        rows = json.loads(stored) if stored else []
        return [turn(row["role"], plain(row)) for row in rows if row["role"] in ("user", "assistant")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def as_dialogue(history: Sequence[Mapping[str, Any]], lang: str) -> str:
    """The chat as a dialogue between patient and doctor, a line a turn."""
    return "\n".join(f"{t(f'report.{m.role}', lang)}{m.content}" for m in messages(history) if m.role != "system")
