"""Scores of the model: F1 over type and text, and what is not in the text counted as such."""

from __future__ import annotations

import pytest

from finetune.nano.score import outcome
from taiyi.document import Document, Entity, Label, Span
from taiyi.engine.base import Finish
from taiyi.errors import Issue
from taiyi.predictors.base import Result
from taiyi.tasks.base import Example, Request

TEXT = "Aspirin and ibuprofen for headache"


def _document(*places: tuple[int, int, str, str]) -> Document:
    entities = tuple(
        Entity(f"T{n}", label, (Span(start, end),), match=match) for n, (start, end, label, match) in enumerate(places)
    )
    return Document("d", "en", TEXT, entities)


def test_f1_and_the_share_of_inventions_are_those_worked_out_by_hand() -> None:
    """Gold: Aspirin, ibuprofen, headache. Found: Aspirin verbatim, headache only after folding; written besides: one
    name that is absent. Precision 2/2, recall 2/3, F1 4/5; with the absent name as a false positive 4/6. Of three names
    written two do not stand there as written."""
    gold = _document((0, 7, "Chemical", "verbatim"), (12, 21, "Chemical", "verbatim"), (26, 34, "Disease", "verbatim"))
    found = _document((0, 7, "Chemical", "verbatim"), (26, 34, "Disease", "normalised"))
    example = Example("d", Request("entities", TEXT, labels=("Chemical", "Disease")), gold)
    result = Result(found, issues=(Issue("absent", "warfarin"),), finish=Finish.LENGTH)
    measured = outcome([example], [result])
    assert measured.value == pytest.approx(4 / 5)
    assert (measured.precision, measured.recall) == (1.0, pytest.approx(2 / 3))
    assert measured.strict == pytest.approx(4 / 6)
    assert measured.ungrounded == pytest.approx(2 / 3)
    assert measured.cut_off == 1.0


def test_classes_are_scored_by_accuracy() -> None:
    example = Example(
        "d", Request("classify", TEXT, labels=("A", "B")), Document("d", "en", TEXT, labels=(Label("A"),))
    )
    results = [Result(Document("d", "en", TEXT, labels=(Label(name),))) for name in ("A", "B")]
    assert outcome([example, example], results).value == 0.5
