"""Two ways of decoding, under the grammar and free of it: what each is worth on a set, and how fast it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from eval.judging import METRICS
from eval.metrics import Counts, micro_f1
from eval.records import RecordFile
from eval.report.runs import Case, Run
from eval.sets import eval_set
from taiyi.conversation import Conversation
from taiyi.engine.base import Chunk, Engine, Finish, ModelInfo, SamplingParams
from taiyi.predictors.base import answer
from taiyi.predictors.llm import EXTRACTION, LLMPredictor
from taiyi.tasks.base import Example


class Unbound:
    """An engine that takes no grammar: the same model, free to write anything."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.count_tokens, self.waiting, self.close = engine.count_tokens, engine.waiting, engine.close

    @property
    def info(self) -> ModelInfo:
        return replace(self._engine.info, constrained=False)

    def stream(
        self,
        conversation: Conversation,
        params: SamplingParams,
        grammar: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Chunk]:
        """See Engine; the grammar is left out."""
        return self._engine.stream(conversation, params, None, cancel)


def figures_of(run: Run, name: str) -> dict[str, Any]:
    """What a run measured on a set. `strict` is the figure that `eval` scores by; `value` leaves out what does not
    stand in the text, as the app does, which shows it apart. `ungrounded` is its share of what was written; `unparsed`
    and `cut_off` are shares of the replies: could not be read, reached the token limit."""
    row = run.rows[name]
    ends = [record.get("finish") for record in RecordFile(run.folder, name).read()]
    return {
        "metric": METRICS[eval_set(name).metric].name,
        "value": grounded_f1(list(run.cases(name))) if eval_set(name).task in EXTRACTION else run.score(name),
        "strict": run.score(name),
        "low": row["low"],
        "high": row["high"],
        "precision": row.get("precision"),
        "recall": row.get("recall"),
        "ungrounded": row["ungrounded"] / max(row["written"], 1),
        "unparsed": row["unparsed"] / row["n"],
        "cut_off": ends.count(str(Finish.LENGTH)) / row["n"],
        "n": row["n"],
    }


def grounded_f1(cases: Sequence[Case]) -> float:
    """Micro-F1 of extractions without what does not stand in the text; `eval` has it among the false positives."""
    counts = Counts()
    for case in cases:
        tp, fp, fn = map(int, case.judgement.stats[:3])
        counts += Counts(tp, fp - case.judgement.n_ungrounded, fn)
    return micro_f1(counts)


def speeds(predictors: Mapping[str, LLMPredictor], examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Tokens a second and seconds a text of each predictor, one text after another. They take turns, so that other
    work on the machine falls on all of them. Requests are made with the templates of the predictors' cards."""
    seconds, tokens = dict.fromkeys(predictors, 0.0), dict.fromkeys(predictors, 0)
    for example in examples:
        for name, predictor in predictors.items():
            request = example.request
            own = predictor.card.templates.get(request.task, {}).get(request.lang)
            since = time.monotonic()
            result = answer(predictor, replace(request, template=own or request.template))
            seconds[name] += time.monotonic() - since
            tokens[name] += result.usage.new_tokens
    return {
        name: {"tokens_per_s": tokens[name] / seconds[name], "seconds": seconds[name] / len(examples)}
        for name in predictors
    }
