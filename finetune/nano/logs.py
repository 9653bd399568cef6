"""What the log of a stage tells: losses over the tokens seen, hours, and the machine that it ran on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.nano.train import StageConfig
from taiyi.errors import FormatError

LOG_FILE = "log.jsonl"


@dataclass(frozen=True, slots=True)
class StageLog:
    """The log of a stage. `curve` has (tokens seen in this stage, loss), `seconds` is what the steps took, `last` the
    last row; `hardware` and `threads` are None where the log does not say them."""

    curve: tuple[tuple[int, float], ...]
    seconds: float
    last: Mapping[str, Any]
    hardware: str | None
    threads: int | None

    @property
    def n_tokens(self) -> int:
        """Tokens seen in this stage, padding among them."""
        return self.curve[-1][0]


def read_log(folder: Path, stage: StageConfig) -> StageLog | None:
    """The log in a stage's folder; None where the stage was not begun. A step that was trained again after an
    interruption counts once. Raises FormatError where a line is none of a log."""
    path = folder / LOG_FILE
    if not path.is_file():
        return None
    rows: dict[int, Mapping[str, Any]] = {}
    machine: dict[str, Any] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            machine |= {name: row[name] for name in ("hardware", "threads") if name in row}
            if "step" in row:
                rows[row["step"]] = row
        except (ValueError, TypeError) as error:
            raise FormatError(f"{path}:{number}: this is no line of a log ({error!r}); take it out.") from error
    if not rows:
        return None
    a_step = stage.sequences * stage.length
    seconds, before = 0.0, 0
    for step in sorted(rows):
        seconds += (step - before) * a_step / rows[step]["tokens_per_s"]
        before = step
    curve = tuple((step * a_step, rows[step]["loss"]) for step in sorted(rows))
    return StageLog(curve, seconds, rows[before], machine.get("hardware"), machine.get("threads"))
