"""Two predictors on one request: the answer of either, and both beside it for `taiyi.agreement`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from taiyi.document import Document, Entity, Label
from taiyi.predictors.base import Partial, Predictor, Result, Usage
from taiyi.tasks.base import Request


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
    """The entities and classes of either; of an item that both name, the first's. Ids are given anew."""
    entities: dict[tuple[object, str], Entity] = {}
    for entity in (*first.entities, *second.entities):
        entities.setdefault((entity.spans, entity.label), entity)
    labels: dict[str, Label] = {}
    for label in (*first.labels, *second.labels):
        labels.setdefault(label.name, label)
    ordered = sorted(entities.values(), key=lambda e: (e.start, e.end, e.label))
    return replace(
        first,
        entities=tuple(replace(entity, id=f"T{n}") for n, entity in enumerate(ordered, 1)),
        labels=tuple(labels.values()),
    )
