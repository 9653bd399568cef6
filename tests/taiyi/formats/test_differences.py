"""The differences as files."""

from __future__ import annotations

import json

from taiyi.agreement import Comparison, agreement
from taiyi.document import Document, Entity, Span
from taiyi.formats.differences import write_csv, write_json

FIRST = Document("d", "en", "=1+1 fever", (Entity("T1", "Sum", (Span(0, 4),)), Entity("T2", "Sign", (Span(5, 10),))))
SECOND = Document("d", "en", "=1+1 fever", (Entity("T1", "Formula", (Span(0, 4),)),))


FOUND = Comparison("one", "two", agreement([(FIRST, SECOND)]))


def test_a_row_says_what_each_names_and_no_cell_is_a_formula() -> None:
    assert write_csv([FOUND]).decode("utf-8-sig").splitlines() == [
        "document,kind,first,first_type,first_text,first_start,first_end,"
        "second,second_type,second_text,second_start,second_end",
        "d,type,one,Sum,'=1+1,0,4,two,Formula,'=1+1,0,4",
        "d,first,one,Sign,fever,5,10,two,,,,",
    ]


def test_the_json_says_who_was_compared() -> None:
    row = json.loads(write_json(FOUND))
    assert (row["first"], row["second"], row["f1"]) == ("one", "two", 0.0)
    assert [difference["kind"] for difference in row["differences"]] == ["type", "first"]
