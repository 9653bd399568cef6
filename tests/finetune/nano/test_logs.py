"""The log of a stage: tokens, hours and machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.nano.logs import read_log
from finetune.nano.train import StageConfig
from taiyi.errors import FormatError

STAGE = StageConfig(steps=6, sequences=2, length=50, adam_lr=0.003, muon_lr=0.01)


def _write(folder: Path, rows: list[dict[str, object]]) -> None:
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_a_log_tells_tokens_seconds_and_machine(tmp_path: Path) -> None:
    """100 tokens a step: 200 at 50 a second and, after an interruption, the next 200 at 100 a second make 6 s."""
    _write(
        tmp_path,
        [
            {"hardware": "A processor", "threads": 2},
            {"step": 2, "loss": 5.0, "tokens_per_s": 50},
            {"step": 4, "loss": 9.0, "tokens_per_s": 1},
            {"step": 4, "loss": 4.0, "tokens_per_s": 100},
        ],
    )
    log = read_log(tmp_path, STAGE)
    assert log is not None
    assert log.curve == ((200, 5.0), (400, 4.0))
    assert (log.n_tokens, log.seconds) == (400, pytest.approx(6.0))
    assert (log.hardware, log.threads, log.last["step"]) == ("A processor", 2, 4)


def test_a_stage_that_was_not_begun_has_no_log(tmp_path: Path) -> None:
    assert read_log(tmp_path, STAGE) is None
    _write(tmp_path, [{"hardware": "A processor", "threads": 2}])
    assert read_log(tmp_path, STAGE) is None


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"step": 2, "loss": 1.0, "tokens_per_s": 9}\n{"step": \n', encoding="utf-8")
    with pytest.raises(FormatError, match=r"log\.jsonl:2"):
        read_log(tmp_path, STAGE)
