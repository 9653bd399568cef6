"""A threshold on the scores of a result's items: it trades recall for precision."""

from __future__ import annotations

from dataclasses import replace

from taiyi.predictors.base import Result


def has_scores(result: Result) -> bool:
    """Whether any item has a score that a threshold could act on."""
    document = result.document
    groups = (document.entities, document.relations, document.events)
    return any(item.score is not None for items in groups for item in items)


def above(result: Result, threshold: float) -> Result:
    """The result without the entities, relations and events whose score lies below `threshold`.

    An item without a score stays. An entity that a relation names stays with it.
    """
    document = result.document

    def kept(score: float | None) -> bool:
        return score is None or score >= threshold

    relations = tuple(r for r in document.relations if kept(r.score))
    ends = {name for relation in relations for name in (relation.head, relation.tail)}
    entities = tuple(
        e for e in document.entities if (e.id in ends if document.relations else kept(e.score)) or e.id in ends
    )
    events = tuple(e for e in document.events if kept(e.score))
    return replace(
        result,
        document=replace(document, entities=entities, relations=relations, events=events),
        alternatives=tuple(above(other, threshold) for other in result.alternatives),
    )
