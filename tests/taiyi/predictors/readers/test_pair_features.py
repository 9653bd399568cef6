"""Names put together by their letters and short forms, and what is told of a pair of them."""

from __future__ import annotations

import re

import pytest

from taiyi.predictors.readers.pair_features import Name, PairReader, candidates, names_of, rows_of

TEXT = "Zinc and valproic acid (VPA). VPA caused nausea; vpa was stopped. The nausea went."


def place(surface: str, nth: int = 0) -> tuple[int, int]:
    """The place of the nth occurrence in TEXT."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(surface, start + 1)
    return start, start + len(surface)


ACID = Name("Chemical", (place("valproic acid"), place("VPA"), place("VPA", 1), place("vpa")))
NAUSEA = Name("Disease", (place("nausea"), place("nausea", 1)))
ZINC = Name("Chemical", (place("Zinc"),))


def test_a_short_form_in_brackets_and_any_case_name_the_same() -> None:
    mentions = [(*p, name.label) for name in (NAUSEA, ACID, ZINC) for p in name.places]
    assert names_of(TEXT, mentions) == [ZINC, ACID, NAUSEA]


@pytest.mark.parametrize("text", ["zinc, nausea (HA)", "zinc (nausea", "zinc (a nausea)"])
def test_what_is_not_a_short_form_stays_a_name_of_its_own(text: str) -> None:
    """Another label, no closing bracket, or other words in the bracket."""
    mentions = [(m, m + len(s), s) for s in ("zinc", "nausea") for m in (text.index(s),)]
    assert len(names_of(text, mentions)) == 2


def test_a_mention_given_twice_counts_once() -> None:
    assert names_of("zinc", [(0, 4, "Chemical"), (0, 4, "Chemical")]) == [Name("Chemical", ((0, 4),))]


def test_the_words_between_mentions_of_one_sentence_are_told_with_their_order() -> None:
    """`VPA caused nausea` has one word between; Zinc shares no sentence with nausea."""
    reader = PairReader(TEXT, [ZINC, ACID, NAUSEA])
    near = reader.features(ACID, NAUSEA)
    assert {">path caused", ">one caused", ">two [ caused", ">two caused ]", "together 2"} <= set(near)
    assert "<path ;" in near  # `nausea; vpa`
    far = reader.features(ZINC, NAUSEA)
    assert {"together 0", "near 1", "head is zinc", "tail word nausea"} <= set(far)
    assert not any(feature.startswith((">", "<")) for feature in far)


def test_other_names_between_are_told_by_their_label_alone() -> None:
    text = "Zinc but not iron caused nausea."
    names = names_of(text, [(0, 4, "Chemical"), (13, 17, "Chemical"), (25, 31, "Disease")])
    assert ">one <Chemical>" in PairReader(text, names).features(names[0], names[2])
    assert ">one iron" not in PairReader(text, names).features(names[0], names[2])


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("Zinc caused nausea but no fever.", {"nausea"}),
        ("Zinc was given. There was no fever. Then fever came.", {"fever"}),
        ("Without zinc there was nausea.", set()),
    ],
)
def test_a_name_that_is_denied_wherever_it_stands_is_in_no_pair(text: str, surfaces: set[str]) -> None:
    mentions = [
        (m.start(), m.end(), "Chemical" if m[0].lower() == "zinc" else "Disease")
        for m in re.finditer("zinc|nausea|fever", text, re.IGNORECASE)
    ]
    pairs = candidates(text, names_of(text, mentions), "Chemical", "Disease")
    assert {text[slice(*tail.places[0])] for _, tail in pairs} == surfaces


def test_a_pair_has_two_names_of_the_labels_asked_for() -> None:
    names = names_of("zinc iron rash", [(0, 4, "Chemical"), (5, 9, "Chemical"), (10, 14, "Disease")])
    zinc, iron, _ = names
    assert candidates("zinc iron rash", names, "Chemical", "Chemical") == [(zinc, iron), (iron, zinc)]
    assert candidates("zinc iron rash", names, "Disease", "Gene") == []


def test_no_feature_comes_twice_and_every_row_is_in_the_table() -> None:
    features = PairReader(TEXT, [ZINC, ACID, NAUSEA]).features(ACID, NAUSEA)
    assert len(set(features)) == len(features)
    rows = rows_of([*features, "\ud800"], 50)
    assert len(rows) == len(features) + 1
    assert set(rows) <= set(range(50))
