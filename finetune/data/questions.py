"""From an example of a corpus to the instructions that ask for it: sub-tasks, templates, the order of options.

Prompts and replies are the tasks' own (`Task.prompt`, `Task.render`), so that training, inference and scoring share one
form. What is chosen is chosen by the seed and the example's id alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from finetune.data.augment import Lexicon, ask_for_some, leave_out_some, swap_names
from finetune.data.instruction import Instruction, request_fields
from finetune.data.mixture import Row
from finetune.data.passages import passages
from taiyi.conversation import Message
from taiyi.document import Document
from taiyi.prompts import marked_templates, templates
from taiyi.tasks import TASKS
from taiyi.tasks.base import Example, Request

IN_OWN_WORDS = frozenset({"question", "chat"})
"""Tasks whose prompt is the question as it stands (paper, "Instruction-tuning data construction")."""
SHUFFLED = frozenset({"classify", "similarity", "entailment"})
"""Tasks whose labels are offered in any order; those of extraction are listed as the corpus does, as is scored."""
SPLITTABLE = frozenset({"entities", "relations", "causality", "events"})
FIRST_SHARE = 0.7
"""How many of the questions for marks are asked in the words that the app asks in."""


def instructions_of(
    example: Example, row: Row, seed: int, lexicon: Lexicon | None = None
) -> Iterator[tuple[int, Instruction]]:
    """The instructions that a row makes of an example: of each passage each sub-task, `row.repeats` times; with each
    the number of the repeat, from 0. `lexicon` has the names of the corpus, for a row that swaps some."""
    for passage in _passages(example, row):
        rng = random.Random(f"{seed}:{row.name}:{passage.id}")
        for subtask, asked in _subtasks(passage, row, rng):
            for repeat, request in enumerate(_worded(asked, row, rng)):
                id = f"{row.name}:{passage.id}{subtask}" + (f"~{repeat + 1}" if repeat else "")
                varied = _varied(replace(passage, request=request), row, lexicon, rng)
                yield repeat, _instruction(id, varied, row)


def _passages(example: Example, row: Row) -> Iterator[Example]:
    task = example.request.task
    if row.passages is None or task not in ("entities", "classify"):
        yield example
        return
    for piece in passages(example.gold, row.passages):
        gold = replace(piece, labels=example.gold.labels)
        request = replace(example.request, text=piece.text, document_id=piece.id)
        yield replace(example, id=piece.id, request=request, gold=gold)
        if task == "classify":
            return


def _varied(example: Example, row: Row, lexicon: Lexicon | None, rng: random.Random) -> Example:
    """The example with other names or a choice of labels, as the row wants it."""
    gold, request = example.gold, example.request
    if row.swap and lexicon is not None and rng.random() < row.swap:
        gold = swap_names(gold, lexicon, rng)
    if row.subtasks == "some":
        present = {item.label for item in gold.entities} | {label.name for label in gold.labels}
        choose = ask_for_some if request.task == "entities" else leave_out_some
        request = replace(request, labels=choose(request.labels, present, rng))
    return replace(example, gold=gold, request=replace(request, text=gold.text))


def _subtasks(example: Example, row: Row, rng: random.Random) -> Iterator[tuple[str, Request]]:
    """What the sub-task adds to the id, and its request: all labels first, then each alone as the row wants it."""
    request = example.request
    if row.subtasks in ("all", "some") or request.task not in SPLITTABLE or len(request.labels) < 2:
        yield "", request
        return
    yield "#all", request
    present = labels_of(example.gold)
    for label in request.labels:
        if label in present or (row.subtasks == "each" and rng.random() < row.negatives):
            yield f"#{label}", replace(request, labels=(label,))


def labels_of(gold: Document) -> frozenset[str]:
    """The types of all that is marked in a document, relations without a place in it too."""
    unplaced = (label for label, *_ in gold.meta.get("unplaced_relations", ()))
    entities = (entity.label for entity in gold.entities)
    relations = (relation.label for relation in gold.relations)
    return frozenset((*unplaced, *entities, *relations, *(event.label for event in gold.events)))


def _worded(request: Request, row: Row, rng: random.Random) -> Iterator[Request]:
    """The request in as many templates as it is repeated, none twice before all were used; labels in any order."""
    known = templates(request.task, request.lang)
    order = rng.sample(known, len(known))
    for repeat in range(row.repeats):
        labels = request.labels
        if request.task in SHUFFLED:
            labels = tuple(rng.sample(labels, len(labels)))
        template = None if request.task in IN_OWN_WORDS else order[repeat % len(order)].id
        if row.marked and rng.random() < row.marked:
            template = _marked_template(request, rng)
        yield replace(request, labels=labels, template=template)


def _marked_template(request: Request, rng: random.Random) -> str:
    """One of the templates that want the text with marks, in most cases the first."""
    known = marked_templates(request.task, request.lang)
    return (known[0] if rng.random() < FIRST_SHARE else rng.choice(known)).id


def _instruction(id: str, asked: Example, row: Row) -> Instruction:
    request = asked.request
    task = TASKS[request.task]
    reply = Message("assistant", task.render(asked.gold, request))
    return Instruction(
        id=id,
        corpus=row.corpus,
        task=request.task,
        lang=request.lang,
        type=row.type,
        template=request.template,
        messages=(*task.prompt(request).messages, reply),
        request=request_fields(request),
    )
