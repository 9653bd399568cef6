"""The document model keeps its one promise: what is marked stands in the text, and it survives JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Section, Span
from taiyi.errors import DocumentError

TEXT = "口服阿司匹林后胃痛缓解；𠮷 İL-2 水平未变。"


def full_document() -> Document:
    return Document(
        id="d1",
        lang="zh",
        text=TEXT,
        entities=(
            Entity("T1", "药物", (Span(2, 6),), 0.75),
            Entity("T2", "临床表现", (Span(7, 9),), concepts=("R10.1",), attributes=("negated", "uncertain")),
            Entity("T3", "项目", (Span(14, 18), Span(19, 21)), match="normalised"),
        ),
        relations=(Relation("R1", "治疗", "T1", "T2", 0.5),),
        events=(
            Event(
                "E1", "好转", (Span(9, 11),), (Argument("主体", (Span(7, 9),)), Argument("状态", value="肯定")), 0.25
            ),
        ),
        labels=(Label("用药", 0.9),),
        answer="胃痛缓解。",
        sections=(Section("主诉", "胃痛"),),
    )


def test_a_document_comes_back_from_json_as_it_was() -> None:
    document = full_document()
    assert Document.from_dict(json.loads(json.dumps(document.to_dict(), ensure_ascii=False))) == document


def test_json_holds_code_point_offsets_and_the_text_between_them() -> None:
    row = full_document().to_dict()["entities"][0]
    assert row == {"id": "T1", "type": "药物", "text": "阿司匹林", "start": 2, "end": 6, "score": 0.75}


def test_an_empty_document_has_no_empty_lists_in_json() -> None:
    assert Document("d", "en", "x").to_dict() == {"id": "d", "lang": "en", "text": "x"}


@pytest.mark.parametrize("span", [(0, 0), (-1, 2), (3, 2), (0, 99)])
def test_a_span_outside_the_text_or_empty_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(DocumentError, match=f"{span[0]}-{span[1]}"):
        Document("d", "zh", TEXT, entities=(Entity("T1", "x", (Span(*span),)),))


def test_an_id_given_twice_is_refused_by_name() -> None:
    with pytest.raises(DocumentError, match="'T1'"):
        Document("d", "zh", TEXT, entities=(Entity("T1", "x", (Span(0, 1),)), Entity("T1", "x", (Span(1, 2),))))


def test_a_relation_to_an_entity_that_is_not_there_is_refused() -> None:
    with pytest.raises(DocumentError, match="'T9'"):
        Document("d", "zh", TEXT, (Entity("T1", "x", (Span(0, 1),)),), (Relation("R1", "r", "T1", "T9"),))


def test_json_whose_mention_is_not_what_stands_there_is_refused() -> None:
    row = full_document().to_dict()
    row["entities"][0]["text"] = "布洛芬"
    with pytest.raises(DocumentError, match="阿司匹林"):
        Document.from_dict(row)


@given(st.text(min_size=1, max_size=40), st.data())
def test_every_mention_of_any_text_slices_to_itself(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    document = Document("d", "en", text, (Entity("T1", "x", (Span(start, end),)),))
    row = document.to_dict()["entities"][0]
    assert text[row["start"] : row["end"]] == row["text"]
    assert Document.from_dict(document.to_dict()) == document
