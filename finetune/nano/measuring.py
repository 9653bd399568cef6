"""The verbs that measure: `tune`, `score` and `figure4`, each for the last weights of a stage in the work folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eval.records import write_json
from eval.report.runs import Run
from finetune.nano.config import NanoConfig
from finetune.nano.export import SHIPPED, last_step, stage_model
from finetune.nano.figure4 import FIGURE_4_DATA, ONE_STAGE, TWO_STAGES, compared
from finetune.nano.score import GRAMMAR, SAMPLE, SCORES_FILE, STREAMS, Report, score
from finetune.nano.tuning import BIASES_FILE, tune, tuned_card
from taiyi.card import Card, read_card
from taiyi.engine.local import LocalEngine


@dataclass(frozen=True, slots=True)
class Candidate:
    """The last weights of a stage, loaded, with the biases that were chosen for them."""

    engine: LocalEngine
    card: Card
    runs: Path
    step: int


def note(sentence: str) -> None:
    """Tell whoever waits."""
    print(sentence, file=sys.stderr, flush=True)


@contextmanager
def candidate(config: NanoConfig, data_dir: Path, work_dir: Path, stage: str) -> Iterator[Candidate]:
    """A stage's weights to be measured; their biases are chosen now where they were not yet."""
    step = last_step(work_dir, stage)
    folder = stage_model(config, work_dir, stage)
    card = read_card(folder)
    engine = LocalEngine(str(folder), max_rows=STREAMS)
    try:
        path = work_dir / stage / BIASES_FILE
        biases = tune(engine, card, data_dir, path, step=step, seed=config.seed, note=note)
        yield Candidate(engine, tuned_card(card, biases), work_dir / stage / "runs" / f"step-{step}", step)
    finally:
        engine.close()


def measure(verb: str, config: NanoConfig, data_dir: Path, work_dir: Path, sample: int = SAMPLE) -> None:
    """Choose the biases of the model that ships (`tune`); score it, too, and leave what its card tells in
    `scores.json` (`score`); or compare it with the model of one stage and leave that in `figure4.json` (`figure4`).

    `sample` examples of each set are scored. What was measured already of the same weights is taken from there.
    """
    if verb == "tune":
        with candidate(config, data_dir, work_dir, SHIPPED):
            return
    report = Report(data_dir, sample, note)
    if verb == "figure4":
        one, two = (_answers(config, data_dir, work_dir, stage, report) for stage in (ONE_STAGE, TWO_STAGES[-1]))
        steps = {stage: last_step(work_dir, stage) for stage in (ONE_STAGE, *TWO_STAGES)}
        write_json(work_dir / FIGURE_4_DATA, {"steps": steps, "sets": compared(one, two)})
        return
    with candidate(config, data_dir, work_dir, SHIPPED) as found:
        told = score(found.engine, found.card, report, found.runs / str(sample))
    write_json(work_dir / SCORES_FILE, {"step": found.step, **told})


def _answers(config: NanoConfig, data_dir: Path, work_dir: Path, stage: str, report: Report) -> Run:
    """The run of a stage's last weights over the sets that the paper scores."""
    sets = [plan for plan in report.plans if not plan.eval_set.extra]
    with candidate(config, data_dir, work_dir, stage) as found:
        return report.answer(found.engine, found.card, found.runs / str(report.settings.sample) / GRAMMAR, sets)
