"""The answers to a collection of documents compared: the two of each with one another, or either with annotations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from taiyi.agreement import Comparison, agreement
from taiyi.document import Document
from taiyi.labels import concept_of
from taiyi.predictors.base import Result


def second_opinion(results: Iterable[Result]) -> Comparison | None:
    """The first and the second answer to each document, over all that have two; None where none has."""
    pairs = [(r.alternatives[0], r.alternatives[1]) for r in results if len(r.alternatives) == 2]
    if not pairs:
        return None
    first, second = (_names(result.by for result in side) for side in zip(*pairs, strict=True))
    return Comparison(first, second, agreement((one.document, two.document) for one, two in pairs))


def against_annotations(read: Sequence[tuple[Document, Result]], labels: Sequence[str], name: str) -> list[Comparison]:
    """Annotated documents, called `name`, against the answers to them: the one of each, or where there are two either.

    Labels are compared where they mean the same (`taiyi.labels`), under the names in `labels`. Left out are those that
    no document is annotated with, and annotations with labels that are not in `labels`. Empty where nothing is left.
    """
    gold = [_relabelled(document, labels) for document, _ in read]
    known = {e.label for document in gold for e in document.entities}
    known |= {label.name for document in gold for label in document.labels}
    if not known:
        return []
    n_answers = max(len(result.alternatives) or 1 for _, result in read)
    found = []
    for n in range(n_answers):
        sides = [(g, _answer(result, n)) for g, (_, result) in zip(gold, read, strict=True)]
        pairs = [(g, answer) for g, answer in sides if answer is not None]
        figures = agreement((g, _only(answer.document, known)) for g, answer in pairs)
        found.append(Comparison(name, _names(answer.by for _, answer in pairs), figures))
    return found


def _answer(result: Result, n: int) -> Result | None:
    """The n-th of the answers; where there is one alone, it is the first."""
    answers = result.alternatives or (result,)
    return answers[n] if n < len(answers) else None


def _relabelled(document: Document, labels: Sequence[str]) -> Document:
    """The document with what `labels` ask for, called so."""
    by_meaning = {_meaning(label): label for label in reversed(labels)}
    entities = (replace(e, label=by_meaning.get(_meaning(e.label), "")) for e in document.entities)
    classes = (replace(own, name=by_meaning.get(_meaning(own.name), "")) for own in document.labels)
    return Document(
        document.id,
        document.lang,
        document.text,
        tuple(e for e in entities if e.label),
        labels=tuple(own for own in classes if own.name),
    )


def _meaning(label: str) -> str:
    concept = concept_of(label)
    return concept.id if concept else label.casefold()


def _only(document: Document, labels: set[str]) -> Document:
    entities = tuple(e for e in document.entities if e.label in labels)
    classes = tuple(own for own in document.labels if own.name in labels)
    return Document(document.id, document.lang, document.text, entities, labels=classes)


def _names(names: Iterable[str]) -> str:
    """Who answered: of a collection in two languages several."""
    return " / ".join(dict.fromkeys(names))
