"""The log of a run that goes on: what is trained again is written again, once."""

from __future__ import annotations

from pathlib import Path

from finetune.training.progress import keep_rows


def test_rows_behind_the_step_that_is_taken_up_and_a_torn_one_are_dropped(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"step": 2, "loss": 3.0}\n{"step": 4, "loss": 2.0}\n{"step": 4, "eval_loss": 2.5}\n{"step": 6, "lo')
    keep_rows(log, 4)
    assert log.read_text() == '{"step": 2, "loss": 3.0}\n{"step": 4, "loss": 2.0}\n{"step": 4, "eval_loss": 2.5}\n'
    keep_rows(log, 2)
    assert log.read_text() == '{"step": 2, "loss": 3.0}\n'


def test_a_run_that_begins_anew_begins_an_empty_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    keep_rows(log, 0)
    assert not log.exists()
    log.write_text('{"step": 1, "loss": 3.0}\n')
    keep_rows(log, 0)
    assert log.read_text() == ""
