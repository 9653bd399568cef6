"""What the model is worth, by runs of the evaluation: every set that is at hand, with the grammar and without it.

The figures with the grammar are those of `python -m eval run --predictor llm --split dev --sample N` on the exported
folder. For given weights the parts are answered once: a run that is finished is only read again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval.compare import compare_runs
from eval.plan import SetPlan, plans
from eval.report.runs import Run as FinishedRun
from eval.report.runs import read_runs
from eval.run import Run, RunSettings
from eval.score import DRAWS
from eval.sets import EvalSet
from finetune.nano.decoding import Unbound, figures_of, speeds
from finetune.specialists.measured import Measured, measured
from taiyi.assistant import Assistant
from taiyi.card import Card
from taiyi.engine.base import Engine
from taiyi.errors import InputError
from taiyi.predictors.llm import LLMPredictor
from taiyi.tasks import TASKS

SCORES_FILE = "scores.json"
SAMPLE = 200  # examples of each set, as many as the paper's Figure 4 has
TIMED = 10  # texts of each set, one after another
STREAMS = 64  # at once where only the answers matter: the steps of a model of this size are short, many rows fill them
GRAMMAR, FREE = "grammar", "free"

Note = Callable[[str], None]


class Report:
    """The parts that a model is scored on: `sample` examples of every set of `names` (all that are at hand), chosen as
    `python -m eval run --split dev` chooses them."""

    def __init__(self, data_dir: Path, sample: int, note: Note, names: Sequence[str] = ()) -> None:
        if sample < 1:
            raise InputError(f"--sample is {sample}; give a number of examples, at least 1.")
        self.settings = RunSettings(split="dev", sample=sample, predictor="llm")
        self.note = note
        self.plans, self._missing = plans(names, self.settings, data_dir, note)
        if not self.plans:
            raise InputError(
                f"No set is under {data_dir} to score on; `python -m eval sets --data {data_dir}` says what is missing."
            )

    def answer(self, engine: Engine, card: Card, folder: Path, sets: Sequence[SetPlan] | None = None) -> FinishedRun:
        """Answer and score the sets in `folder`, or go on where a run there was stopped. Raises TaiyiError."""
        run = Run(folder, self.settings, lambda: Assistant(engine, card=card), batch=STREAMS, note=self.note)
        run.run(self.plans if sets is None else sets, self._missing)
        return read_runs([folder])[0]


def score(engine: Engine, card: Card, report: Report, folder: Path) -> dict[str, Any]:
    """What the model's card tells: `scores` as `taiyi.yaml` has them, `sets` with all that was measured of each, and
    `constraint`, a row a set and way of decoding. The runs are kept in `folder`."""
    bound = report.answer(engine, card, folder / GRAMMAR)
    bindable = [plan for plan in report.plans if _grammar(plan)]
    free = report.answer(Unbound(engine), card, folder / FREE, bindable)
    gains = {row.set: row for row in compare_runs(free, bound, draws=DRAWS, seed=report.settings.seed)}
    predictors = {GRAMMAR: LLMPredictor(engine, card), FREE: LLMPredictor(Unbound(engine), card)}
    constraint: list[dict[str, Any]] = []
    for plan in bindable:
        name, gain = plan.eval_set.name, gains[plan.eval_set.name]
        taken = speeds(predictors, plan.examples[:TIMED])
        brings = {"gain": gain.difference, "gain_low": gain.low, "gain_high": gain.high}
        constraint += [
            _decoded(GRAMMAR, bound, name) | taken[GRAMMAR] | {"bias": bias_of(card, plan.eval_set)} | brings,
            _decoded(FREE, free, name) | taken[FREE],
        ]
        report.note(f"{name}: the grammar brings {gain.difference:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})")
    sets = [measured(bound, name) for name in bound.rows]
    return {
        "sample": report.settings.sample,
        "scores": [card_row(m) for m in sets],
        "sets": [_told(m, bound.rows[m.set]["unparsed"]) for m in sets],
        "constraint": constraint,
    }


def _decoded(way: str, run: FinishedRun, name: str) -> dict[str, Any]:
    return {"set": name, "decoding": way, **figures_of(run, name)}


def _grammar(plan: SetPlan) -> str | None:
    """The grammar of a set's replies; None where they are free text."""
    request = plan.examples[0].request
    return TASKS[request.task].grammar(request)


def bias_of(card: Card, eval_set: EvalSet) -> float:
    """The bias that acts on the replies to a set."""
    found = (biases.get(eval_set.task, {}).get(eval_set.lang) for biases in (card.mark_bias, card.end_bias))
    return next((bias for bias in found if bias), 0.0)


def card_row(m: Measured) -> dict[str, Any]:
    """The row of `scores` in `taiyi.yaml`: the figure that counts, with its interval."""
    figure = m.figures[0]
    place = {"task": m.task, "lang": m.lang, "set": m.set, "part": m.part, "metric": figure.metric}
    rounded = {name: round(getattr(figure, name), 6) for name in ("value", "low", "high")}
    return place | rounded | {"n": m.n}


def _told(m: Measured, n_unparsed: int) -> dict[str, Any]:
    """What the card says of a set."""
    figures = [{"metric": f.metric, "value": f.value, "low": f.low, "high": f.high} for f in m.figures]
    names = {"set": m.set, "task": m.task, "part": m.part, "note": m.note, "signature": m.signature}
    return {**names, "n": m.n, "figures": figures, "errors": dict(m.n_errors), "unparsed": n_unparsed}
