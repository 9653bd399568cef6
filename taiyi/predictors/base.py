"""What a predictor is: it turns a request into a result. Everything behind `Result` knows this one form."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from taiyi.agreement import Agreement, agreement
from taiyi.document import Document
from taiyi.engine.base import Finish
from taiyi.errors import Issue
from taiyi.tasks.base import Request


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost."""

    prompt_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0
    windows: int = 1


@dataclass(frozen=True, slots=True)
class Partial:
    """Something to show while the answer is made: the reply so far, and the share of the text already read."""

    text: str = ""
    done: float = 0.0
    waiting: int = 0  # requests before this one in the queue


@dataclass(frozen=True, slots=True)
class Result:
    """The answer.

    `document` and the `reply` as it was generated (empty for a specialist), the `issues` to know about, who gave it
    (`by`: the shown name), what it cost, how it ended (`finish`: None for a specialist that read the whole text), and,
    where two were asked, the answer of each (`alternatives`).
    """

    document: Document
    reply: str = ""
    issues: tuple[Issue, ...] = ()
    by: str = ""
    usage: Usage = Usage()
    finish: Finish | None = None
    alternatives: tuple[Result, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The document's JSON object with `issues` (where there are any), `by`, and of two answers the `agreement`."""
        row: dict[str, object] = dict(self.document.to_dict())
        if self.issues:
            row["issues"] = [issue.to_dict() for issue in self.issues]
        row["by"] = self.by
        if (found := self.agreement()) is not None:
            first, second = self.alternatives
            row["agreement"] = {"first": first.by, "second": second.by, **found.to_dict()}
        return row

    def agreement(self) -> Agreement | None:
        """How the two alternatives agree; None where there are none."""
        if len(self.alternatives) != 2:
            return None
        first, second = self.alternatives
        return agreement([(first.document, second.document)])


class Predictor(Protocol):
    """Answers requests. `name` is shown to the reader."""

    @property
    def name(self) -> str: ...

    def supports(self, request: Request) -> bool:
        """Whether it can answer this request at all (task, language and every label asked for)."""
        ...

    def stream(self, request: Request, cancel: threading.Event | None = None) -> Iterator[Partial | Result]:
        """Partials, then exactly one Result (also when cancelled: with what is complete). Raises TaiyiError."""
        ...


def answer(predictor: Predictor, request: Request, cancel: threading.Event | None = None) -> Result:
    """The Result of a request, without the partials."""
    result: Result | None = None
    for item in predictor.stream(request, cancel):
        if isinstance(item, Result):
            result = item
    if result is None:
        raise RuntimeError(f"The predictor {predictor.name!r} ended without a result.")
    return result
