"""The one escape: names keep their characters between the marks of a reply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.tasks.delimiters import Piece, escape, escaped_units, lines, split, unescape

AS_THEY_ARE = [
    "1,2-dichloroethane",
    "Na+/K(+)-ATPase",
    "13-三体综合征(Patau)",
    "t(9;22)",
    "1:2",
    "İL-2",
    "ＣＯＸ－２",
    "😀",
]


@pytest.mark.parametrize("name", AS_THEY_ARE)
def test_a_name_without_marks_is_written_as_it_is(name):
    assert escape(name) == name


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a, b", "a\\, b"),
        ("a,", "a\\,"),
        ("甲；乙", "甲\\；乙"),
        ("a\nb", "a\\nb"),
        ("a\\b", "a\\\\b"),
        ("x: y; z", "x\\: y\\; z"),
    ],
)
def test_a_mark_within_a_name_gets_a_backslash(name, written):
    assert escape(name) == written
    assert unescape(written) == name


def piece(text: str) -> Piece:
    return Piece(text, 0, len(text))


@given(st.text())
def test_unescape_undoes_escape_and_units_join_to_it(name):
    assert unescape(escape(name)) == name
    units = list(escaped_units(name))
    assert "".join(units) == escape(name)
    assert len(units) == len(name)


@given(st.lists(st.text(alphabet=",;:，；：\\\n ab甲", min_size=1).map(str.strip).filter(bool), min_size=1))
def test_names_joined_by_marks_come_apart_again(names):
    for between, kinds in (("; ", ";"), ("；", ";"), (", ", ","), ("，", ",")):
        parts = split(piece(between.join(map(escape, names))), kinds)
        assert [unescape(part.text) for part in parts] == names


@given(st.text(alphabet=",;: \n\\ab甲；"))
def test_every_part_is_what_stands_at_its_place(text):
    for part in [*split(piece(text), ";,"), *lines(text)]:
        assert text[part.start : part.end] == part.text
        assert part.text == part.text.strip()
        assert part.text
