"""What is wrong in instruction files, by file and line: each line is read, checked alone, and compared with the others.

`finetune.data.forms` says which forms are read, `finetune.data.checks` what is looked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from finetune.data.checks import CHECKS, Endings, Problem, Row, kinds
from finetune.data.checks.row import Severity, shown
from finetune.data.forms import is_ours, turns_of
from finetune.data.instruction import ROLES, Instruction
from finetune.data.lines import iter_lines
from taiyi.conversation import Message
from taiyi.errors import InputError


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a line of a file."""

    file: str
    line: int
    kind: str
    what: str

    @property
    def severity(self) -> Severity:
        """An error should not be trained on; a warning wants a look."""
        return kinds()[self.kind].severity

    @property
    def advice(self) -> str:
        """What to do about it."""
        return kinds()[self.kind].advice

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}: {self.what}; {self.advice}."

    def to_dict(self) -> dict[str, object]:
        """The finding's fields, its severity and its advice among them."""
        found: dict[str, object] = {"file": self.file, "line": self.line, "kind": self.kind, "severity": self.severity}
        return found | {"what": self.what, "advice": self.advice}


def lint_file(path: Path, limit: int | None = None) -> Iterator[Finding]:
    """The findings of a file, those of single lines in its order and then those that need all lines; of the first
    `limit` lines only, where given. Raises InputError where the file cannot be opened."""
    linter = _Linter()
    for number, line in islice(iter_lines(path), limit):
        for problem in linter.line(number, line):
            yield Finding(str(path), number, problem.kind, problem.what)
    for number, problem in linter.endings.problems():
        yield Finding(str(path), number, problem.kind, problem.what)


class _Linter:
    """What is known of the lines so far: hashes of the ids, and how replies end."""

    def __init__(self) -> None:
        self.endings = Endings()
        self._line_by_id: dict[int, int] = {}

    def line(self, number: int, line: str | Problem) -> Iterator[Problem]:
        """The problems of one line."""
        if isinstance(line, Problem):
            yield line
            return
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            advice = "; the file is one JSON list, not a line an object" if line.startswith("[") else ""
            yield Problem("form", f"this is no JSON ({error}){advice}")
            return
        if not isinstance(row, dict):
            yield Problem("form", f"the line holds a {type(row).__name__}, no object")
            return
        yield from self._repeated(number, row.get("id"))
        yield from self._conversation(number, row)

    def _conversation(self, number: int, row: dict[str, Any]) -> Iterator[Problem]:
        try:
            turns = turns_of(row)
        except InputError as error:
            yield Problem("form", str(error))
            return
        problems = list(_turn_problems(turns))
        yield from problems
        if problems:
            return
        messages = tuple(Message(turn["role"], turn["content"]) for turn in turns)
        instruction = None
        if is_ours(row):
            try:
                instruction = Instruction.from_dict(row)
            except InputError as error:
                yield Problem("form", str(error).rstrip("."))
        checked = Row(messages, instruction)
        for check in CHECKS:
            yield from check(checked)
        self.endings.note(checked, number)

    def _repeated(self, number: int, id: Any) -> Iterator[Problem]:
        """An id that an earlier line has. Only hashes are kept, so that a million lines fit."""
        if isinstance(id, str | int):
            first = self._line_by_id.setdefault(hash(id), number)
            if first != number:
                yield Problem("id", f"the id {shown(str(id))} is that of line {first}, too")


def _turn_problems(turns: list[dict[str, Any]]) -> Iterator[Problem]:
    """Roles that nobody has, contents that are no text, turns out of turn."""
    for number, turn in enumerate(turns, start=1):
        if turn.get("role") not in ROLES:
            yield Problem("role", f"message {number} has the role {turn.get('role')!r}")
        elif not isinstance(turn.get("content"), str):
            yield Problem("form", f"message {number} has {type(turn.get('content')).__name__} for its text")
    roles = [turn.get("role") for turn in turns]
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    if not spoken:
        yield Problem("turns", "nobody says anything")
        return
    for number, (role, expected) in enumerate(zip(spoken, ["user", "assistant"] * len(spoken), strict=False), start=1):
        if role in ROLES and role != expected:
            place = number + len(roles) - len(spoken)
            yield Problem("turns", f"message {place} is the {role}'s where the {expected}'s belongs")
            return
    if spoken[-1] != "assistant" and spoken[-1] in ROLES:
        yield Problem("turns", f"the last message is the {spoken[-1]}'s, so there is nothing to learn")
