"""brat's lines: what we write is read back whole, and what brat and others write is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.document import Argument, Document, Entity, Event, Relation, Span
from taiyi.formats.standoff import StandoffError, read, write

TEXT = "İL-2与1,2-二氯乙烷𠮷\r\n发热"
FULL = Document(
    "d",
    "zh",
    TEXT,
    (
        Entity("T1", "基因", (Span(0, 4),), 0.25, "normalised", ("MESH:D1", "c|DEL||32"), ("negated", "uncertain")),
        Entity("T2", "cell line: a;b", (Span(5, 8), Span(9, 13))),
        Entity("T5", "标记", (Span(12, 17),)),
    ),
    (Relation("R1", "chemical-induced disease", "T1", "T2", 0.5),),
    (
        Event(
            "E1",
            "发热",
            (Span(16, 18),),
            (
                Argument("状态", value="不 确定"),
                Argument("因", (Span(0, 4),)),
                Argument("因", (Span(4, 5), Span(16, 18))),
                Argument("有", value="true"),
            ),
            1.0,
        ),
    ),
)


def test_every_part_is_read_back() -> None:
    assert read(write(FULL), TEXT) == (FULL.entities, FULL.relations, FULL.events)


def test_the_lines_are_those_of_brat() -> None:
    """T1 and T2 with their pieces, an attribute, a relation, and an event on a trigger of its own."""
    entities = (
        Entity("T1", "Sign", (Span(3, 7), Span(13, 18)), attributes=("negated",)),
        Entity("T2", "Site", (Span(8, 12),)),
    )
    event = Event("E1", "Finding", (Span(13, 18),), (Argument("At", (Span(8, 12),)),))
    document = Document("d", "en", "No pain left thigh", entities, (Relation("R1", "in", "T1", "T2"),), (event,))
    assert write(document).splitlines() == [
        "T1\tSign 3 7;13 18\tpain thigh",
        "A1\tNegation T1",
        "T2\tSite 8 12\tleft",
        "R1\tin Arg1:T1 Arg2:T2",
        "T3\tFinding 13 18\tthigh",
        "E1\tFinding:T3 At:T2",
    ]


def test_lines_of_others_are_understood() -> None:
    """A shared task's file: M lines, numbered roles, an event in an event, an equivalence, an identifier, a remark."""
    text = "p53 and MDM2 binding blocks TP53"
    lines = """\
T1\tProtein 0 3\tp53
T2\tProtein 8 12\tMDM2
T3\tProtein 28 32\tTP53
T4\tBinding 13 20\tbinding
T5\tNegative_regulation 21 27\tblocks
E1\tBinding:T4 Theme:T1 Theme2:T2
E2\tNegative_regulation:T5 Theme:T3 Cause:E1
M1\tSpeculation E2
A1\tConfidence T1 High
N1\tReference T1 GeneID:7157\tTP53
*\tEquiv T1 T3
#1\tAnnotatorNotes T1\tcheck this one
"""
    entities, relations, events = read(lines, text)
    assert [(e.id, e.label, e.concepts, e.attributes) for e in entities] == [
        ("T1", "Protein", ("GeneID:7157",), ("Confidence=High",)),
        ("T2", "Protein", (), ()),
        ("T3", "Protein", (), ()),
    ]
    assert [(r.label, r.head, r.tail) for r in relations] == [("Equiv", "T1", "T3")]
    assert events[0].arguments == (Argument("Theme", (Span(0, 3),)), Argument("Theme", (Span(8, 12),)))
    assert events[1].arguments == (
        Argument("Theme", (Span(28, 32),)),
        Argument("Cause", (Span(13, 20),)),
        Argument("Speculation", value="true"),
    )


def test_attributes_of_others_are_written_as_they_were() -> None:
    lines = "T1\tProtein 0 3\tp53\nA1\tConfidence T1 High\n"
    entities, *_ = read(lines, "p53")
    assert write(Document("d", "en", "p53", entities)) == lines


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ("T1\tX 0 3\tp53\nT2\tX 0 2\tp5X\n", 2, "stands 'p5', not 'p5X'"),
        ("T1\tX 0 9\tp53\n", 1, "the text has 3 characters"),
        ("T1\tX 2 1\t5\n", 1, "the text has 3 characters"),
        ("T1\tX 0 3\tp53\nT1\tX 0 2\tp5\n", 2, "'T1' occurs twice"),
        ("T1\tX 0 3\tp53\nR1\tx Arg1:T1 Arg2:T9\n", 2, "'T9' is not there"),
        ("E1\tX:T1\n", 1, "'T1' is not there"),
        ("hello\n", 1, "not enough values"),
        ("X1\tx\n", 1, "can't begin with 'X1'"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(lines: str, line: int, words: str) -> None:
    with pytest.raises(StandoffError, match=words) as raised:
        read(lines, "p53")
    assert raised.value.line == line


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"), min_size=1), st.data())
def test_any_text_and_label_come_back(text: str, label: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    entity = Entity("T1", label, (Span(start, data.draw(st.integers(start + 1, len(text)))),))
    assert read(write(Document("d", "en", text, (entity,))), text)[0] == (entity,)
