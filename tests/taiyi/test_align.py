"""Mentions find their places: exact offsets, four honest states, every occurrence its own."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.align import Aligner, Placement
from taiyi.document import Span

ALPHABET = "aAbI2 -;(\n\r\t.,病毒肾糖尿İıßſ𠮷ＣＯ２é\u0301\u00ad\u200f\u3000½ﬁ㎎ｶﾞ각ᆨ😀\u200d\0'’–"
odd_texts = st.text(st.sampled_from(ALPHABET) | st.characters(exclude_categories=["Cs"]), max_size=40)


def place(text: str, surface: str, occurrences: str = "all") -> tuple[str, list[str]]:
    """Status and the text under each span."""
    (placement,) = Aligner(text).place([surface], occurrences)  # type: ignore[arg-type]
    return placement.status, [text[span.start : span.end] for span in placement.spans]


@pytest.mark.parametrize(
    ("text", "surface", "status", "found"),
    [
        ("水中检出1,2-二氯乙烷。", "1,2-二氯乙烷", "verbatim", ["1,2-二氯乙烷"]),
        ("𠮷田氏病与😀无关", "𠮷田氏病", "verbatim", ["𠮷田氏病"]),
        ("选用ＣＯＸ－２抑制剂", "COX-2抑制剂", "normalised", ["ＣＯＸ－２抑制剂"]),
        ("选用COX-2抑制剂", "ＣＯＸ－２抑制剂", "normalised", ["COX-2抑制剂"]),
        ("İL-2 rose", "İL-2", "verbatim", ["İL-2"]),
        ("the İL-2 level", "i̇l-2", "normalised", ["İL-2"]),
        ("after STRASSE came", "straße", "normalised", ["STRASSE"]),
        ("cafe\u0301 au lait spots", "café au lait", "normalised", ["cafe\u0301 au lait"]),
        ("Aspirin helped", "aspirin", "normalised", ["Aspirin"]),
        ("kidney\r\n  failure", "kidney failure", "normalised", ["kidney\r\n  failure"]),
        ("glucose ３．２ mmol／L", "3.2mmol/L", "normalised", ["３．２ mmol／L"]),
        ("慢 性 肾 炎", "慢性肾炎", "normalised", ["慢 性 肾 炎"]),
        ("TNF–α rose", "TNF-α", "normalised", ["TNF–α"]),
        ("met\u00adformin", "metformin", "normalised", ["met\u00adformin"]),
        ("נתון\u200f IL-6 \u200fכאן", "IL-6", "verbatim", ["IL-6"]),
        ("Na+/K(+)-ATPase", "Na+/K(+)-ATPase", "verbatim", ["Na+/K(+)-ATPase"]),
        ("Na+/ K(+)-ATPase", "Na+/K(+)-ATPase", "normalised", ["Na+/ K(+)-ATPase"]),
        ("HBV DNA 阳性", "HBV DNA阳性", "normalised", ["HBV DNA 阳性"]),
        ("高血压", "糖尿病", "absent", []),
        ("", "糖尿病", "absent", []),
        ("fever", "", "absent", []),
        ("fever", " \n\u200f", "absent", []),
    ],
)
def test_a_mention_is_found_as_written_or_after_normalisation(
    text: str, surface: str, status: str, found: list[str]
) -> None:
    assert place(text, surface) == (status, found)


def test_surrounding_white_space_of_a_mention_is_not_part_of_its_place() -> None:
    assert place("high fever today", " fever\n") == ("verbatim", ["fever"])


@pytest.mark.parametrize(
    ("text", "surface", "found"),
    [
        ("患糖尿病十年", "糖尿病肾病", ["糖尿病"]),  # a real name and a word more
        ("chronic kidney disease", "chronic kidney disease stage 4", ["chronic kidney disease"]),
        ("IL-2 rose", "the IL-2 receptor", ["IL-2"]),
        ("the liver of rats", "cancer of the liver", ["liver"]),  # not "of the", and no empty word at an edge
        ("two nondiabetic men", "diabetic", ["diabetic"]),  # only as the end of a longer word
        ("two tumors", "tumor", ["tumor"]),
        ("IL-2R rose", "IL-2", ["IL-2"]),
        ("肾炎，肾炎", "肾炎综合征", ["肾炎", "肾炎"]),
    ],
)
def test_what_stands_only_in_part_is_never_called_found(text: str, surface: str, found: list[str]) -> None:
    assert place(text, surface) == ("part", found)


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("metformin was given", "form"),  # inside a word, touching neither end
        ("the cause of the pain", "type of the disease"),  # empty words alone are no part
        ("120 patients", "120 mg"),  # nor is a number
        ("胃部不适", "胃癌"),  # nor one Chinese character
        ("metformin", "rm"),
    ],
)
def test_too_little_in_common_is_absent(text: str, surface: str) -> None:
    assert place(text, surface) == ("absent", [])


def test_a_place_between_word_borders_is_preferred_to_one_inside_a_word() -> None:
    """ "ion" stands inside "ionic" and "cation"; the mention is the word of its own at 13."""
    (placement,) = Aligner("ionic cation ion").place(["ion"])
    assert placement == Placement("ion", "verbatim", (Span(13, 16),))


def test_letters_and_chinese_characters_have_a_border_between_them() -> None:
    assert place("血清IL-6水平", "IL-6") == ("verbatim", ["IL-6"])
    assert place("血清IL-60水平", "IL-6") == ("part", ["IL-6"])


def test_raised_digits_and_signs_end_a_word() -> None:
    assert place("10 cm² and CD4+", "cm") == ("verbatim", ["cm"])
    assert place("10 cm² and CD4+", "CD4") == ("verbatim", ["CD4"])


def test_verbatim_places_keep_normalised_ones_out() -> None:
    assert place("Aspirin or aspirin", "aspirin") == ("verbatim", ["aspirin"])


def test_all_occurrences_are_returned_from_left_to_right() -> None:
    (placement,) = Aligner("头痛，头痛加重，头痛").place(["头痛"])
    assert placement.spans == (Span(0, 2), Span(3, 5), Span(8, 10))


def test_only_the_first_occurrence_is_returned_on_request() -> None:
    placements = Aligner("头痛，头痛").place(["头痛", "头痛"], "first")
    assert [placement.spans for placement in placements] == [(Span(0, 2),)] * 2


def test_the_nth_naming_goes_to_the_nth_occurrence_and_stays_at_the_last() -> None:
    placements = Aligner("cough, rash, cough").place(["cough", "rash", "cough", "cough"], "generated")
    assert [placement.spans for placement in placements] == [
        (Span(0, 5),),
        (Span(7, 11),),
        (Span(13, 18),),
        (Span(13, 18),),
    ]


def test_two_spellings_of_one_place_are_counted_as_one_mention() -> None:
    """Neither spelling stands verbatim, so both mean the same two places, in turn."""
    placements = Aligner("IL-6 … IL-6").place(["ＩＬ-6", "il-6"], "generated")
    assert [placement.spans for placement in placements] == [(Span(0, 4),), (Span(7, 11),)]


def test_nested_and_crossing_mentions_keep_their_own_places() -> None:
    text = "2型糖尿病肾病变"
    placements = Aligner(text).place(["2型糖尿病肾病", "糖尿病", "肾病变"])
    assert [placement.spans for placement in placements] == [(Span(0, 7),), (Span(2, 5),), (Span(5, 8),)]


def test_a_ligature_is_not_cut() -> None:
    assert place("eﬃcacy", "efficacy") == ("normalised", ["eﬃcacy"])
    assert place("½ tablet", "1") == ("absent", [])


def test_placing_is_the_same_every_time() -> None:
    aligner = Aligner("IL-2 and il-2 and IL-20")
    surfaces = ["IL-2", "il-2", "IL-2 receptor", "nothing"]
    assert aligner.place(surfaces) == aligner.place(surfaces) == Aligner("IL-2 and il-2 and IL-20").place(surfaces)


def folded(text: str) -> str:
    """A plain normal form of its own: what "normalised" must preserve, whatever the module does in detail."""
    kept = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in kept if c.isalnum())


@given(odd_texts, st.lists(odd_texts, max_size=6), st.sampled_from(["all", "first", "generated"]))
def test_any_strings_are_placed_without_an_exception_and_slice_as_promised(
    text: str, surfaces: list[str], occurrences: str
) -> None:
    placements = Aligner(text).place(surfaces, occurrences)  # type: ignore[arg-type]
    assert [placement.surface for placement in placements] == surfaces
    for placement in placements:
        found = [text[span.start : span.end] for span in placement.spans]
        assert bool(found) == (placement.status != "absent")
        assert all(0 <= span.start < span.end <= len(text) for span in placement.spans)
        if placement.status == "verbatim":
            assert set(found) == {placement.surface.strip()}
        if placement.status == "normalised":
            assert {folded(piece) for piece in found} == {folded(placement.surface)}
        if occurrences != "all":
            assert len(found) <= 1


@given(odd_texts, st.data())
def test_every_piece_between_borders_is_found_verbatim_at_its_place(text: str, data: st.DataObject) -> None:
    """Cut a text anywhere between Chinese characters, spaces and signs: the piece is found where it was cut."""
    borders = [0, *(n for n, char in enumerate(text) if char in "-;(.,病毒肾糖尿𠮷😀 "), len(text)]
    start, end = sorted([data.draw(st.sampled_from(borders)), data.draw(st.sampled_from(borders))])
    if any(unicodedata.category(char)[0] == "M" for char in text):
        return
    piece = text[start:end].strip()
    if not any(char.isprintable() and not char.isspace() for char in piece):
        return
    (placement,) = Aligner(text).place([piece])
    at = text.index(piece, start)
    assert placement.status in ("verbatim", "part")
    if placement.status == "verbatim":
        assert any(span.start <= at < span.end for span in placement.spans)


@given(st.text("病毒 a", max_size=30), st.text("病毒 a", min_size=1, max_size=30))
def test_a_found_part_is_a_part_of_the_mention(text: str, surface: str) -> None:
    (placement,) = Aligner(text).place([surface])
    if placement.status == "part":
        assert all(folded(text[span.start : span.end]) in folded(surface) for span in placement.spans)


def test_an_invention_takes_no_place_from_the_mention_it_is_made_of() -> None:
    placements = Aligner("肾炎，肾炎").place(["肾炎综合征", "肾炎", "肾炎"], "generated")
    assert [placement.spans for placement in placements] == [(Span(0, 2),), (Span(0, 2),), (Span(3, 5),)]


def test_many_mentions_are_placed_as_each_of_them_alone() -> None:
    """After some hundred searches an index answers instead of the search."""
    text = " ".join(f"IL-{n} and 白介素{n % 50}受体" for n in range(400))
    surfaces = [f"{name}{n}{end}" for n in range(420) for name, end in (("IL-", ""), ("白介素", "受体"), ("il-", " x"))]
    assert Aligner(text).place(surfaces) == [Aligner(text).place([surface])[0] for surface in surfaces]


def test_a_mention_inside_a_word_is_found_only_where_that_is_asked_for() -> None:
    """ "Cl" ends "LiCl" and stands alone nowhere; "ion" has a place of its own, which stays the only one."""
    text = "LiCl, cation and ion"
    assert Aligner(text).place(["Cl"])[0].status == "absent"
    cut, alone = Aligner(text, inside_words=True).place(["Cl", "ion"])
    assert (cut.status, cut.spans) == ("verbatim", (Span(2, 4),))
    assert alone.spans == (Span(17, 20),)
