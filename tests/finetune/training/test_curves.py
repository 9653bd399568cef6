"""Curves are drawn from the log alone, and both forms hold what it says."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from finetune.training.curves import draw, main, read_curves, write_events
from taiyi.errors import FormatError

ROWS = [
    {"step": 1, "loss": 4.0, "learn_rate": 1e-4},
    {"step": 2, "loss": 3.5, "learn_rate": 2e-4, "note": "epoch 1"},
    {"step": 2, "eval_loss": 3.25},
    {"step": 2, "scores": {"ncbi-disease": 0.25, "chosen": 0.25}},
    {"step": 1, "loss": 3.75, "learn_rate": 1e-4},
]


def stage(folder: Path, rows: list[dict[str, object]] = ROWS, torn: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + torn, encoding="utf-8")
    return folder


def test_a_step_trained_again_counts_once_and_words_are_no_curve(tmp_path: Path) -> None:
    """Step 1 was logged twice: 3.75 is the later loss."""
    assert read_curves(stage(tmp_path, torn='{"step": 3, "lo')) == {
        "loss": [(1, 3.75), (2, 3.5)],
        "learn_rate": [(1, 1e-4), (2, 2e-4)],
        "eval_loss": [(2, 3.25)],
        "scores/ncbi-disease": [(2, 0.25)],
        "scores/chosen": [(2, 0.25)],
    }


def test_the_picture_has_a_panel_for_each_kind_of_curve(tmp_path: Path) -> None:
    """Three kinds give a picture three times as high as wide panels, one kind about a third; both have ink."""
    three = matplotlib.image.imread(draw(stage(tmp_path / "three")))
    one = matplotlib.image.imread(draw(stage(tmp_path / "one", [{"step": 1, "loss": 4.0}, {"step": 2, "loss": 3.0}])))
    assert three.shape[1] == one.shape[1] > 800
    assert three.shape[0] > 2 * one.shape[0]
    for picture in (three, one):
        assert np.ptp(picture[..., :3]) > 0.5


def test_the_event_files_hold_every_number_of_the_log(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    write_events(stage(tmp_path))
    read = EventAccumulator(str(write_events(tmp_path)))  # written again: nothing stands twice
    read.Reload()
    scalars = {name: [(event.step, event.value) for event in read.Scalars(name)] for name in read.Tags()["scalars"]}
    expected = read_curves(tmp_path)
    assert scalars.keys() == expected.keys()
    for name, curve in expected.items():
        assert scalars[name] == [(step, pytest.approx(value)) for step, value in curve]


def test_curves_are_redrawn_by_a_command_and_a_folder_without_log_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(stage(tmp_path / "out"))]) == 0
    assert (tmp_path / "out" / "curves.png").is_file()
    assert main([str(tmp_path)]) == 2
    assert "no log.jsonl" in capsys.readouterr().err


def test_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"log\.jsonl:2"):
        read_curves(stage(tmp_path, [{"step": 1}, {"loss": 1.0}]))
