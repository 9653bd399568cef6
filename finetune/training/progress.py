"""What a run says while it goes on: a bar with the time left on standard error, a row of `log.jsonl` at each log."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_NAMES = {"loss": "loss", "grad_norm": "grad_norm", "learning_rate": "learn_rate"}


class Progress(TrainerCallback):
    """Shows the bar and writes the log of the main process.

    Rows are {"step", "loss", "grad_norm", "learn_rate", "epoch", "tokens", "tokens_per_s"}, and, at an evaluation,
    {"step", "epoch", "eval_loss", "scores"}. Loss is the mean a learnt token since the row before; tokens are counted
    from the run's beginning, prompts with them and padding without.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._bar: Any = None
        self._since = (0.0, 0)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any
    ) -> None:
        """Take up the bar and the log at the step that the run goes on from."""
        self._since = (time.monotonic(), state.num_input_tokens_seen)
        if state.is_world_process_zero:
            keep_rows(self._log, state.global_step)
            self._bar = tqdm(
                total=state.max_steps, initial=state.global_step, unit=" steps", file=sys.stderr, desc="train"
            )

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """One step further."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **given: Any,
    ) -> None:
        """Write a row, and show the loss beside the bar. Trainer's summary at the end is none."""
        if self._bar is None or logs is None or "train_loss" in logs:
            return
        row: dict[str, Any] = {"step": state.global_step, "epoch": round(state.epoch or 0.0, 4)}
        if "loss" in logs:
            row |= {ours: logs[theirs] for theirs, ours in _NAMES.items() if theirs in logs} | self._speed(state)
            self._bar.set_postfix(loss=f"{row['loss']:.3f}", tokens_per_s=row["tokens_per_s"], refresh=False)
        row |= {name: logs[name] for name in ("eval_loss", "scores") if name in logs}
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()

    def _speed(self, state: TrainerState) -> dict[str, int]:
        now = (time.monotonic(), state.num_input_tokens_seen)
        seconds, tokens = now[0] - self._since[0], now[1] - self._since[1]
        self._since = now
        return {"tokens": now[1], "tokens_per_s": round(tokens / max(seconds, 1e-9))}


def keep_rows(log: Path, step: int) -> None:
    """Drop the rows after `step`, and a torn one: that stretch is trained again."""
    if not log.is_file():
        return
    kept = [line for line in log.read_text(encoding="utf-8").splitlines() if (_step_of(line) or step + 1) <= step]
    aside = log.with_name(f".{log.name}.part")
    aside.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    aside.replace(log)


def _step_of(line: str) -> int | None:
    try:
        step = json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return None
    return step if isinstance(step, int) else None
