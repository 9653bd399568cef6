"""What is checked, and what a check finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from finetune.data.instruction import Instruction
from taiyi.conversation import Message

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file as a conversation; `instruction` is None where the file has another form than ours, and then
    nothing is known of what was asked for."""

    messages: tuple[Message, ...]
    instruction: Instruction | None = None

    @property
    def reply(self) -> str:
        """The last turn of the assistant; empty where there is none."""
        return next((m.content for m in reversed(self.messages) if m.role == "assistant"), "")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: its kind (a key of `kinds.yaml`) and what it is, in words."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Kind:
    """How bad a kind of problem is, and what to do about it."""

    severity: Severity
    advice: str


Check = Callable[[Row], Iterator[Problem]]


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of problem by its name."""
    rows = yaml.safe_load((Path(__file__).parent / "kinds.yaml").read_text(encoding="utf-8"))
    return {name: Kind(**row) for name, row in rows.items()}


def shown(text: str, n_chars: int = 40) -> str:
    """The beginning of a piece of text in quotes, on one line."""
    line = " ".join(text.split())
    return repr(line if len(line) <= n_chars else line[: n_chars - 1] + "…")
