"""What was predicted for one example: a parsed reply, a predictor's document, or the items of a predictions file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from taiyi.document import Document
from taiyi.errors import Issue
from taiyi.tasks import TASKS
from taiyi.tasks.base import Example, Parsed
from taiyi.tasks.thoughts import without_thoughts


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


def parse_reply(example: Example, reply: str, names: Mapping[str, str] | None = None) -> Prediction:
    """The prediction that a model's raw reply to the example's prompt is; what it thought aloud first is no answer.

    `names` says what the labels of the official files are called in the prompt (`eval.sets.label_names`): a reply may
    use either.
    """
    names, task, written = names or {}, TASKS[example.request.task], without_thoughts(reply)
    parsed = task.parse(written, example.request)
    official = [name for name in names if name not in example.request.labels and name in written]
    if official and parsed.issues:
        again = task.parse(written, replace(example.request, labels=(*example.request.labels, *official)))
        parsed = max(parsed, again, key=_n_read)
    issues = tuple(
        replace(issue, label=names.get(issue.label, issue.label)) if issue.label else issue for issue in parsed.issues
    )
    return Prediction(example.id, _renamed(parsed.document, names), issues=issues)


def _n_read(parsed: Parsed) -> int:
    document = parsed.document
    n_unplaced = len(document.meta.get("unplaced_relations", ()))
    return len(document.entities) + len(document.relations) + len(document.labels) + n_unplaced


def _renamed(document: Document, names: Mapping[str, str]) -> Document:
    """A document with the names of the prompt for its labels."""
    unplaced = document.meta.get("unplaced_relations", ())
    meta = {"unplaced_relations": tuple((names.get(row[0], row[0]), *row[1:]) for row in unplaced)} if unplaced else {}
    return replace(
        document,
        entities=tuple(replace(entity, label=names.get(entity.label, entity.label)) for entity in document.entities),
        relations=tuple(replace(found, label=names.get(found.label, found.label)) for found in document.relations),
        labels=tuple(replace(label, name=names.get(label.name, label.name)) for label in document.labels),
        meta={**document.meta, **meta},
    )
