"""Entities against values worked out by hand."""

from __future__ import annotations

import pytest

from eval.judging import METRICS, CaseError, Judgement
from eval.prediction import GivenMention, Prediction, parse_reply
from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request

METRIC = METRICS["entities"]
TEXT = "Lithium chloride caused tremor. Lithium was stopped; the tremor stayed."
LABELS = ("Chemical", "Disease")


def document(*mentions: tuple[str, int, int], text: str = TEXT) -> Document:
    entities = tuple(Entity(f"T{n}", label, (Span(start, end),)) for n, (label, start, end) in enumerate(mentions))
    return Document("d", "en", text, entities)


def example(gold: Document) -> Example:
    return Example("d", Request("entities", gold.text, labels=LABELS, document_id="d"), gold)


GOLD = example(document(("Chemical", 0, 16), ("Chemical", 32, 39), ("Disease", 24, 30), ("Disease", 57, 63)))
"""Lithium chloride, Lithium; tremor twice: three items, four places."""


def judged(prediction: Prediction, gold: Example = GOLD) -> tuple[Judgement, dict[str, float]]:
    judgement = METRIC.judge(gold, prediction)
    return judgement, METRIC.figures(judgement.stats)


def test_a_name_counts_once_a_document_and_its_places_apart() -> None:
    """Text: lithium and tremor found, lithium chloride missed: P 2/2, R 2/3, F1 4/5. Places: of four, two found; the
    first tremor was not: 2 hits, 1 invented (Lithium at 0-7), 2 missed: F1 4/7."""
    judgement, figures = judged(
        Prediction("d", document(("Chemical", 0, 7), ("Chemical", 32, 39), ("Disease", 57, 63)))
    )
    assert figures["precision"] == 1.0
    assert figures["recall"] == pytest.approx(2 / 3)
    assert figures["f1"] == pytest.approx(4 / 5)
    assert figures["offset_f1"] == pytest.approx(4 / 7)
    assert METRIC.per_type(judgement.stats, LABELS)["Chemical"]["f1"] == pytest.approx(2 / 3)


def test_repeated_predictions_neither_help_nor_hurt() -> None:
    once = (GivenMention("Disease", "tremor"), GivenMention("Disease", "chloride"))
    assert judged(Prediction("d", items=once))[1] == judged(Prediction("d", items=once * 3))[1]
    assert judged(parse_reply(GOLD, "Disease: tremor"))[1] == judged(parse_reply(GOLD, "Disease: tremor; tremor"))[1]


def test_places_are_scored_only_where_every_prediction_has_them() -> None:
    placed = judged(Prediction("d", items=(GivenMention("Disease", "tremor", 24, 30),)))[0]
    unplaced = judged(Prediction("d", items=(GivenMention("Disease", "tremor"),)))[0]
    assert METRIC.figures(placed.stats)["offset_f1"] == pytest.approx(2 / 5)
    assert "offset_f1" not in METRIC.figures(placed.stats + unplaced.stats)


def test_a_name_that_is_not_in_the_text_is_a_false_positive_and_counted_as_ungrounded() -> None:
    """One hit and one invention against three items: P 1/2, R 1/3."""
    for prediction in (
        parse_reply(GOLD, "Chemical: \nDisease: tremor; gout"),
        Prediction("d", items=(GivenMention("Disease", "tremor"), GivenMention("Disease", "gout"))),
    ):
        judgement, figures = judged(prediction)
        assert (figures["precision"], figures["recall"]) == (0.5, pytest.approx(1 / 3))
        assert (judgement.n_written, judgement.n_ungrounded) == (2, 1)
        assert CaseError("invented", predicted="Disease: gout") in judgement.errors


def test_several_inventions_are_as_many_wrong_places() -> None:
    """One hit, two inventions, three of four places missed: F1 2/(2+2+3)."""
    figures = judged(
        Prediction("d", document(("Disease", 24, 30)), issues=parse_reply(GOLD, "Disease: gout; mumps").issues)
    )
    assert figures[1]["offset_f1"] == pytest.approx(2 / 7)


def test_what_is_wrong_is_told_by_kind_and_each_mention_once() -> None:
    """Lithium chloride → chloride is a border, tremor as a chemical a type, Lithium is missing, stopped invented."""
    items = tuple(
        GivenMention(*item) for item in (("Chemical", "chloride"), ("Chemical", "tremor"), ("Disease", "stopped"))
    )
    assert set(judged(Prediction("d", items=items))[0].errors) == {
        CaseError("border", "Chemical: Lithium chloride", "Chemical: chloride"),
        CaseError("type", "Disease: tremor", "Chemical: tremor"),
        CaseError("missing", "Chemical: Lithium"),
        CaseError("invented", predicted="Disease: stopped"),
    }


def test_types_that_were_not_asked_for_are_passed_over() -> None:
    answer = document(("Chemical", 0, 16), ("Gene", 32, 39))
    assert judged(Prediction("d", answer))[1]["precision"] == 1.0


def test_nothing_said_is_not_the_same_as_nothing_readable() -> None:
    empty, rambling = parse_reply(GOLD, "Chemical: \nDisease: "), parse_reply(GOLD, "I would rather sing.")
    foreign = parse_reply(GOLD, "Singer: nobody")
    assert judged(foreign)[0].unparsed
    assert not judged(empty)[0].unparsed
    assert judged(rambling)[0].unparsed
    assert not judged(Prediction("d", missing=True))[0].unparsed
    assert judged(rambling)[1]["f1"] == judged(Prediction("d", missing=True))[1]["f1"] == 0.0


def test_a_line_break_within_a_mention_makes_no_difference() -> None:
    gold = example(document(("Disease", 0, 13), text="renal\nfailure came"))
    assert judged(Prediction("d", items=(GivenMention("Disease", "renal failure"),)), gold)[1]["f1"] == 1.0


def test_a_discontinuous_mention_is_found_by_its_text() -> None:
    text = "ocular and auditory toxicity"
    gold = example(Document("d", "en", text, (Entity("T1", "Disease", (Span(0, 6), Span(20, 28))),)))
    assert judged(parse_reply(gold, "Disease: ocular toxicity"), gold)[1]["f1"] == 1.0


def test_a_judgement_survives_its_record() -> None:
    judgement = judged(parse_reply(GOLD, "Disease: tremor; gout"))[0]
    again = Judgement.from_dict("d", judgement.to_dict())
    assert (again.errors, again.n_ungrounded, again.stats.tolist()) == (judgement.errors, 1, judgement.stats.tolist())


def test_a_border_is_told_beside_the_nearest_of_several_wrong_mentions() -> None:
    """Of two mentions inside lithium chloride the one that lacks fewer characters stands beside it."""
    items = (GivenMention("Chemical", "Li"), GivenMention("Chemical", "ithium chloride"))
    errors = judged(Prediction("d", items=items))[0].errors
    assert CaseError("border", "Chemical: Lithium chloride", "Chemical: ithium chloride") in errors
    assert CaseError("border", "Chemical: Lithium", "Chemical: Li") in errors


def test_a_name_that_one_window_of_a_long_text_lacks_and_another_has_is_found() -> None:
    issues = parse_reply(GOLD, "Disease: gout").issues
    answer = document(("Disease", 0, 4), text="gout, then tremor")
    gold = example(document(("Disease", 0, 4), text="gout, then tremor"))
    judgement, figures = judged(Prediction("d", answer, issues=issues), gold)
    assert (figures["f1"], judgement.n_written, judgement.n_ungrounded) == (1.0, 1, 0)
