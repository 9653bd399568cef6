"""The curve beside the threshold: whose it is, and what it says at a place."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from taiyi.assistant import Assistant
from taiyi.card import Card, Curve, CurvePoint
from taiyi.engine.scripted import ScriptedEngine
from taiyi.ui.curve import curve_of, drawing

POINTS = (CurvePoint(0.4, 0.7, 0.8, 0.75), CurvePoint(0.6, 0.8, 0.6, 0.69), CurvePoint(0.9, 1.0, 0.1, 0.18))
DRUGS = Curve("one", "dev", ("Chemical",), 1200, POINTS)
BOTH = Curve("two", "dev", ("Chemical", "Disease"), 5, POINTS)


def assistant(*curves: Curve) -> Assistant:
    specialist: Any = SimpleNamespace(name="Reader", card=Card({"en": "Reader", "zh": "识别器"}, curves=curves))
    return Assistant(ScriptedEngine(lambda conversation: ""), [specialist])


def test_the_curve_is_of_a_set_with_all_labels_that_were_asked_for() -> None:
    known = assistant(DRUGS, BOTH)
    assert curve_of(known, "Reader", ("Chemical",)) is DRUGS
    assert curve_of(known, "识别器", ("疾病", "化学物质")) is BOTH
    assert curve_of(known, "Reader", ("Gene",)) is None


def test_there_is_none_where_another_or_several_answered_or_no_card_has_one() -> None:
    assert curve_of(assistant(DRUGS), "Taiyi nano", ("Chemical",)) is None
    assert curve_of(assistant(DRUGS), "Reader + Taiyi nano", ("Chemical",)) is None
    assert curve_of(assistant(), "Reader", ("Chemical",)) is None


def test_between_two_points_the_next_one_holds() -> None:
    """Points are measured at 0.4 (nothing hidden yet), 0.6 and 0.9."""
    assert [DRUGS.at(threshold).threshold for threshold in (0, 0.4, 0.5, 0.6, 0.95)] == [0.4, 0.4, 0.6, 0.6, 0.9]


def test_the_drawing_says_the_figures_at_the_threshold_and_where_they_are_from() -> None:
    html = drawing(DRUGS, 0.6, "en")
    assert "precision 0.80, recall 0.60, F1 0.69" in html
    assert "one (dev), 1,200 texts" in html
    assert html.count("<polyline") == 3


def test_the_threshold_is_marked_at_its_place() -> None:
    """The axis runs from 34 to 286: half of it is 160."""
    assert re.search(r'class="ty-here" x1="160.0" x2="160.0"', drawing(DRUGS, 0.5, "zh"))
