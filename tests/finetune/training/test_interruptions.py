"""What can go wrong in a run: it is killed, the disk is full, the loss is no number. What was complete stays usable."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainerCallback

from finetune.training.checkpoints import TrainingStoppedError
from finetune.training.trainer import StageTrainer
from tests.finetune.training.made_run import log_rows, make_config, make_trainer, weights

ROOT = Path(__file__).parents[3]


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_weights(
    base_of: Callable[[str], Path], prepared: Path, tmp_path: Path
) -> None:
    """kill -9 at moments in which the run touches a file: while it saves, renames, logs, chooses its best."""
    command = [sys.executable, "-m", "tests.finetune.training.killed_runs", base_of("llama"), prepared, tmp_path]
    done = subprocess.run([*map(str, command), "2"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    processes = json.loads(done.stdout)
    assert all(number > 2 for number in processes.values())
    for seed in processes:
        for folder in ("best", "checkpoints/step-6"):
            expected, found = weights(tmp_path / "whole" / folder), weights(tmp_path / seed / folder)
            assert expected.keys() == found.keys()
            assert all(torch.equal(weight, found[name]) for name, weight in expected.items())
        assert untimed(tmp_path / seed) == untimed(tmp_path / "whole")
        assert names(tmp_path / seed) == names(tmp_path / "whole")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def untimed(out: Path) -> list[dict[str, Any]]:
    """The log's rows without how fast it went."""
    return [{key: value for key, value in row.items() if key != "tokens_per_s"} for row in log_rows(out)]


class Before(TrainerCallback):
    """Does something at the beginning of a step."""

    def __init__(self, step: int, action: Callable[[], None]) -> None:
        self._step = step
        self._action = action

    def on_step_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        if state.global_step == self._step - 1:
            self._action()


@pytest.fixture
def run(base_of: Callable[[str], Path], prepared: Path, tmp_path: Path) -> Callable[..., StageTrainer]:
    """Trains six steps with a checkpoint every two, and does `action` before the fourth."""

    def train(action: Callable[[StageTrainer], None] | None = None) -> StageTrainer:
        trainer = make_trainer(make_config(base_of("llama"), prepared, tmp_path / "out"))
        if action is not None:
            trainer.add_callback(Before(4, lambda: action(trainer)))
        trainer.run()
        return trainer

    return train


def test_a_run_that_is_taken_up_behind_its_last_checkpoint_trains_no_further(
    run: Callable[..., StageTrainer], tmp_path: Path
) -> None:
    """In the middle of an epoch, where the library's own Trainer would train a seventh step."""
    run()
    ended = weights(tmp_path / "out" / "checkpoints" / "step-6")
    again = run()
    assert again.state.global_step == 6
    held = {name.replace(".default", ""): weight for name, weight in again.model.state_dict().items()}
    assert all(torch.equal(weight, held[name]) for name, weight in ended.items())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_ends_the_run_with_a_sentence_and_leaves_the_last_checkpoint(
    run: Callable[..., StageTrainer], tmp_path: Path
) -> None:
    """The optimizer's file of step 4 goes to a device that is always full."""

    def fill(trainer: StageTrainer) -> None:
        folder = trainer.checkpoints.aside / "checkpoint-4"
        folder.mkdir(parents=True)
        (folder / "optimizer.pt").symlink_to("/dev/full")

    with pytest.raises(TrainingStoppedError, match=r"step 4 could not be written: .*checkpoints/step-2; the same"):
        run(fill)
    assert names(tmp_path / "out" / "checkpoints") == ["step-2"]
    assert run().state.global_step == 6


def test_a_loss_that_is_no_number_ends_the_run_with_a_sentence_and_leaves_the_last_checkpoint(
    run: Callable[..., StageTrainer], tmp_path: Path
) -> None:
    def spoil(trainer: StageTrainer) -> None:
        next(weight for weight in trainer.model.parameters() if weight.requires_grad).data.fill_(float("nan"))

    with pytest.raises(TrainingStoppedError, match=r"no number any more at step 4\. .*checkpoints/step-2; the same"):
        run(spoil)
    assert run().state.global_step == 6


def test_weights_that_are_no_numbers_are_not_saved(run: Callable[..., StageTrainer], tmp_path: Path) -> None:
    """The loss before the step was a number, the step led away from all of them."""

    def leap(trainer: StageTrainer) -> None:
        for group in trainer.optimizer.param_groups:
            group["lr"] = float("inf")

    with pytest.raises(TrainingStoppedError, match=r"A weight is no number any more at step 4\. .*step-2"):
        run(leap)
    assert names(tmp_path / "out" / "checkpoints") == ["step-2"]
