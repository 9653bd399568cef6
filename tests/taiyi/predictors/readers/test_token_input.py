"""Tokens and their features: any text at all, offsets of the text as given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.predictors.readers.token_input import MAX_TOKEN_CHARS, READERS
from taiyi.predictors.readers.word_forms import spans_of, word_form


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("drug-induced (VPA)", ["drug", "-", "induced", "(", "VPA", ")"]),
        ("1,2-二氯乙烷", ["1", ",", "2", "-", "二", "氯", "乙", "烷"]),
        ("服ＣＯＸ－２抑制剂", ["服", "ＣＯＸ", "－", "２", "抑", "制", "剂"]),
        ("𠮷氏 p53_mut 😀", ["𠮷", "氏", "p53", "_", "mut", "😀"]),
        ("", []),
        (" \t\n\ufeff", ["\ufeff"]),
    ],
)
def test_tokens_are_words_single_han_characters_and_single_marks(text: str, tokens: list[str]) -> None:
    assert [text[start:end] for start, end in spans_of(text)] == tokens


@given(st.text())
def test_every_visible_character_is_in_just_one_token(text: str) -> None:
    covered = [n for start, end in spans_of(text) for n in range(start, end)]
    assert covered == sorted(set(covered))
    assert {text[n] for n in range(len(text)) if n not in set(covered)} <= {c for c in text if c.isspace()}


@given(st.text(), st.sampled_from(sorted(READERS)))
def test_features_have_a_row_a_token_and_stay_inside_their_tables(text: str, lang: str) -> None:
    reader = READERS[lang](["the", "头"])
    tokens = reader(text)
    n = len(spans_of(text))
    assert tokens.known.shape == (n, reader.n_known)
    assert tokens.chars.shape == (n, MAX_TOKEN_CHARS)
    assert tokens.hashed.shape == (n, len(reader.tables))
    assert all((tokens.hashed[:, k] < rows).all() for k, rows in enumerate(reader.tables.values()))


def test_vectors_are_found_whatever_the_case_and_the_digits() -> None:
    reader = READERS["en"](["il", "0000"])
    assert reader("IL Il 1234 x").known[:, 0].tolist() == [1, 1, 2, 0]
    assert word_form("Ca2") == "ca0"


def test_chinese_characters_are_known_alone_and_with_the_next_one() -> None:
    reader = READERS["zh"](["头", "头痛"])
    assert reader("头痛").known.tolist() == [[1, 2], [0, 0]]


def test_a_part_of_the_tokens_keeps_its_places() -> None:
    assert READERS["en"]([])("a b c").part(1, 3).places == [(2, 3), (4, 5)]
