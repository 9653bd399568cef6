"""Figure 4 again: the sentence follows from the figures, the picture is small enough to ship."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from finetune.nano.figure4 import finding, verdict
from finetune.nano.logs import StageLog
from finetune.nano.pictures import draw_figure_4, draw_losses


def _row(name: str, difference: float, low: float, high: float) -> dict[str, Any]:
    two = 0.4 + difference
    arms = {"one": 0.4, "one_low": 0.35, "one_high": 0.45, "two": two, "two_low": two - 0.05, "two_high": two + 0.05}
    return {"set": name, "metric": "micro-F1", "n": 200, **arms, "difference": difference, "low": low, "high": high}


BETTER, WORSE, SAME = _row("a", 0.1, 0.02, 0.2), _row("b", -0.1, -0.2, -0.01), _row("c", 0.01, -0.05, 0.06)


def test_a_set_is_won_where_the_interval_leaves_out_nought() -> None:
    assert [verdict(row) for row in (BETTER, WORSE, SAME)] == ["two stages", "one stage", "no difference"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([BETTER, BETTER], "is repeated here on every set"),
        ([BETTER, SAME], "is repeated here in part"),
        ([BETTER, WORSE], "is not repeated here."),
        ([SAME, SAME], "is not repeated here."),
        ([WORSE, SAME], "in favour of one stage"),
    ],
)
def test_the_finding_follows_from_the_figures(rows: list[dict[str, Any]], said: str) -> None:
    assert said in finding(rows)


def test_the_finding_names_the_sets_and_the_mean() -> None:
    """(0.1 - 0.1 + 0.01) / 3 = 0.0033."""
    text = finding([BETTER, WORSE, SAME])
    assert (
        "two stages are better on 1 (a); one stage is better on 1 (b); there is no difference to be seen on 1 (c)"
        in text
    )
    assert "+0.003" in text


def _size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG, from its header."""
    return struct.unpack(">II", path.read_bytes()[16:24])


def test_the_pictures_are_800_pixels_wide_and_small(tmp_path: Path) -> None:
    rows = [_row(f"set-{n}", 0.1, 0.05, 0.15) for n in range(13)]
    draw_figure_4(rows, tmp_path / "figure4.png")
    curve = tuple((step * 4096, 7 - step / 50) for step in range(1, 100))
    logs = {name: StageLog(curve, 60.0, {"step": 99, "loss": 5.0}, None, None) for name in ("base", "stage1")}
    draw_losses(logs, {"stage1": "base"}, tmp_path / "loss.png")
    for name in ("figure4.png", "loss.png"):
        assert _size(tmp_path / name)[0] == 800
        assert (tmp_path / name).stat().st_size < 60_000
