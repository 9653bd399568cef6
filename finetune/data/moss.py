"""General dialogues in the forms that MOSS gives its data in, and as plain messages.

    {"conversation_id": 1, "meta_instruction": "...", "num_turns": 2, "category": "Brainstorming",
     "chat": {"turn_1": {"Human": "<|Human|>: ...<eoh>\\n", "Inner Thoughts": "<|Inner Thoughts|>: None<eot>\\n",
                         "Commands": "<|Commands|>: None<eoc>\\n", "Tool Responses": "<|Results|>: None<eor>\\n",
                         "MOSS": "<|MOSS|>: ...<eom>\\n"}, "turn_2": {...}}}              moss-003-sft-data
    {"conversation_id": 1, "num_turns": 1, "plain_text": "[Human]: ...<eoh> [MOSS]: ...<eoa>"}     moss-002-sft-data
    {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}

A file is JSON lines (read line by line), or one JSON value: a conversation or a list of them; plain, .xz, .gz, or a zip
of such files; a folder is all its files. The meta instruction is left out: it gives the model another model's name and
tools. https://github.com/OpenMOSS/MOSS, "Data"; https://huggingface.co/datasets/fnlp/moss-003-sft-data
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from finetune.data.instruction import messages_of
from taiyi.conversation import Message
from taiyi.corpora.files import DAMAGED, OPENERS, CorruptError
from taiyi.document import Document
from taiyi.errors import InputError
from taiyi.language import detect_language
from taiyi.tasks.base import Example, Request

_MARK = re.compile(r"^\s*<\|[A-Za-z ]+\|>:\s*|\s*<eo[a-z]>\s*$")
_PLAIN_TURN = re.compile(r"\[(Human|MOSS)\]:(.*?)(?:<eo[ha]>|(?=\[(?:Human|MOSS)\]:)|\Z)", re.DOTALL)
_NO_TOOL = ("", "None")


def read_dialogues(path: Path, corpus: str) -> Iterator[Example]:
    """The conversations of a file or folder, each whole, as examples of the task chat; ids are file and position.

    Raises CorruptError, with file and line (or position in a list), for what is no conversation.
    """
    for name, rows in _files(path):
        for place, row in rows:
            try:
                messages = messages_of(_turns(row))
            except InputError as error:
                raise CorruptError(place, str(error), file=name) from error
            yield _example(f"{Path(name).name}:{place}", messages, corpus)


def _example(id: str, messages: tuple[Message, ...], corpus: str) -> Example:
    system = messages[0].content if messages[0].role == "system" else ""
    *before, asked, reply = messages[1:] if messages[0].role == "system" else messages
    lang = detect_language("\n".join(message.content for message in messages))
    history = tuple(before)
    request = Request("chat", asked.content, lang, lang, history=history, system=system, document_id=id)
    return Example(id, request, Document(id, lang, asked.content, answer=reply.content), corpus)


def _turns(row: Any) -> Any:
    """The turns of a conversation as {"role", "content"} objects, not checked yet. Raises InputError."""
    if not isinstance(row, dict):
        raise InputError("this is no conversation; it is an object with chat, plain_text or messages.")
    if isinstance(row.get("chat"), dict):
        return [turn for key in sorted(row["chat"], key=_number) for turn in _chat_turn(key, row["chat"][key])]
    if isinstance(row.get("plain_text"), str):
        roles = {"Human": "user", "MOSS": "assistant"}
        said = _PLAIN_TURN.findall(row["plain_text"])
        return [{"role": roles[who], "content": text.strip()} for who, text in said]
    if "messages" in row:
        return row["messages"]
    raise InputError(f"the conversation has none of chat, plain_text and messages, but {', '.join(row) or 'nothing'}.")


def _number(key: str) -> int:
    digits = re.sub(r"\D", "", key)
    return int(digits) if digits else 0


def _chat_turn(key: str, turn: Any) -> Iterator[dict[str, str]]:
    if not isinstance(turn, Mapping) or not all(isinstance(turn.get(who), str) for who in ("Human", "MOSS")):
        raise InputError(f"{key} has no Human and MOSS.")
    if _said(turn.get("Commands", "")) not in _NO_TOOL:
        raise InputError(f"{key} calls tools, which can't be learnt here; take the conversations without plugins.")
    yield {"role": "user", "content": _said(turn["Human"])}
    yield {"role": "assistant", "content": _said(turn["MOSS"])}


def _said(written: str) -> str:
    """What stands between the marks of a turn."""
    return _MARK.sub("", _MARK.sub("", written)).strip()


def _files(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, Any]]]]:
    """Name and rows, with their places, of each file that `path` is or holds."""
    if path.is_dir():
        for inside in sorted(path.rglob("*.json*")):
            yield from _files(inside)
    elif path.suffix == ".zip":
        with _readable(str(path)), zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if ".json" in name and not name.startswith("__MACOSX"):
                    with archive.open(name) as file:
                        yield f"{path}/{name}", _rows(f"{path}/{name}", file)
    else:
        with _readable(str(path)), OPENERS.get(path.suffix, open)(path, "rb") as file:
            yield str(path), _rows(str(path), file)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, *DAMAGED) as error:
        raise CorruptError(1, f"the file cannot be read ({error}); get it again.", file=name) from error


def _rows(name: str, file: IO[bytes]) -> Iterator[tuple[int, Any]]:
    """Line and value of JSON lines; position and value of a JSON list; 1 and the value of one object."""
    with _readable(name):
        if ".jsonl" in Path(name).name:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _json(line, number, name)
        else:
            content = _json(file.read(), 1, name)
            yield from enumerate(content if isinstance(content, list) else [content], start=1)


def _json(content: bytes, line: int, name: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CorruptError(
            line, f"byte {error.start + 1} is not UTF-8; save it in that encoding.", file=name
        ) from error
    except json.JSONDecodeError as error:
        raise CorruptError(line + error.lineno - 1, f"this is no JSON: {error.msg}.", file=name) from error
