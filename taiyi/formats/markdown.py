"""Markdown: reports out, chats out and in."""

from __future__ import annotations

import re
from typing import get_args

from taiyi.conversation import Conversation, Message, Role
from taiyi.document import Document
from taiyi.errors import FormatError
from taiyi.formats.words import words

# A comment before each message says whose it is: readers don't see it, and no heading inside a message can be taken
# for the next speaker. A line of a message that looks like one gets a backslash more, reading takes it off again.
_MARK = "<!-- taiyi:{role} -->"
_TURN = re.compile(rf"^<!-- taiyi:({'|'.join(get_args(Role))}) -->\n(.*)\n\n", re.MULTILINE)
_LOOKS_LIKE_MARK = re.compile(r"^(\\*)(?=<!-- taiyi:)", re.MULTILINE)
_ESCAPED_MARK = re.compile(r"^\\(?=\\*<!-- taiyi:)", re.MULTILINE)
_BLOCK_START = re.compile(r"^( {0,3})(?=#{1,6}(?:\s|$)|>|[-+*]{3,}\s*$|```|~~~)", re.MULTILINE)


def write(document: Document) -> bytes:
    """A report in UTF-8: its id as the title, then `write_report`."""
    return write_report(document, document.id).encode("utf-8", errors="replace")


def write_report(document: Document, title: str) -> str:
    """The title, a heading and the text of each section (or the answer where there are none), and the notice that a
    model wrote it, in the document's language. Lines that would begin a heading or a block of their own are escaped.
    """
    parts = [f"# {' '.join(title.split())}"]
    for section in document.sections:
        parts += [f"## {' '.join(section.name.split())}", _plain(section.text)]
    if not document.sections and document.answer:
        parts.append(_plain(document.answer))
    parts += ["---", f"*{words('page', document.lang)['notice']}*"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain(text: str) -> str:
    return _BLOCK_START.sub(r"\1\\", text.strip())


def write_chat(conversation: Conversation, lang: str) -> str:
    """A chat to be read by people and by `read_chat`, which gives back exactly these messages."""
    shown = words("chat", lang)
    turns = [
        f"{_MARK.format(role=message.role)}\n**{shown[message.role]}**\n\n"
        + _LOOKS_LIKE_MARK.sub(r"\1\\", message.content)
        for message in conversation.messages
    ]
    return "\n\n".join([f"# {shown['title']}", *turns]) + "\n"


def read_chat(text: str, name: str = "chat.md") -> Conversation:
    """The conversation of a transcript that `write_chat` made. Raises FormatError where there is none."""
    turns = list(_TURN.finditer(text))
    if not turns:
        raise FormatError(
            f"{name} is no saved chat. Choose a file that “Save chat” made.", code="not_a_chat", file=name
        )
    messages = []
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        end = following.start() - 2 if following else len(text) - 1
        content = _ESCAPED_MARK.sub("", text[turn.end() : end])
        messages.append(Message(turn[1], content))  # type: ignore[arg-type]
    return Conversation(tuple(messages))
