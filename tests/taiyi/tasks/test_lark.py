"""Where a mention may begin and end, and strings in grammars."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taiyi.tasks.delimiters import escape
from taiyi.tasks.lark import chunks, literal, mention_terminals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IL-2 up", ["IL", "-", "2", " ", "up"]),
        ("ＣＯＸ－２", ["ＣＯＸ", "－", "２"]),
        ("肾IL2病", ["肾", "IL2", "病"]),
        ("a, b", ["a", "\\,", " ", "b"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
        ("", []),
    ],
)
def test_words_stay_whole_and_chinese_characters_stand_alone(text, expected):
    assert list(chunks(text)) == expected


@given(st.text())
def test_chunks_join_to_the_escaped_text(text):
    assert "".join(chunks(text)) == escape(text)


@pytest.mark.parametrize("mention", ["a", "肾", "(+)-pinene", "Na+", "a b", "a, b", "1", "a\nb"])
def test_what_may_be_a_mention(accepts, mention):
    assert accepts("start: MENTION\n" + mention_terminals(mention), escape(mention))


@pytest.mark.parametrize("mention", ["", " ", "+", "()", " a", "a ", "a,", "；肾", "\n", "a\n", "。"])
def test_what_may_not(accepts, mention):
    assert not accepts("start: MENTION\n" + mention_terminals(mention), escape(mention))


@settings(deadline=None)
@given(text=st.text())
def test_a_literal_matches_its_text_alone(accepts, text):
    assert accepts(f"start: {literal(text)}", text)


def test_half_a_surrogate_pair_does_not_break_a_grammar(accepts):
    assert not accepts(f"start: {literal(chr(0xD800))}", "x")
    assert accepts("start: MENTION\n" + mention_terminals("a\ud800 b"), "b")
