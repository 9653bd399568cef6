"""What the model is worth: `end_bias` chosen on tuning parts, then each report part scored once.

Runs through the app's own predictor and engine, with the grammar and without it.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from eval.metrics import Counts, accuracy, compare, mention_items, micro_f1
from finetune.data.passages import passages
from taiyi.card import Card
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.engine.base import Finish, ModelInfo, SamplingParams
from taiyi.predictors.base import Result
from taiyi.predictors.llm import LLMPredictor
from taiyi.tasks.base import Example

BIASES = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0)
MAX_NEW_TOKENS = 192
STREAMS = 8  # at once, where only the answers matter
TIMED = 25  # passages one after another, where the speed matters
PASSAGE_CHARS = 900


@dataclass(frozen=True, slots=True)
class ScoredSet:
    """A set to score: where its tuning and its report part come from, and how many texts of each are read."""

    name: str
    task: str
    lang: str
    tune_split: str
    report_split: str
    report_part: str | None  # of the split, by `part_of`; None where the whole split is a part of its own
    n_tune: int
    n_report: int

    def examples(self, part: str, data_dir: Path, seed: int) -> list[Example]:
        """The texts of "tune" or "report", cut into passages, an even sample fixed by the seed."""
        tuning = part == "tune"
        split = self.tune_split if tuning else self.report_split
        wanted = "tune" if tuning else self.report_part
        found = [
            piece
            for example in read_corpus(self.name, split, data_dir)
            if wanted is None or part_of(example.gold.text) == wanted
            for piece in _pieces(example)
        ]
        random.Random(seed).shuffle(found)
        return found[: self.n_tune if tuning else self.n_report]


SETS = (
    ScoredSet("bc5cdr", "entities", "en", "train", "dev", None, 30, 100),
    ScoredSet("cmeee", "entities", "zh", "train", "train", "report", 40, 200),
    ScoredSet("kuake_qic", "classify", "zh", "train", "train", "report", 0, 200),
)


def _pieces(example: Example) -> Iterator[Example]:
    if example.request.task != "entities":
        yield example
        return
    for gold in passages(example.gold, PASSAGE_CHARS):
        yield Example(gold.id, replace(example.request, text=gold.text, document_id=gold.id), gold, example.source)


class Unbound:
    """An engine that takes no grammar: the same model, free to write anything."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.count_tokens, self.waiting, self.close = engine.count_tokens, engine.waiting, engine.close

    @property
    def info(self) -> ModelInfo:
        return replace(self._engine.info, constrained=False)

    def stream(self, conversation: Any, params: SamplingParams, grammar: Any = None, cancel: Any = None) -> Any:
        return self._engine.stream(conversation, params, None, cancel)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of decoding over a set: the figures of the card's table."""

    value: float
    precision: float
    recall: float
    strict: float  # F1 where what does not stand in the text counts as wrong, as it does for a reader of the reply
    ungrounded: float
    cut_off: float


def outcome(examples: Sequence[Example], results: Sequence[Result]) -> Outcome:
    """F1 over type and text per passage, or accuracy; the share of written mentions that do not stand in the text as
    they are written; the share of replies that reached the token limit."""
    cut_off = sum(result.finish is Finish.LENGTH for result in results) / max(len(results), 1)
    if examples[0].request.task == "classify":
        gold = [tuple(label.name for label in example.gold.labels) for example in examples]
        named = [tuple(label.name for label in result.document.labels) for result in results]
        right = accuracy(gold, named)
        return Outcome(right, right, right, right, 0.0, cut_off)
    counts, ungrounded, written = Counts(), 0, 0
    for example, result in zip(examples, results, strict=True):
        found = mention_items(result.document)
        lost = sum(issue.kind in ("absent", "part") for issue in result.issues)
        loose = len(
            {(e.label, result.document.text_of(e.spans)) for e in result.document.entities if e.match != "verbatim"}
        )
        counts += compare(mention_items(example.gold), found)
        ungrounded += lost + loose
        written += len(found) + lost
    strict = micro_f1(counts + Counts(fp=written - counts.tp - counts.fp))
    share = ungrounded / max(written, 1)
    return Outcome(micro_f1(counts), counts.precision, counts.recall, strict, share, cut_off)


def answers(predictor: LLMPredictor, examples: Sequence[Example], streams: int) -> list[Result]:
    """The predictor's results, `streams` requests at a time, greedy."""
    params = SamplingParams(max_new_tokens=MAX_NEW_TOKENS)

    def one(example: Example) -> Result:
        *_, last = predictor.stream(example.request, params=params)
        assert isinstance(last, Result)
        return last

    with ThreadPoolExecutor(streams) as pool:
        return list(pool.map(one, examples))


def score(engine: Any, data_dir: Path, seed: int, note: Callable[[str], None]) -> dict[str, Any]:
    """The tables `scores`, `end_bias` and `constraint` of the model folder's card."""
    scores, constraint = [], []
    end_bias: dict[str, dict[str, float]] = {}
    for chosen_set in SETS:
        bias = 0.0
        if chosen_set.task == "entities":
            bias = _best_bias(engine, chosen_set, data_dir, seed, note)
            end_bias.setdefault(chosen_set.task, {})[chosen_set.lang] = bias
        examples = chosen_set.examples("report", data_dir, seed)
        predictors = {"grammar": _predictor(engine, chosen_set, bias), "free": LLMPredictor(Unbound(engine))}
        speeds = _speeds(predictors, examples[:TIMED])
        for decoding, predictor in predictors.items():
            found = asdict(outcome(examples, answers(predictor, examples, STREAMS)))
            row = {"set": chosen_set.name, "decoding": decoding, "end_bias": bias if decoding == "grammar" else "-"}
            constraint.append(row | found | speeds[decoding] | {"n": len(examples)})
            note(json.dumps(constraint[-1]))
        best = constraint[-2]
        metric = "micro-F1, type and text" if chosen_set.task == "entities" else "accuracy"
        part = chosen_set.report_split if chosen_set.report_part is None else "set aside"
        scores.append(
            {"task": chosen_set.task, "lang": chosen_set.lang, "set": chosen_set.name, "part": part, "metric": metric}
            | {"value": round(best["value"], 4), "n": len(examples)}
        )
    return {"scores": scores, "end_bias": end_bias, "constraint": constraint}


def _predictor(engine: Any, chosen_set: ScoredSet, bias: float) -> LLMPredictor:
    return LLMPredictor(engine, Card(end_bias={chosen_set.task: {chosen_set.lang: bias}}))


def _best_bias(engine: Any, chosen_set: ScoredSet, data_dir: Path, seed: int, note: Callable[[str], None]) -> float:
    examples = chosen_set.examples("tune", data_dir, seed)
    by_bias = {}
    for bias in BIASES:
        found = outcome(examples, answers(_predictor(engine, chosen_set, bias), examples, STREAMS))
        by_bias[bias] = found.value
        note(f"{chosen_set.name}, tuning part, end bias {bias}: {found}")
    return max(BIASES, key=lambda bias: (by_bias[bias], -abs(bias)))


def _speeds(predictors: Mapping[str, LLMPredictor], examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Tokens a second and seconds an answer of each predictor. They take turns, so that other work on the machine
    falls on all of them."""
    seconds, steps = Counter[str](), Counter[str]()
    for example in examples:
        for name, predictor in predictors.items():
            since = time.monotonic()
            (result,) = answers(predictor, [example], 1)
            seconds[name] += time.monotonic() - since
            steps[name] += result.usage.new_tokens
    return {
        name: {"steps_per_s": steps[name] / seconds[name], "seconds": seconds[name] / len(examples)}
        for name in predictors
    }


def write_scores(model_dir: Path, data_dir: Path, work_dir: Path, seed: int) -> None:
    """Score the model in `model_dir` and leave the tables in `work_dir/scores.json`."""
    from taiyi.engine.local import LocalEngine

    engine = LocalEngine(str(model_dir))
    try:
        measured = score(engine, data_dir, seed, lambda line: print(line, file=sys.stderr, flush=True))
    finally:
        engine.close()
    aside = work_dir / "scores.tmp"
    aside.write_text(json.dumps(measured, indent=1, ensure_ascii=False), encoding="utf-8")
    aside.replace(work_dir / "scores.json")
