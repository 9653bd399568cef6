"""Checkpoints are there whole or not at all, and rubbish beside them is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.training.checkpoints import MARK, Best, Checkpoints, is_complete, mark


def written(folder: Path, content: str = "weights") -> Path:
    """A folder as a save leaves it before it is marked."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.bin").write_text(content)
    return folder


def completed(checkpoints: Checkpoints, *steps: int) -> None:
    for step in steps:
        checkpoints.complete(step, written(checkpoints.aside / f"checkpoint-{step}"))


def test_the_newest_checkpoint_is_that_of_the_latest_step(tmp_path: Path) -> None:
    """As a number: step 100 is later than step 20."""
    checkpoints = Checkpoints(tmp_path, keep=3)
    assert checkpoints.newest() is None
    completed(checkpoints, 20, 100)
    assert checkpoints.newest() == tmp_path / "checkpoints" / "step-100"


def test_older_checkpoints_than_the_newest_few_go(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    completed(checkpoints, 2, 4, 6)
    assert sorted(path.name for path in checkpoints.folder.iterdir()) == ["step-4", "step-6"]


def test_what_is_incomplete_or_foreign_is_passed_over(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=9)
    completed(checkpoints, 2, 4, 5, 6)
    (checkpoints.folder / "step-4" / "model.bin").write_text("torn")
    (checkpoints.folder / "step-5" / "model.bin").unlink()
    (checkpoints.folder / "step-6" / MARK).write_text("{")
    written(checkpoints.folder / "step-8")
    written(checkpoints.folder / "step-last")
    (checkpoints.folder / "step-9").write_text("a file")
    assert checkpoints.newest() == checkpoints.folder / "step-2"


def test_a_checkpoint_trained_again_takes_the_place_of_what_stood_there(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    written(checkpoints.folder / "step-4", "half")
    completed(checkpoints, 4)
    assert is_complete(checkpoints.folder / "step-4")
    assert (checkpoints.folder / "step-4" / "model.bin").read_text() == "weights"


def test_a_better_model_takes_the_place_of_the_best(tmp_path: Path) -> None:
    best = Best(tmp_path)
    assert best.facts() is None
    best.replace(written, {"step": 2, "figure": 0.5})
    best.replace(lambda folder: written(folder, "better") and None, {"step": 4, "figure": 0.6})
    assert best.facts() == {"step": 4, "figure": 0.6}
    assert (best.folder / "model.bin").read_text() == "better"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best"]


@pytest.mark.parametrize("half_written", [False, True])
def test_a_best_model_that_was_on_its_way_to_another_place_comes_back(tmp_path: Path, half_written: bool) -> None:
    """Killed between the two renames: the one before stands aside, the new one, complete or not, too."""
    best = Best(tmp_path)
    best.replace(written, {"step": 2, "figure": 0.5})
    best.folder.replace(tmp_path / ".best-before")
    aside = written(tmp_path / ".best-saving")
    if not half_written:
        mark(aside, {"step": 4, "figure": 0.6})
    best.sweep()
    assert best.facts() == {"step": 2, "figure": 0.5}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best"]


def test_the_last_words_say_what_is_left(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    assert "starts anew" in checkpoints.last_words()
    completed(checkpoints, 4)
    assert f"{checkpoints.folder / 'step-4'}" in checkpoints.last_words()
