"""What the nested-mention reader makes of a text, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.predictors.readers.nested_spans_input import (
    UNKNOWN_CHAR,
    CharTable,
    Lexicon,
    bigram_rows,
    char_features,
    cut,
    folded,
    span_hashes,
    windows,
)


def lexicon_of(table: CharTable, names: list[str], max_chars: int = 8) -> Lexicon:
    hashes = [int(span_hashes(table.ids(name), len(name))[0]) for name in names]
    order = np.argsort(hashes)
    values = np.arange(1, len(names) + 1, dtype=np.uint8)[order, None]
    return Lexicon(np.array(hashes, dtype=np.uint32)[order], values, max_chars)


@pytest.mark.parametrize(("char", "form"), [*zip("Ｃ２\u3000\n㎎𠮷İ", "c2  ㎎𠮷İ", strict=True)])
def test_a_character_is_folded_only_where_it_stays_one(char: str, form: str) -> None:
    assert folded(char) == form


def test_a_character_nobody_knows_has_the_unknown_id() -> None:
    table = CharTable(["a", "肝"], 3)
    assert table.ids("Ａ肝🙂").tolist() == [3, 4, UNKNOWN_CHAR]


@given(st.text(max_size=60))
def test_every_code_point_has_one_id_and_one_bigram_before_it(text: str) -> None:
    ids = CharTable(["a"], 3).ids(text)
    assert len(ids) == len(text)
    assert len(bigram_rows(ids, 50)) == len(text) + 1


def test_bigrams_of_a_batch_are_those_of_its_rows() -> None:
    rows = np.array([[3, 4, 5], [5, 5, 0]])
    assert (bigram_rows(rows, 97) == np.stack([bigram_rows(row, 97) for row in rows])).all()


def test_the_lexicon_finds_nested_and_crossing_names_at_their_places() -> None:
    """In 肝癌晚期 stand 肝 (0), 肝癌 (0 to 1), and 癌晚 (1 to 2), which crosses it."""
    table = CharTable(list("肝癌晚期"), 3)
    found = lexicon_of(table, ["肝", "肝癌", "癌晚"]).find(table.ids("肝癌晚期"))
    assert sorted(zip(found.first.tolist(), found.last.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 2)]


def test_a_name_with_an_unknown_character_is_not_found() -> None:
    table = CharTable(list("肝癌"), 3)
    assert len(lexicon_of(table, ["🙂癌"]).find(table.ids("😀癌")).first) == 0


def test_features_say_where_names_begin_run_and_end() -> None:
    """A name of value 7 over characters 1 to 2 of 4: begins at 1, is in 1 and 2, ends at 2."""
    features = char_features(4, np.array([1]), np.array([2]), np.array([[7]], dtype=np.uint8))
    assert features.tolist() == [[0, 0, 0], [7, 7, 0], [0, 7, 7], [0, 0, 0]]


@given(st.text(alphabet="。，肝a \n", max_size=80), st.integers(4, 20))
def test_pieces_cover_the_text_and_none_is_too_long(text: str, max_chars: int) -> None:
    pieces = cut(text, max_chars)
    assert "".join(text[start:end] for start, end in pieces) == text
    assert all(0 < end - start <= max_chars for start, end in pieces)


def test_a_text_is_cut_at_its_sentence_ends() -> None:
    assert cut("肝癌。肺炎。胃痛。", 7) == [(0, 6), (6, 9)]


def test_a_seam_inside_a_sentence_gets_a_window_of_its_own() -> None:
    text = "肝" * 20
    assert windows(text, 10) == [(0, 10, None), (10, 20, None), (5, 15, 10)]
    assert windows("肝肝肝肝肝肝肝。肺肺肺肺", 8) == [(0, 8, None), (8, 12, None)]
