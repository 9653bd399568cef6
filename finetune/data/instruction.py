"""Instructions: one conversation to learn from, and its form in a file, one JSON object a line.

    {"id": "bc5cdr:1234567#all", "corpus": "bc5cdr", "task": "entities", "lang": "en", "type": 1, "template": "plain",
     "messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}],
     "request": {"text": "...", "labels": ["Chemical", "Disease"]}}

`type` is the paper's: 1 for extraction, classification, pairs, translation and the other single tasks, 2 for questions
and dialogues, general ones too. `template` is null where the prompt is the corpus's own. Every turn of the assistant is
learnt. `request` holds what was asked for beside the words of the prompt, so that a reply can be checked against it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

from taiyi.conversation import Message, Role
from taiyi.errors import InputError
from taiyi.language import LANGUAGES
from taiyi.tasks.base import Request

ROLES: tuple[str, ...] = get_args(Role)
TYPES = (1, 2)
ELSEWHERE = frozenset({"task", "lang", "template", "history", "system"})
"""Fields of a Request that stand elsewhere in an instruction: beside `request`, or within the messages."""
_KEYS = ("id", "corpus", "task", "lang", "type", "template", "messages", "request")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One conversation to learn from; the last message is the assistant's.

    `request` has the fields of the Request that differ from their defaults, tuples as lists, without `ELSEWHERE`.
    """

    id: str
    corpus: str
    task: str
    lang: str
    type: int
    template: str | None
    messages: tuple[Message, ...]
    request: Mapping[str, Any]

    @property
    def prompt(self) -> str:
        """What was said before the last reply, a line a message."""
        return "\n".join(message.content for message in self.messages[:-1])

    @property
    def reply(self) -> str:
        """The last reply."""
        return self.messages[-1].content

    def to_request(self) -> Request:
        """The Request that the last turn answers, with the turns before it as its history."""
        given: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in self.request.items()
        }
        system = self.messages[0].content if self.messages[0].role == "system" else ""
        history = tuple(message for message in self.messages[:-2] if message.role != "system")
        return Request(task=self.task, lang=self.lang, template=self.template, history=history, system=system, **given)

    def to_dict(self) -> dict[str, Any]:
        """The object of the instruction's line."""
        messages = [{"role": message.role, "content": message.content} for message in self.messages]
        return {key: getattr(self, key) for key in _KEYS} | {"messages": messages, "request": dict(self.request)}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Instruction:
        """The instruction of a `to_dict` object. Raises InputError for what is none; empty replies are left to lint."""
        missing = [key for key in _KEYS if key not in row]
        if missing:
            raise InputError(f"the instruction has no {', '.join(missing)}; it needs {', '.join(_KEYS)}.")
        for key in ("id", "corpus", "task"):
            if not isinstance(row[key], str) or not row[key]:
                raise InputError(f"{key} is {row[key]!r}; give a name as a string.")
        if row["lang"] not in LANGUAGES:
            raise InputError(f"lang is {row['lang']!r}; use one of {', '.join(LANGUAGES)}.")
        if row["type"] not in TYPES or isinstance(row["type"], bool):
            raise InputError(f"type is {row['type']!r}; use 1 (single tasks) or 2 (questions and dialogues).")
        if row["template"] is not None and not isinstance(row["template"], str):
            raise InputError(f"template is {row['template']!r}; give a template's id, or null.")
        if not isinstance(row["request"], dict):
            raise InputError("request is no object; give the fields that were asked for, or {}.")
        unknown = sorted(row["request"].keys() - REQUEST_FIELDS.keys())
        if unknown:
            raise InputError(f"request has no field {unknown[0]!r}; it has {', '.join(REQUEST_FIELDS)}.")
        values = {key: row[key] for key in _KEYS} | {"messages": messages_of(row["messages"])}
        return cls(**values)


REQUEST_FIELDS: Mapping[str, Any] = {
    field.name: field.default for field in fields(Request) if field.name not in ELSEWHERE
}
"""The fields that `Instruction.request` may have, with their defaults."""


def request_fields(request: Request) -> dict[str, Any]:
    """What `Instruction.request` holds of a request."""
    given = {name: getattr(request, name) for name in REQUEST_FIELDS}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in given.items()
        if value != REQUEST_FIELDS[name]
    }


def messages_of(rows: Any) -> tuple[Message, ...]:
    """Messages from {"role", "content"} objects. Raises InputError unless they are a conversation to learn from: after
    an optional system message the user and the assistant in turn, the user first, the assistant last."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError('messages is no list of {"role", "content"} objects.')
    for n, row in enumerate(rows, start=1):
        if row.get("role") not in ROLES:
            raise InputError(f"message {n} has the role {row.get('role')!r}; use {', '.join(ROLES)}.")
        if not isinstance(row.get("content"), str):
            raise InputError(f"message {n} has no content; give its text as a string.")
    turns = [row["role"] for row in rows]
    if turns[:1] == ["system"]:
        turns = turns[1:]
    if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
        order = ", ".join(turns) or "nobody"
        raise InputError(f"the turns are {order}'s; user and assistant must take turns, the assistant last.")
    return tuple(Message(row["role"], row["content"]) for row in rows)


def parse_line(line: bytes) -> Instruction:
    """The instruction of one line. Raises InputError, without the place, where it is none."""
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start + 1} of the line is not UTF-8; save the file in that encoding.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is no JSON ({error}); each line holds one object.") from error
    if not isinstance(row, dict):
        raise InputError("this is no instruction; each line holds one object.")
    return Instruction.from_dict(row)


def read_instructions(path: Path) -> Iterator[tuple[int, Instruction]]:
    """Number of the line, from 1, and instruction, line by line; blank lines are passed over.

    Raises InputError, with file and line, for what cannot be read.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield number, parse_line(line)
                    except InputError as error:
                        raise InputError(f"{path}:{number}: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: the instructions cannot be read ({error.strerror}).") from error


def to_line(instruction: Instruction) -> str:
    """The instruction's line, its end included."""
    return json.dumps(instruction.to_dict(), ensure_ascii=False, separators=(",", ":")) + "\n"


def write_instructions(path: Path, instructions: Iterable[Instruction]) -> int:
    """Write the instructions' lines, aside and renamed when complete; how many there were.

    Raises InputError where the file cannot be written.
    """
    aside = path.with_name(f"{path.name}.part")
    count = 0
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as file:
            for instruction in instructions:
                file.write(to_line(instruction))
                count += 1
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise InputError(f"{path}: the instructions cannot be written ({error.strerror}).") from error
    return count
