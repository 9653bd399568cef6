"""Dev scores of a model in training: it answers examples of eval's sets, as `eval run` would have it answer.

The figures are those of `python -m eval run --predictor llm --split dev --sample N` on the same weights. Training does
not notice: the model is in its training mode again and every random generator stands where it stood.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eval.answering import Answerer, records
from eval.judging import METRICS, Judgement
from eval.judging.base import headline_of
from eval.plan import Part, SetPlan, planned, plans
from eval.records import RecordFile
from finetune.training.config import StageConfig
from taiyi.card import Card, read_card
from taiyi.engine.local import LocalEngine
from taiyi.errors import InputError
from taiyi.predictors.llm import LLMPredictor

ROWS = 16
CHOSEN = "chosen"
PERCENT = frozenset({"bleu"})
"""Headline figures in [0, 100]: divided, so that a mean weighs every set alike."""


class DevScores:
    """The examples of a stage's dev sets, read once, and the figures of any model on them.

    Raises InputError, before anything is trained, for sets that are not known or not at hand, and for test parts.
    """

    def __init__(self, config: StageConfig, tokenizer: Any) -> None:
        if config.scores is None:
            raise InputError("The stage's settings have no `scores`, so there is nothing to measure.")
        self._settings = config.scores
        if self._settings.split != "dev":
            raise InputError(
                f"scores.split is {self._settings.split!r}: a checkpoint chosen on it would make its score there "
                "worthless. Use dev."
            )
        part = Part(split="dev", sample=self._settings.sample)
        self._plans, _ = plans(self._settings.sets, part, _data_dir(self._settings.data), lambda sentence: None)
        for plan in self._plans:
            if not plan.examples:
                raise InputError(
                    f"The dev part of {plan.eval_set.name} has no examples here; take it out of scores.sets."
                )
        self._tokenizer = tokenizer
        self._card = card_for_tuned(config.base)
        self._replies = Path(config.out) / "replies"

    def measure(self, model: Any, step: int) -> dict[str, float]:
        """The headline figure of each set in [0, 1], and under "chosen" the one that checkpoints are chosen by.

        What was answered is kept as eval's records in `replies/step-N/` of the stage's folder. Only the main process
        may call this, with a model that holds its weights whole. Raises EngineError where the model fails.
        """
        folder = self._replies / f"step-{step}"
        folder.mkdir(parents=True, exist_ok=True)
        with _aside(model):
            engine = LocalEngine.around(model, self._tokenizer, max_rows=ROWS)
            try:
                who = Answerer(LLMPredictor(engine, self._card), "llm")
                figures = {plan.eval_set.name: _figure(who, plan, folder) for plan in self._plans}
            finally:
                engine.close()
        return figures | {CHOSEN: self._chosen(figures)}

    def _chosen(self, figures: dict[str, float]) -> float:
        if self._settings.choose_by == "mean":
            return sum(figures.values()) / len(figures)
        return figures[self._settings.choose_by]


def card_for_tuned(base: str) -> Card:
    """What the base's card says that still holds once it was trained further: neither its scores nor its biases,
    nor the prompts that it was trained on."""
    folder = Path(base)
    return replace(read_card(folder), scores=(), end_bias={}, mark_bias={}, templates={}) if folder.is_dir() else Card()


def _data_dir(given: str | None) -> Path:
    folder = given or os.environ.get("TAIYI_DATA")
    if not folder:
        raise InputError("scores.data names no folder; name the one with the corpora, or set TAIYI_DATA to it.")
    return Path(folder)


def _figure(who: Answerer, plan: SetPlan, folder: Path) -> float:
    """The set's headline figure, with its records written anew."""
    metric = METRICS[plan.eval_set.metric]
    made = list(records(who, plan.eval_set, planned(plan.examples), ROWS))
    _write(folder, plan.eval_set.name, made)
    total = np.sum([Judgement.from_dict(record["id"], record["score"]).stats for record in made], axis=0)
    figure = headline_of(metric, total)
    return figure / 100 if metric.headline in PERCENT else figure


def _write(folder: Path, name: str, made: Sequence[dict[str, Any]]) -> None:
    file = RecordFile(folder, name)
    file.path.unlink(missing_ok=True)  # of a run that was killed after this step and is now taken up again
    with file:
        for record in made:
            file.append(record)


@contextmanager
def _aside(model: Any) -> Iterator[None]:
    """The model in its evaluation mode; afterwards modes and random generators are what they were."""
    import torch

    training = [module for module in model.modules() if module.training]
    state = random.getstate(), np.random.get_state(), torch.get_rng_state()
    on_gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
        random.setstate(state[0])
        np.random.set_state(state[1])
        torch.set_rng_state(state[2])
        if on_gpus:
            torch.cuda.set_rng_state_all(on_gpus)
