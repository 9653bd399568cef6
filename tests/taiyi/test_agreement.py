"""How two readings agree, worked out by hand."""

from __future__ import annotations

import pytest

from taiyi.agreement import Row, agreement
from taiyi.document import Document, Entity, Label, Span
from taiyi.errors import DocumentError

TEXT = "Metformin lowers glucose in type 2 diabetes."


def read(*mentions: tuple[str, str], text: str = TEXT) -> Document:
    """A reading that names the first place of each (label, mention)."""
    entities = [
        Entity(f"T{n}", label, (Span(text.index(mention), text.index(mention) + len(mention)),))
        for n, (label, mention) in enumerate(mentions)
    ]
    return Document("d", "en", text, tuple(entities))


def told(rows: tuple[Row, ...]) -> list[tuple[str, str, str]]:
    """(kind, what the first says, what the second says)."""
    return [
        (row.kind, *(f"{item.label} {item.text}" if item else "" for item in (row.first, row.second))) for row in rows
    ]


def test_every_kind_of_row_is_told_in_the_order_of_the_text() -> None:
    one = read(("Drug", "Metformin"), ("Drug", "glucose"), ("Disease", "diabetes"))
    two = read(("Drug", "Metformin"), ("Sugar", "glucose"), ("Disease", "type 2 diabetes"), ("Verb", "lowers"))
    assert told(agreement([(one, two)]).rows) == [
        ("same", "Drug Metformin", "Drug Metformin"),
        ("second", "", "Verb lowers"),
        ("type", "Drug glucose", "Sugar glucose"),
        ("border", "Disease diabetes", "Disease type 2 diabetes"),
    ]


def test_a_mention_is_in_one_pair_at_most_and_the_longest_overlap_is_taken() -> None:
    """`type 2 diabetes` overlaps `type` (4 characters) and `diabetes` (8)."""
    one = read(("Disease", "type 2 diabetes"))
    two = read(("Disease", "type"), ("Disease", "diabetes"))
    assert told(agreement([(one, two)]).rows) == [
        ("second", "", "Disease type"),
        ("border", "Disease type 2 diabetes", "Disease diabetes"),
    ]


def test_f1_counts_places_with_their_types() -> None:
    """The first names 2, the second 2, one in common: 2·1 / (2 + 2)."""
    one = read(("Drug", "Metformin"), ("Disease", "diabetes"))
    two = read(("Drug", "Metformin"), ("Drug", "glucose"))
    found = agreement([(one, two)])
    assert found.f1 == 0.5
    assert {label: figures.f1 for label, figures in found.by_label.items()} == {"Disease": 0.0, "Drug": 2 / 3}


def test_kappa_is_over_characters_other_than_white_space() -> None:
    """`ab cd`: four characters. First marks ab, second abcd's first three: a, b (and c). Observed 3/4; chance
    2/4·3/4 + 2/4·1/4 = 1/2; kappa (3/4 - 1/2) / (1/2) = 1/2."""
    one, two = read(("X", "ab"), text="ab cd"), read(("X", "ab c"), text="ab cd")
    assert agreement([(one, two)]).by_label["X"].kappa == 0.5


def test_texts_where_nobody_uses_a_label_count_for_its_kappa() -> None:
    """Eight characters, the first marks 2 of them, the second none: observed 6/8, chance 6/8; kappa 0."""
    pairs = [(read(("X", "ab"), text="abcd"), read(text="abcd")), (read(text="efgh"), read(text="efgh"))]
    figures = agreement(pairs).by_label["X"]
    assert (figures.units, figures.kappa) == (8, 0.0)


def test_kappa_is_unknown_where_both_mark_everything() -> None:
    everything = read(("X", "ab"), text="ab")
    assert agreement([(everything, everything)]).by_label["X"].kappa is None


def test_two_empty_readings_have_no_figures() -> None:
    found = agreement([(read(), read())])
    assert (found.rows, found.f1, dict(found.by_label)) == ((), None, {})


def test_classes_are_compared_by_name_and_their_kappa_is_over_texts() -> None:
    """Of three texts the first says A of two, the second of one of these: observed 2/3, chance 2/9 + 2/9; kappa 2/5."""
    says, is_silent = Document("d", "en", "x", labels=(Label("A", 0.9),)), Document("d", "en", "x")
    found = agreement([(says, says), (says, is_silent), (is_silent, is_silent)])
    assert told(found.rows) == [("same", "A ", "A "), ("first", "A ", "")]
    assert found.by_label["A"].kappa == pytest.approx(2 / 5)


def test_a_mention_in_pieces_agrees_only_in_all_of_them() -> None:
    whole = Document("d", "en", TEXT, (Entity("T1", "Disease", (Span(28, 43),)),))
    pieces = Document("d", "en", TEXT, (Entity("T1", "Disease", (Span(28, 32), Span(35, 43))),))
    assert told(agreement([(whole, pieces)]).rows) == [("border", "Disease type 2 diabetes", "Disease type diabetes")]


def test_readings_of_different_texts_are_refused() -> None:
    with pytest.raises(DocumentError, match="different texts"):
        agreement([(read(), read(text="Other."))])


def test_the_json_object_holds_the_figures_and_the_differences() -> None:
    one, two = read(("Drug", "Metformin"), ("Drug", "glucose")), read(("Drug", "Metformin"))
    row = agreement([(one, two)]).to_dict()
    assert row["f1"] == 0.6667
    assert row["counts"] == {"same": 1, "type": 0, "border": 0, "first": 1, "second": 0}
    assert row["differences"] == [
        {"document": "d", "kind": "first", "first": {"type": "Drug", "text": "glucose", "start": 17, "end": 24}}
    ]
    assert [(r["type"], r["first"], r["second"], r["same"]) for r in row["labels"]] == [("Drug", 2, 1, 1)]
