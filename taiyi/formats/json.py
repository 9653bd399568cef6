"""JSON: documents as objects of `Document.to_dict`, and chats."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from taiyi.conversation import Conversation, Message, Role
from taiyi.document import Document
from taiyi.errors import DocumentError, FormatError
from taiyi.formats import bioc_json
from taiyi.formats.txt import decode
from taiyi.language import detect_language

CHAT_FORMAT = "taiyi-chat"


def read(path: Path) -> Iterator[Document]:
    """The document, the documents of a list, or those of a BioC collection. Raises FormatError that names the place."""
    try:
        content = json.loads(decode(path.read_bytes(), path.name))
    except (json.JSONDecodeError, RecursionError) as error:
        raise _not_json(path.name, error) from error
    if isinstance(content, dict) and "documents" in content:
        yield from bioc_json.documents_of(content, path.name)
        return
    rows = content if isinstance(content, list) else [content]
    for n, row in enumerate(rows, 1):
        place = f"{path.name}[{n}]" if isinstance(content, list) else path.name
        yield document_of(row, place, path.stem if len(rows) == 1 else f"{path.stem}:{n}")


def write(document: Document) -> bytes:
    """The object of `to_dict`, indented, in plain UTF-8."""
    return dumps(document.to_dict())


def write_all(documents: Iterable[Document]) -> bytes:
    """The list of the documents' objects."""
    return dumps([document.to_dict() for document in documents])


def dumps(row: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Any JSON object (a result with its issues, for example), or a list of them, as a file's content."""
    return (json.dumps(row, ensure_ascii=False, indent=2) + "\n").encode("utf-8", errors="replace")


def document_of(row: Any, place: str, default_id: str) -> Document:
    """The document of an object that has at least a `text`; what the shell prints is read back with its items.

    `place` is said in errors. Raises FormatError where the object is no document or its items don't fit its text.
    """
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise _not_a_document(place, 'it needs to be an object with a "text"')
    if not _is_whole_unicode(row["text"]):
        raise _not_a_document(place, "its text holds half a character (a lone surrogate)")
    lang = row.get("lang") or detect_language(row["text"])
    try:
        return Document.from_dict({**row, "id": str(row.get("id", default_id)), "lang": lang})
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, DocumentError) as error:
        reason = f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
        raise _not_a_document(place, reason) from error


def _is_whole_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _not_a_document(place: str, reason: str) -> FormatError:
    return FormatError(f"{place} is no document: {reason}.", code="not_a_document", place=place, reason=reason)


def _not_json(name: str, error: Exception) -> FormatError:
    line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
    reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
    return FormatError(
        f"{name}:{line}: not valid JSON ({reason}).", code="not_json", file=name, line=line, reason=reason
    )


def write_chat(conversation: Conversation, settings: Mapping[str, Any] | None = None) -> bytes:
    """A chat as a file that `read_chat` reads back exactly; `settings` (JSON values) are kept beside it."""
    return dumps({"format": CHAT_FORMAT, "messages": conversation.to_dicts(), "settings": dict(settings or {})})


def read_chat(content: bytes | str, name: str = "chat.json") -> tuple[Conversation, dict[str, Any]]:
    """The conversation of a saved chat, and its settings. Raises FormatError."""
    try:
        row = json.loads(content if isinstance(content, str) else decode(content, name))
    except (json.JSONDecodeError, RecursionError) as error:
        raise _not_json(name, error) from error
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list) or not all(map(_is_message, messages)):
        raise FormatError(
            f"{name} is no saved chat. Choose a file that “Save chat” made.", code="not_a_chat", file=name
        )
    settings = row.get("settings")
    conversation = Conversation(tuple(Message(message["role"], message["content"]) for message in messages))
    return conversation, settings if isinstance(settings, dict) else {}


def _is_message(row: Any) -> bool:
    return isinstance(row, dict) and row.get("role") in get_args(Role) and isinstance(row.get("content"), str)
