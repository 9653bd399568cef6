"""`python -m finetune estimate`: a line a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.__main__ import main
from finetune.data.shapes import known_shapes

STAGE = str(Path(__file__).parents[3] / "finetune" / "configs" / "stage1.yaml")


def test_the_stage_s_base_has_a_line_whose_parts_are_its_total(capsys: pytest.CaptureFixture[str]) -> None:
    """Rounding to a tenth moves the sum of six parts by 0.3 at most."""
    assert main(["estimate", STAGE, "--set", "batch_per_device=4"]) == 0
    head, line = (row.split("\t") for row in capsys.readouterr().out.splitlines())
    assert line[:3] == ["Qwen/Qwen2.5-7B-Instruct", "7,616 M", "161 M"]
    assert sum(map(float, line[3:9])) == pytest.approx(float(line[head.index("total GiB")]), abs=0.3)


def test_every_known_model_has_a_line_and_more_rows_take_more(capsys: pytest.CaptureFixture[str]) -> None:
    totals = []
    for rows in (4, 12):
        main(["estimate", STAGE, "--known", "--set", f"batch_per_device={rows}"])
        lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()[1:]]
        assert [line[0] for line in lines] == list(known_shapes())
        totals.append([float(line[9]) for line in lines])
    assert all(few < many for few, many in zip(*totals, strict=True))


@pytest.mark.parametrize(
    ("options", "reason"), [(["--learnt", "2"], "--learnt is 2.0"), (["--set", "base=nowhere/none"], "nowhere/none")]
)
def test_what_cannot_be_estimated_is_said(options: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", STAGE, *options]) == 2
    assert reason in capsys.readouterr().err
