"""Reading the documents of a file one after the other: what is done stays, whatever happens to the next."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from taiyi.assistant import Assistant
from taiyi.engine.base import Finish
from taiyi.errors import EngineError, GrammarError, InputError, TaiyiError
from taiyi.predictors.base import Partial, Result
from taiyi.ui.collection import Collection
from taiyi.ui.outcome import Outcome
from taiyi.ui.running import UPDATES_PER_SECOND, Asked

OF_ONE_DOCUMENT = (InputError, EngineError, GrammarError)  # the next one may well be read


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that was not read, and why."""

    document_id: str
    error: TaiyiError


@dataclass(frozen=True, slots=True)
class Step:
    """How far a collection is read: `n_done` of `n_left` documents, and the share of the next.

    `collection` has all readings so far. In the last step `is_last` holds; `stopped_by` is the error that ended it
    early, if one did.
    """

    collection: Collection
    n_done: int
    n_left: int
    partial: Partial = field(default_factory=Partial)
    failures: tuple[Failure, ...] = ()
    is_last: bool = False
    stopped_by: TaiyiError | None = None

    @property
    def share(self) -> float:
        """In [0, 1]."""
        return (self.n_done + self.partial.done) / self.n_left


def read_all(
    assistant: Assistant, collection: Collection, ask: Callable[[str], Asked], settings: str, cancel: threading.Event
) -> Iterator[Step]:
    """Steps until the documents without a reading of these settings are read; where all have one, all are read again.

    One request at a time waits for the model, so that others get their turn. A document that fails is noted and the
    next one read; a model that can't be loaded ends it, and so does `cancel`: what was read in part is not kept.
    """
    left = collection.left(settings)
    step = Step(collection, 0, len(left))
    shown_at = -math.inf
    for n in left:
        if cancel.is_set():
            break
        document = collection.documents[n]
        try:
            asked = ask(document.text)
            request = replace(asked.request, document_id=document.id)
            for item in assistant.stream(request, choice=asked.choice, params=asked.params, cancel=cancel):
                if isinstance(item, Result):
                    step = _with_result(step, n, Outcome.of(item, request), settings)
                elif time.monotonic() - shown_at >= 1 / UPDATES_PER_SECOND:
                    shown_at = time.monotonic()
                    yield replace(step, partial=item)
        except OF_ONE_DOCUMENT as error:
            failures = (*step.failures, Failure(document.id, error))
            step = replace(step, n_done=step.n_done + 1, failures=failures)
        except TaiyiError as error:
            step = replace(step, stopped_by=error)
            break
    yield replace(step, is_last=True)


def _with_result(step: Step, n: int, outcome: Outcome, settings: str) -> Step:
    if outcome.result.finish is Finish.CANCELLED:
        return step
    return replace(step, collection=step.collection.with_reading(n, outcome, settings), n_done=step.n_done + 1)
