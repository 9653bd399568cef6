"""Metrics against values worked out by hand."""

from __future__ import annotations

import pytest

from eval.metrics import (
    Counts,
    accuracy,
    calibration_error,
    compare,
    entity_counts,
    label_counts,
    mention_items,
    micro_f1,
    place_items,
    reliability,
)
from taiyi.document import Document, Entity, Span


def document(text: str, *mentions: tuple[str, int, int]) -> Document:
    entities = tuple(Entity(f"T{n}", label, (Span(start, end),)) for n, (label, start, end) in enumerate(mentions))
    return Document("d", "zh", text, entities)


@pytest.mark.parametrize(
    ("counts", "f1"),
    [(Counts(), 0.0), (Counts(3, 1, 2), 6 / 9), (Counts(0, 5, 5), 0.0), (Counts(4), 1.0)],
)
def test_micro_f1_is_two_hits_over_all_items_of_both_sides(counts: Counts, f1: float) -> None:
    assert micro_f1(counts) == pytest.approx(f1)


def test_precision_and_recall_are_nought_where_there_is_nothing() -> None:
    assert Counts().precision == Counts().recall == 0.0
    assert Counts(1, 3, 1).precision == 0.25
    assert Counts(1, 3, 1).recall == 0.5


def test_an_item_named_twice_counts_once() -> None:
    assert compare(["甲", "乙"], ["甲", "甲", "丙"]) == Counts(1, 1, 1)


def test_entities_are_compared_by_type_and_text_and_not_by_place() -> None:
    """The second 头痛 is found and the first is not: by text that is a hit, by place it is not. 𠮷 is one character."""
    text = "𠮷氏头痛，又头痛，服ＣＯＸ－２抑制剂"
    gold = document(text, ("临床表现", 2, 4), ("药物", 10, 18))
    predicted = document(text, ("临床表现", 6, 8), ("疾病", 10, 18))
    assert mention_items(gold) == {("临床表现", "头痛"), ("药物", "ＣＯＸ－２抑制剂")}
    assert entity_counts([gold], [predicted]) == Counts(1, 1, 1)
    assert entity_counts([gold], [predicted], ["临床表现"]) == Counts(1)
    assert compare(place_items(gold), place_items(predicted)) == Counts(0, 2, 2)


def test_sets_are_made_within_each_document() -> None:
    """One name in two documents is two items."""
    one = document("发热", ("临床表现", 0, 2))
    assert entity_counts([one, one], [one, document("发热")]) == Counts(1, 0, 1)


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        entity_counts([document("甲")], [])


def test_classes_add_up_over_texts_and_a_text_without_any_counts_nothing() -> None:
    assert label_counts([["a", "b"], []], [["b"], ["c"]]) == Counts(1, 1, 1)
    assert label_counts([[]], [[]]) == Counts()


def test_accuracy_is_the_share_of_equal_classes() -> None:
    assert accuracy(["甲", "乙", "乙"], ["甲", "乙", "甲"]) == pytest.approx(2 / 3)
    assert accuracy([], []) == 0.0


def test_calibration_error_weighs_each_range_by_its_items() -> None:
    """Range .8-.9: scores .8 and .9 fall into different ranges. .8 (two items, one right): |.8 - .5| = .3, weight 2/3;
    .95 (one, right): .05, weight 1/3. Together .2 + .0167."""
    scores, right = [0.8, 0.8, 0.95], [True, False, True]
    assert calibration_error(scores, right) == pytest.approx(0.3 * 2 / 3 + 0.05 / 3)
    assert calibration_error([], []) == 0.0


def test_a_certain_score_falls_into_the_last_range() -> None:
    (row,) = reliability([1.0, 0.95], [True, True])
    assert (row.low, row.n, row.share_right) == (0.9, 2, 1.0)
