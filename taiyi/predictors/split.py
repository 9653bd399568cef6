"""One request whose labels belong to several predictors: each answers for its own, and the result says which."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from taiyi.predictors.base import Partial, Predictor, Result, Usage
from taiyi.predictors.both import union
from taiyi.tasks.base import Request

DIVISIBLE = ("entities", "relations")
"""Tasks whose labels can be asked for apart: what one finds says nothing of what another does."""


class SplitPredictor:
    """Predictors with the labels each answers for. Ask for an instance per request (see `assign`)."""

    def __init__(self, shares: Sequence[tuple[Predictor, tuple[str, ...]]]) -> None:
        self.shares = tuple(shares)

    @property
    def name(self) -> str:
        return "; ".join(f"{predictor.name} ({', '.join(labels)})" for predictor, labels in self.shares)

    def supports(self, request: Request) -> bool:
        """Whether each share is supported by its predictor."""
        return all(predictor.supports(replace(request, labels=labels)) for predictor, labels in self.shares)

    def stream(self, request: Request, cancel: threading.Event | None = None) -> Iterator[Partial | Result]:
        """The partials of each in turn, then one Result with the items of all."""
        whole: Result | None = None
        for n, (predictor, labels) in enumerate(self.shares):
            for item in predictor.stream(replace(request, labels=labels), cancel):
                if isinstance(item, Partial):
                    yield replace(item, done=(n + item.done) / len(self.shares))
                elif whole is None:
                    whole = item
                else:
                    whole = Result(
                        union(whole.document, item.document),
                        item.reply or whole.reply,
                        tuple(dict.fromkeys(whole.issues + item.issues)),
                        self.name,
                        Usage(
                            new_tokens=whole.usage.new_tokens + item.usage.new_tokens,
                            seconds=whole.usage.seconds + item.usage.seconds,
                            windows=max(whole.usage.windows, item.usage.windows),
                        ),
                        item.finish or whole.finish,
                    )
        if whole is None:
            raise ValueError("A SplitPredictor needs at least one share.")
        yield replace(whole, by=self.name)


def assign(request: Request, specialists: Sequence[Predictor], rest: Predictor | None) -> Predictor | None:
    """Who answers: a specialist that knows every label, else each label's first specialist and `rest` for the others.

    None where a label is left over and there is no `rest`, or where the task is not divisible and nobody knows it.
    """
    for specialist in specialists:
        if specialist.supports(request):
            return specialist
    if request.task not in DIVISIBLE:
        return rest
    shares: dict[int, tuple[Predictor, list[str]]] = {}
    for label in request.labels:
        alone = replace(request, labels=(label,))
        owner = next((s for s in specialists if s.supports(alone)), rest)
        if owner is None:
            return None
        shares.setdefault(id(owner), (owner, []))[1].append(label)
    if len(shares) == 1:
        return next(iter(shares.values()))[0]
    return SplitPredictor([(owner, tuple(labels)) for owner, labels in shares.values()])
