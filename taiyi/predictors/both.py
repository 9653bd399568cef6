"""Two predictors on one request: where they agree and where they differ, item by item."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from taiyi.document import Document, Entity, Label
from taiyi.predictors.base import Partial, Predictor, Result, Usage
from taiyi.tasks.base import Request


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One item and who named it; `start` and `end` are None for a class."""

    named_by: Literal["both", "first", "second"]
    label: str
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """All items of two answers. `f1` is that of one answer against the other: 2·both / (items + items), 1.0 where
    neither names anything."""

    rows: tuple[AgreementRow, ...]
    f1: float


def agreement(first: Document, second: Document) -> Agreement:
    """How two documents of the same text agree, by type and exact place (entities) or by name (classes)."""

    def items(document: Document) -> dict[tuple[int, int, str], AgreementRow]:
        rows = {
            (e.start, e.end, e.label): AgreementRow("both", e.label, document.text_of(e.spans), e.start, e.end)
            for e in document.entities
        }
        return rows | {(-1, -1, label.name): AgreementRow("both", label.name, "") for label in document.labels}

    ones, twos = items(first), items(second)
    rows = []
    for key in sorted(ones.keys() | twos.keys()):
        row = ones.get(key) or twos[key]
        if key not in twos:
            row = replace(row, named_by="first")
        elif key not in ones:
            row = replace(row, named_by="second")
        rows.append(row)
    total = len(ones) + len(twos)
    return Agreement(tuple(rows), 2 * len(ones.keys() & twos.keys()) / total if total else 1.0)


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
