"""Who answers a set, and the records of their answers, many at a time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Literal

from eval.judging import METRICS
from eval.prediction import Prediction
from eval.sets import EvalSet
from taiyi.assistant import Assistant, Choice
from taiyi.card import Card
from taiyi.engine.base import Finish, SamplingParams
from taiyi.errors import EngineError, InputError, Issue
from taiyi.predictors.base import Predictor, Result
from taiyi.predictors.both import BothPredictor
from taiyi.predictors.llm import LLMPredictor
from taiyi.predictors.split import SplitPredictor
from taiyi.tasks import TASKS
from taiyi.tasks.base import Example, Request

Kind = Literal["specialist", "llm", "both", "specialist+llm"]
GREEDY = SamplingParams()
OF_ONE_TEXT = frozenset({"prompt_too_long"})
"""Codes of engine errors that are a text's own: the others are answered."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers a set. `offered` is False where the app would not offer this predictor for the task."""

    predictor: Predictor
    kind: Kind
    offered: bool = True

    def stream(self, request: Request, cancel: threading.Event) -> Iterator[object]:
        """Partials, then a Result, greedy."""
        if isinstance(self.predictor, LLMPredictor):
            return self.predictor.stream(request, cancel, GREEDY)
        return self.predictor.stream(request, cancel)


def answerer(assistant: Assistant, request: Request, choice: Choice) -> Answerer:
    """Who answers requests like this one: with "auto" whoever the app would ask.

    A language model whose card rules the task out is asked all the same, since it is its score that is wanted. Raises
    InputError (no_specialist) where no specialist knows the labels.
    """
    offered = assistant.llm.supports(request)
    if choice == "llm":
        return Answerer(assistant.llm, "llm", offered)
    try:
        found = assistant.predictor(request, choice)
    except InputError as error:
        if error.code != "no_predictor":
            raise
        return Answerer(assistant.llm, "llm", offered)
    return Answerer(found, _kind(found))


def was_trained_on(predictor: Predictor, eval_set: EvalSet, split: str) -> bool:
    """Whether the card of somebody who answers says that the weights have seen this split."""
    if isinstance(predictor, SplitPredictor):
        return any(was_trained_on(part, eval_set, split) for part, _ in predictor.shares)
    if isinstance(predictor, BothPredictor):
        return was_trained_on(predictor.first, eval_set, split) or was_trained_on(predictor.second, eval_set, split)
    card = getattr(predictor, "card", None)
    seen = card.seen if isinstance(card, Card) else {}
    return any(s.part is None and s.split in seen.get(s.corpus, ()) for s in eval_set.sources(split))


def _kind(predictor: Predictor) -> Kind:
    if isinstance(predictor, BothPredictor):
        return "both"
    if isinstance(predictor, SplitPredictor):
        kinds = {_kind(part) for part, _ in predictor.shares}
        return "specialist+llm" if len(kinds) > 1 else kinds.pop()
    return "llm" if isinstance(predictor, LLMPredictor) else "specialist"


def records(
    answerer: Answerer, eval_set: EvalSet, examples: Sequence[Example], n_workers: int
) -> Generator[dict[str, Any], None, None]:
    """A record for each example as its answer comes, begun in the order given, `n_workers` at a time.

    Raises the first error that is not a single text's own; what was yielded before stays good. Closing the iterator
    ends the answers under way.
    """
    cancel = threading.Event()
    pool = ThreadPoolExecutor(n_workers, thread_name_prefix="answer")
    try:
        under_way = [pool.submit(_record, answerer, eval_set, example, cancel) for example in examples]
        for done in as_completed(under_way):
            yield done.result()
    finally:
        cancel.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _record(answerer: Answerer, eval_set: EvalSet, example: Example, cancel: threading.Event) -> dict[str, Any]:
    try:
        result = _answer(answerer, example.request, cancel)
    except (InputError, EngineError) as error:
        if isinstance(error, EngineError) and error.code not in OF_ONE_TEXT:
            raise
        print(f"{eval_set.name} {example.id}: {error}", file=sys.stderr)
        failed = Issue("failed", str(error))
        return _row(answerer, eval_set, example, Prediction(example.id, issues=(failed,), missing=True), None)
    if result.finish is Finish.CANCELLED:
        raise EngineError(f"The answer to {example.id} of {eval_set.name} was broken off.", code="cancelled")
    prediction = Prediction(example.id, result.document, issues=result.issues)
    return _row(answerer, eval_set, example, prediction, result)


def _answer(answerer: Answerer, request: Request, cancel: threading.Event) -> Result:
    *_, last = answerer.stream(request, cancel)
    assert isinstance(last, Result)
    return last


def _row(
    answerer: Answerer, eval_set: EvalSet, example: Example, prediction: Prediction, result: Result | None
) -> dict[str, Any]:
    """`prompt` is what the language model was asked, of the whole text where it is read in windows; empty for a
    specialist, which is asked nothing."""
    row: dict[str, Any] = {
        "id": example.id,
        "prompt": "" if answerer.kind == "specialist" else _prompt(example.request),
        "reply": result.reply if result else "",
        "document": result.document.to_dict() if result else None,
        "gold": example.gold.to_dict(),
        "score": METRICS[eval_set.metric].judge(example, prediction).to_dict(),
        "issues": [issue.to_dict() for issue in prediction.issues],
        "by": result.by if result else answerer.predictor.name,
    }
    if prediction.missing:
        row["missing"] = True
    if result and result.finish is not None:
        row["finish"] = str(result.finish)
    return row


def _prompt(request: Request) -> str:
    messages = TASKS[request.task].prompt(request).messages
    return "\n\n".join(message.content for message in messages)
