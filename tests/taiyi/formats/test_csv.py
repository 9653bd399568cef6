"""CSV opens in a spreadsheet: Chinese readable, nothing taken for a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Section, Span
from taiyi.errors import FormatError
from taiyi.formats.csv import annotated, read, write, write_all

TEXT = '发热，"肺炎"\r\n=1+1'


def rows(document: Document) -> list[dict[str, str]]:
    content = write(document)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_entities_are_rows_with_their_places() -> None:
    entities = (Entity("T1", "症状", (Span(0, 2),), 0.5), Entity("T2", "疾病", (Span(3, 7),)))
    assert rows(Document("d", "zh", TEXT, entities)) == [
        {"item": "entity", "id": "T1", "type": "症状", "text": "发热", "start": "0", "end": "2", "score": "0.5"},
        {"item": "entity", "id": "T2", "type": "疾病", "text": '"肺炎"', "start": "3", "end": "7", "score": ""},
    ]


def test_what_an_entity_carries_besides_has_columns_of_its_own() -> None:
    entity = Entity("T1", "症状", (Span(0, 2),), concepts=("D1", "D2"), attributes=("negated", "uncertain"))
    assert rows(Document("d", "zh", TEXT, (entity,)))[0] == {
        "item": "entity", "id": "T1", "type": "症状", "text": "发热", "start": "0", "end": "2",
        "attributes": "negated; uncertain", "concepts": "D1; D2", "score": "",
    }  # fmt: skip


def test_a_relation_is_one_row_with_both_ends() -> None:
    entities = (Entity("T1", "a", (Span(0, 2),)), Entity("T2", "b", (Span(4, 6),)))
    document = Document("d", "zh", TEXT, entities, (Relation("R1", "伴", "T2", "T1", 0.25),))
    row = rows(document)[2]
    assert [row[name] for name in ("item", "type", "text", "start", "tail", "tail_start", "tail_end", "score")] == [
        "relation", "伴", "肺炎", "4", "发热", "0", "2", "0.25",
    ]  # fmt: skip


def test_an_event_has_a_row_for_its_trigger_and_each_argument() -> None:
    event = Event("E1", "病情", (Span(0, 2),), (Argument("病因", (Span(4, 6),)), Argument("状态", value="否定")))
    found = [
        (row["item"], row["id"], row["role"], row["text"]) for row in rows(Document("d", "zh", TEXT, events=(event,)))
    ]
    assert found == [
        ("event", "E1", "", "发热"),
        ("argument", "E1", "病因", "肺炎"),
        ("argument", "E1", "状态", "否定"),
    ]


def test_classes_answers_and_sections_are_rows_too() -> None:
    document = Document("d", "zh", TEXT, labels=(Label("x", 0.5),), answer="a", sections=(Section("主诉", "b"),))
    assert [(row["item"], row["type"], row["text"]) for row in rows(document)] == [
        ("class", "x", ""),
        ("answer", "", "a"),
        ("section", "主诉", "b"),
    ]


def test_nothing_found_is_a_header_alone() -> None:
    assert write(Document("d", "zh", TEXT)) == b"\xef\xbb\xbfitem,id,type,text,start,end,score\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_calculate_gets_an_apostrophe(start: str) -> None:
    text = f"{start}1+1"
    document = Document("d", "en", text, (Entity("T1", f"{start}A1", (Span(0, 4),)),))
    assert [(row["type"], row["text"]) for row in rows(document)] == [(f"'{start}A1", f"'{text}")]
    assert document.to_dict()["entities"][0]["text"] == text


FULL = Document(
    "d",
    "zh",
    TEXT,
    (
        Entity("T1", "症状", (Span(0, 1), Span(4, 6)), 0.5, "normalised", ("MESH:D1;x", "50%"), ("negated",)),
        Entity("T2", "=公式", (Span(9, 13),)),
    ),
    (Relation("R1", "伴", "T2", "T1", 0.25),),
    (
        Event("E1", "病情", (Span(0, 2),), (Argument("trigger", (Span(4, 6),)), Argument("状态", value="'=否"))),
        Event("E2", "无触发", ()),
    ),
    (Label("类", 0.5),),
    "答",
    (Section("主诉", "-发热"),),
)


def test_items_come_back_on_their_texts(tmp_path: Path) -> None:
    """Pieces, numbers, guarded cells, an event without a trigger and a role that is called trigger; and a document
    without any item."""
    documents = [FULL, Document("=e", "en", "Fever.", (Entity("T1", "Sign", (Span(0, 5),)),)), Document("f", "en", "x")]
    file = tmp_path / "found.csv"
    file.write_bytes(write_all(documents))
    texts = [Document(d.id, d.lang, d.text) for d in documents]
    assert list(annotated(file, texts)) == documents
    file.write_bytes(write(FULL))
    assert list(annotated(file, texts[:1])) == [FULL]


def test_items_that_do_not_fit_the_texts_are_refused_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "found.csv"
    file.write_bytes(write_all([FULL, Document("e", "en", "Fever.", (Entity("T1", "Sign", (Span(0, 5),)),))]))
    with pytest.raises(FormatError, match="no document 'd'"):
        list(annotated(file, [Document("e", "en", "Fever.")]))
    with pytest.raises(FormatError, match="stands 'Cough'"):
        list(annotated(file, [FULL, Document("e", "en", "Cough.")]))


def test_a_list_of_texts_is_read_and_a_list_of_items_is_none(tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text('id,text\na,"发热，\n三天"\n,Fever\n', encoding="utf-8-sig")
    assert [(d.id, d.lang, d.text) for d in read(file)] == [("a", "zh", "发热，\n三天"), ("texts:4", "en", "Fever")]
    file.write_bytes(write(FULL))
    with pytest.raises(FormatError, match="without their texts"):
        list(read(file))
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FormatError, match="no column named text"):
        list(read(file))
