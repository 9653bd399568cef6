"""Biases of a model, chosen on tuning parts: how readily it goes on with a list, or opens a mark.

Of each task and language with list-like replies the tuning part of the training files is answered with one bias after
the other, and the one with the best score stays. These parts are neither trained on nor reported on
(`taiyi.corpora.parts`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from eval.answering import Answerer, records
from eval.judging import METRICS, Judgement
from eval.judging.base import headline_of
from eval.plan import Part, SetPlan, chosen, planned
from eval.records import write_json
from eval.sets import EvalSet, Source, load_sets, read_set
from taiyi.card import Card
from taiyi.engine.base import Engine
from taiyi.errors import FormatError
from taiyi.predictors.llm import LLMPredictor
from taiyi.prompts import asks_for_marks

BIASES_FILE = "biases.json"
TASKS_WITH_LISTS = ("entities", "relations", "classify")
STEP, FURTHEST = 0.5, 2.5
EXAMPLES = 40  # of each set
STREAMS = 64  # at once: the steps of a model of this size are short, and many rows fill them

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a bias is chosen on: the tuning parts of the sets of a task and language. `kind` is the bias that acts on
    replies of the form that the model's card names."""

    task: str
    lang: str
    kind: str
    plans: tuple[SetPlan, ...]


def tunings(card: Card, data_dir: Path, n: int, seed: int) -> list[Tuning]:
    """What is at hand to tune on, `n` examples of each set by `seed`."""
    by_place: dict[tuple[str, str], list[SetPlan]] = {}
    for row in load_sets().values():
        if row.task in TASKS_WITH_LISTS and not row.extra:
            plan = _plan(row, card, data_dir, n, seed)
            if plan is not None:
                by_place.setdefault((row.task, row.lang), []).append(plan)
    return [Tuning(task, lang, _kind(card, task, lang), tuple(found)) for (task, lang), found in by_place.items()]


def _plan(row: EvalSet, card: Card, data_dir: Path, n: int, seed: int) -> SetPlan | None:
    """The tuning part of the training file of the first corpus that is at hand; None where none is."""
    own = card.templates.get(row.task, {}).get(row.lang)
    for corpus in dict.fromkeys(source.corpus for source in row.dev):
        try:
            examples = read_set(replace(row, dev=(Source(corpus, "train", "tune"),)), "dev", data_dir)
        except FormatError as error:
            if error.code != "corpus_missing":
                raise
            continue
        plan = SetPlan(row, chosen(examples, Part(sample=n, seed=seed)), ())
        return plan.asked_with(own) if own else plan
    return None


def _kind(card: Card, task: str, lang: str) -> str:
    own = card.templates.get(task, {}).get(lang)
    return "mark_bias" if asks_for_marks(task, lang, own) else "end_bias"


def best_bias(figure: Callable[[float], float]) -> tuple[float, dict[float, float]]:
    """The bias with the highest figure, and the figure of each that was tried: a walk from 0 up and then down in steps
    as long as it rises. Up, towards more items in a reply, it goes on as long as the figure is nought, too."""
    tried = {0.0: figure(0.0)}
    for direction in (STEP, -STEP):
        bias = direction
        while abs(bias) <= FURTHEST:
            tried[bias] = figure(bias)
            rises = tried[bias] > tried[bias - direction]
            if not rises and (tried[bias] or direction < 0):
                break
            bias += direction
    return max(tried, key=lambda bias: (tried[bias], -abs(bias))), tried


def tune(
    engine: Engine, card: Card, data_dir: Path, path: Path, *, step: int, seed: int, note: Note, n: int = EXAMPLES
) -> dict[str, Any]:
    """Choose the biases of the weights of training step `step`; what is done is kept in `path` and taken up again."""
    made = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if (made.get("step"), made.get("n")) != (step, n):
        made = {"step": step, "n": n, "seed": seed, "end_bias": {}, "mark_bias": {}, "tried": []}
    done = {(row["task"], row["lang"]) for row in made["tried"]}
    for tuning in tunings(card, data_dir, n, seed):
        if (tuning.task, tuning.lang) in done:
            continue

        def figure(bias: float, tuning: Tuning = tuning) -> float:
            value = _figure(engine, card, tuning, bias)
            note(f"{tuning.task} {tuning.lang}, {tuning.kind} {bias:+.1f}: {value:.4f}")
            return value

        bias, tried = best_bias(figure)
        made[tuning.kind].setdefault(tuning.task, {})[tuning.lang] = bias
        sets = [plan.eval_set.name for plan in tuning.plans]
        row = {"task": tuning.task, "lang": tuning.lang, "kind": tuning.kind, "bias": bias, "sets": sets}
        made["tried"].append(row | {"figures": {str(tested): value for tested, value in sorted(tried.items())}})
        write_json(path, made)
    return made


def tuned_card(card: Card, biases: dict[str, Any]) -> Card:
    """The card with biases as `tune` returns them."""
    return replace(card, end_bias=biases["end_bias"], mark_bias=biases["mark_bias"])


def _figure(engine: Engine, card: Card, tuning: Tuning, bias: float) -> float:
    """The mean of the headline figures of the sets."""
    place = {tuning.task: {tuning.lang: bias}}
    asked = tuned_card(card, {"end_bias": {}, "mark_bias": {}, tuning.kind: place})
    who = Answerer(LLMPredictor(engine, asked), "llm")
    return fmean(_headline(who, plan) for plan in tuning.plans)


def _headline(who: Answerer, plan: SetPlan) -> float:
    made = records(who, plan.eval_set, planned(plan.examples), STREAMS)
    stats = [Judgement.from_dict(record["id"], record["score"]).stats for record in made]
    return headline_of(METRICS[plan.eval_set.metric], np.sum(stats, axis=0))
