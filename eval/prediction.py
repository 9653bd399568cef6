"""What was predicted for one example: a parsed reply, a predictor's document, or the items of a predictions file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from taiyi.document import Document
from taiyi.errors import Issue
from taiyi.tasks import TASKS
from taiyi.tasks.base import Example


@dataclass(frozen=True, slots=True)
class GivenMention:
    """An entity of a predictions file; its place is None where the file gives none."""

    label: str
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class GivenTriple:
    """A relation of a predictions file, by its surfaces."""

    label: str
    head: str
    tail: str


_THOUGHT = re.compile(r"\A.*?</think>", re.DOTALL)

Item = GivenMention | GivenTriple | str
"""A str is a class, or the letter of an option."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is scored for one example.

    Either `document` (a parsed reply, or a predictor's answer, with places) or `items` (as a predictions file gives
    them, in the set's own labels) is set; neither where it is `missing`, which is scored as empty and counted.
    `issues` are those of parsing: "unparsed", "absent", "part", "label", ...
    """

    id: str
    document: Document | None = None
    items: tuple[Item, ...] | None = None
    issues: tuple[Issue, ...] = ()
    missing: bool = False


def parse_reply(example: Example, reply: str) -> Prediction:
    """The prediction that a model's raw reply to the example's prompt is; what it thought aloud first is no answer."""
    parsed = TASKS[example.request.task].parse(_THOUGHT.sub("", reply), example.request)
    return Prediction(example.id, parsed.document, issues=parsed.issues)
