"""What holds for the examples of every corpus, whatever its format. The idea is that of BigBio's tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from taiyi.document import Document
from taiyi.tasks.base import Example, Request
from taiyi.tasks.coreference import COREFERENCE


def broken(examples: Iterable[Example]) -> Iterator[str]:
    """A sentence for each example that breaks an invariant; none where all is well.

    Ids are unique, and the same in request and answer; the answer is about the text that is asked about, names only
    labels, roles and options that the request offers, and is there. (That spans lie inside the text and that relations
    name mentions is checked when a Document is made, that a mention is what stands at its place by the readers.)
    """
    seen: set[str] = set()
    for example in examples:
        if not example.id or example.id in seen:
            yield f"The id {example.id!r} of {example.source} is empty or comes twice."
        seen.add(example.id)
        yield from (f"{example.source}, {example.id}: {problem}" for problem in _problems(example))


def _problems(example: Example) -> Iterator[str]:
    request, gold = example.request, example.gold
    if not example.id == request.document_id == gold.id:
        yield f"the request is of {request.document_id!r}, the answer of {gold.id!r}."
    if request.text != gold.text or request.text_lang != gold.lang:
        yield "the answer is about another text than the request."
    if not request.text.strip() and not request.question.strip():
        yield "there is no text."
    for name in sorted(_names(gold, request.task) - _offered(request)):
        yield f"the answer holds {name!r}, which is not offered."
    yield from _missing(example)


def _names(gold: Document, task: str) -> set[str]:
    """What the answer says by names; the mentions of a relation or event may be of any type."""
    names = {label.name for label in gold.labels} | {relation.label for relation in gold.relations}
    names |= {label for label, _, _ in gold.meta.get("concept_relations", ())}
    for event in gold.events:
        names |= {event.label, *(argument.role for argument in event.arguments)}
    return names | ({entity.label for entity in gold.entities} if task == "entities" else set())


def _offered(request: Request) -> set[str]:
    letters = {chr(ord("A") + n) for n in range(len(request.options))}
    return {*request.labels, *request.roles, *letters} | ({COREFERENCE} if request.task == "coreference" else set())


def _missing(example: Example) -> Iterator[str]:
    """A class, a letter or a text is always due; several classes, and what stands in the text, may be none."""
    gold, request = example.gold, example.request
    if request.options or (request.task in ("classify", "similarity", "entailment") and not request.multi):
        if len(gold.labels) != 1:
            yield f"one label is due, the answer has {len(gold.labels)}."
    elif not request.labels and request.task != "coreference" and not gold.sections and not (gold.answer or "").strip():
        yield "there is no answer."
