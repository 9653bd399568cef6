"""Pictures are PNGs of the size that their content asks for, with every run and every kind of task in them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from eval.report.pictures import Bar, scores_picture, stages_picture

RUNS = {"one": {"hoc": Bar(0.5, 0.4, 0.6)}, "two": {"hoc": Bar(0.7, 0.6, 0.8), "cmeee": Bar(0.6, 0.5, 0.7)}}
PUBLISHED = {"Taiyi": {"hoc": 0.8, "cmeee": 0.657}, "SOTA": {"hoc": 0.823}}


def image(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")


def test_more_sets_make_a_taller_picture() -> None:
    one = image(scores_picture({"hoc": "hoc (dev)"}, RUNS, PUBLISHED))
    two = image(scores_picture({"hoc": "hoc (dev)", "cmeee": "cmeee"}, RUNS, PUBLISHED))
    assert one.width == two.width
    assert two.height > one.height


@pytest.mark.parametrize(("low", "value"), [(0.0, 0.0), (0.3, 0.2)])
def test_an_interval_that_does_not_reach_below_its_bar_is_drawn(low: float, value: float) -> None:
    """A percentile interval may lie wholly above the score of a small set."""
    assert image(scores_picture({"hoc": "hoc"}, {"one": {"hoc": Bar(value, low, 0.4)}}, {})).height > 100


def test_two_runs_differ_in_grey() -> None:
    """The bars of the two runs, of equal height, make two clearly different greys beside the white of the paper."""
    runs = {"one": {"hoc": Bar(0.9, 0.9, 0.9)}, "two": {"hoc": Bar(0.9, 0.9, 0.9)}}
    grey = image(stages_picture({"NER": {}, "RE": {}, "TC": {"hoc": "hoc"}, "QA-mc": {}}, runs))
    counts = grey.histogram()
    fills = sorted(range(100, 250), key=counts.__getitem__)[-2:]
    assert abs(fills[0] - fills[1]) > 40
