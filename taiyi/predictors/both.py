"""Two predictors on one request: the answer of either, and both beside it for `taiyi.agreement`."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from taiyi.document import Document, Entity, Label, Relation, Span
from taiyi.predictors.base import Partial, Predictor, Result, Usage
from taiyi.tasks.base import Request

Mention = tuple[tuple[Span, ...], str]
"""Where a mention stands and its label."""


class BothPredictor:
    """Asks two predictors. The document holds the items of either; `Result.alternatives` the two answers."""

    def __init__(self, first: Predictor, second: Predictor) -> None:
        self.first = first
        self.second = second

    @property
    def name(self) -> str:
        return f"{self.first.name} + {self.second.name}"

    def supports(self, request: Request) -> bool:
        """What both support."""
        return self.first.supports(request) and self.second.supports(request)

    def stream(self, request: Request, cancel: threading.Event | None = None) -> Iterator[Partial | Result]:
        """The partials of both, one after the other, then one Result."""
        results: list[Result] = []
        for n, predictor in enumerate((self.first, self.second)):
            for item in predictor.stream(request, cancel):
                if isinstance(item, Result):
                    results.append(item)
                else:
                    yield replace(item, done=(n + item.done) / 2)
        one, two = results
        yield Result(
            union(one.document, two.document),
            two.reply or one.reply,
            tuple(dict.fromkeys(one.issues + two.issues)),
            self.name,
            Usage(
                one.usage.prompt_tokens + two.usage.prompt_tokens,
                one.usage.new_tokens + two.usage.new_tokens,
                one.usage.seconds + two.usage.seconds,
                max(one.usage.windows, two.usage.windows),
            ),
            two.finish or one.finish,
            (one, two),
        )


def union(first: Document, second: Document) -> Document:
    """The entities, relations and classes of either; of an item that both name, the first's. Ids are given anew."""
    entities: dict[Mention, Entity] = {}
    labels: dict[str, Label] = {}
    for document in (first, second):
        for entity in document.entities:
            entities.setdefault(_mention(entity), entity)
        for label in document.labels:
            labels.setdefault(label.name, label)
    ordered = sorted(entities, key=lambda mention: (entities[mention].start, entities[mention].end, mention[1]))
    id_by_mention = {mention: f"T{n}" for n, mention in enumerate(ordered, 1)}
    return replace(
        first,
        entities=tuple(replace(entities[mention], id=id) for mention, id in id_by_mention.items()),
        relations=_relations((first, second), id_by_mention),
        labels=tuple(labels.values()),
    )


def _mention(entity: Entity) -> Mention:
    return entity.spans, entity.label


def _relations(documents: Sequence[Document], id_by_mention: Mapping[Mention, str]) -> tuple[Relation, ...]:
    """The relations of `documents`, of those with the same type and ends the first; in the order of their ends."""
    found: dict[tuple[str, str, str], Relation] = {}
    for document in documents:
        for relation in document.relations:
            head, tail = (id_by_mention[_mention(document.entity(end))] for end in (relation.head, relation.tail))
            found.setdefault((head, tail, relation.label), replace(relation, head=head, tail=tail))
    place = {id: n for n, id in enumerate(id_by_mention.values())}
    ordered = sorted(found.values(), key=lambda r: (place[r.head], place[r.tail], r.label))
    return tuple(replace(relation, id=f"R{n}") for n, relation in enumerate(ordered, 1))
