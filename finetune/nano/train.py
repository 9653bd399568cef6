"""One training loop for both stages: base and instructions. Killed at any point, it goes on where it stood.

What step n learns from depends on n and the seed alone, and a checkpoint is written aside and then renamed, so a run
that was interrupted equals one that was not.
"""

from __future__ import annotations

import json
import math
import platform
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from finetune.nano.head import HeadLoss
from finetune.nano.optimizer import MasterOptimizer
from taiyi.errors import TaiyiError

IGNORED = -100

Batch = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Token ids (sequences, length) and, of the same shape, the token to learn at each place or IGNORED."""


class TrainingStoppedError(TaiyiError):
    """Training can't go on; the last checkpoint stays valid."""


@dataclass(frozen=True, slots=True)
class StageConfig:
    """How a stage is trained. Rates rise over `warmup` steps and fall to nothing over the last `decay` share.

    `types` are those of the instructions (1: single tasks, 2: questions and dialogues), none for raw text alone;
    `replay` is the share of raw text among the sequences, `repeated` that of those which practise copying; `start_from`
    names the stage whose weights are the first. Stages of the same `types` with another `order` meet their instructions
    in another order.
    """

    steps: int
    sequences: int
    length: int
    adam_lr: float
    muon_lr: float
    warmup: int = 50
    decay: float = 0.0
    save_every: int = 100
    repeated: float = 0.0
    replay: float = 0.0
    types: tuple[int, ...] = ()
    start_from: str = ""
    order: int = 0

    def rate(self, step: int) -> float:
        """Factor on the learning rates at `step`, in [0, 1]."""
        rising = min(1.0, (step + 1) / max(self.warmup, 1))
        left = (self.steps - step) / max(self.steps * self.decay, 1e-9)
        return min(rising, left) if self.decay else rising


def loss_of(model: Any, batch: Batch) -> torch.Tensor:
    """Mean cross-entropy over the places to learn. Only there are the scores over the vocabulary computed."""
    inputs, labels = (torch.from_numpy(part).to(model.device) for part in batch)
    hidden = model.model(input_ids=inputs, use_cache=False).last_hidden_state
    learnt = labels != IGNORED
    return HeadLoss.apply(hidden[learnt], model.lm_head.weight, labels[learnt])


def train(
    model: Any,
    config: StageConfig,
    batch_of: Callable[[int], Batch],
    folder: Path,
    *,
    start_from: Path | None = None,
    measure: Callable[[Any], dict[str, float]] | None = None,
    stop_after: int | None = None,
) -> None:
    """Train `model` for `config.steps` steps with checkpoints and `log.jsonl` in `folder`.

    Goes on from the checkpoint in `folder` where there is one, else takes the weights of the checkpoint `start_from`.
    `measure` is called at each checkpoint and its figures are logged. `stop_after` ends the run early, after that step.
    Raises TrainingStoppedError when loss or gradient are no longer numbers, and where a checkpoint can't be
    written. The model's device is where it is trained.
    """
    checkpoint = folder / "checkpoint.pt"
    optimizer = MasterOptimizer(model, adam_lr=config.adam_lr, muon_lr=config.muon_lr)
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=model.device)
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    elif start_from is not None:
        optimizer.load_masters(_masters(start_from, model.device))
    if not (folder / "log.jsonl").exists():
        _log(folder / "log.jsonl", _hardware(model.device))
    last = config.steps if stop_after is None else min(stop_after, config.steps)
    model.train()
    since, n_tokens, losses = time.monotonic(), 0, []
    for step in range(first, last):
        batch = batch_of(step)
        loss = loss_of(model, batch)
        losses.append(_finite(float(loss.detach()), "loss", step, folder))
        loss.backward()
        _finite(optimizer.step(config.rate(step)), "gradient's norm", step, folder)
        n_tokens += batch[0].size
        done = step + 1
        if done % config.save_every == 0 or done == last:
            _save(checkpoint, {"step": done, "optimizer": optimizer.state_dict()})
            row = {"step": done, "loss": round(sum(losses) / len(losses), 4)}
            row["tokens_per_s"] = round(n_tokens / max(time.monotonic() - since, 1e-9))
            if measure is not None:
                model.eval()
                row |= {name: round(figure, 4) for name, figure in measure(model).items()}
                model.train()
            _log(folder / "log.jsonl", row | {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})
            since, n_tokens, losses = time.monotonic(), 0, []


def _finite(value: float, what: str, step: int, folder: Path) -> float:
    if math.isfinite(value):
        return value
    raise TrainingStoppedError(
        f"The {what} is {value} at step {step} of {folder.name}. The last checkpoint before it is kept in {folder}; "
        "lower the learning rates in the configuration and start again.",
        code="loss_not_finite",
        step=step,
        folder=str(folder),
    )


def _masters(checkpoint: Path, device: torch.device) -> Any:
    return torch.load(checkpoint, weights_only=True, map_location=device)["optimizer"]["masters"]


def _save(path: Path, state: dict[str, Any]) -> None:
    """Write aside, then rename: a checkpoint that is there is whole. Raises TrainingStoppedError on a full disk."""
    aside = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            torch.save(state, file)
        aside.replace(path)
    except (OSError, RuntimeError) as error:
        _unlink(aside)
        kept = f"That of step {step_of(path)} is kept" if path.exists() else "There is none before it"
        raise TrainingStoppedError(
            f"The checkpoint of step {state['step']} can't be written to {path.parent} ({error}). {kept}; make room, "
            "and start the same command again.",
            code="checkpoint_not_written",
        ) from error


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def step_of(checkpoint: Path) -> int:
    """How many steps were trained when a checkpoint was written."""
    return int(torch.load(checkpoint, weights_only=True, mmap=True)["step"])


def _log(path: Path, row: dict[str, Any]) -> None:
    line = json.dumps(row, ensure_ascii=False)
    print(line, file=sys.stderr, flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as log:
        log.write(line + "\n")


def _hardware(device: torch.device) -> dict[str, Any]:
    """The log's first row: what is trained on."""
    if device.type == "cuda":
        return {"hardware": torch.cuda.get_device_name(device), "threads": 0}
    return {"hardware": _processor(), "threads": torch.get_num_threads()}


def _processor() -> str:
    """What this machine's processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
