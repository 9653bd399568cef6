"""What the browser keeps and saves: packed and unpacked, thresholded, written."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Section, Span
from taiyi.engine.base import Finish
from taiyi.errors import Issue
from taiyi.formats import read_document
from taiyi.predictors.base import Result, Usage
from taiyi.ui.outcome import EXCHANGED, Outcome, copied, file_of, not_carried, pack, unpack

TEXT = "𠮷先生服用1,2-二氯乙烷后头痛；İL-2 与 ＣＯＸ－２ 升高😀"
DOCUMENT = Document(
    "x",
    "zh",
    TEXT,
    entities=(
        Entity("T1", "化学物质", (Span(5, 13),), 0.9),
        Entity("T2", "临床表现", (Span(14, 16),), 0.3),
        Entity("T3", "基因", (Span(17, 21),), None, "normalised"),
    ),
    relations=(Relation("R1", "导致", "T1", "T2", 0.5),),
    events=(Event("E1", "升高", (Span(30, 32),), (Argument("主体", (Span(17, 21),)), Argument("极性", value="肯定"))),),
    labels=(Label("A", 0.7),),
)
RESULT = Result(
    DOCUMENT,
    "reply",
    (Issue("absent", "糖尿病", "疾病"), Issue("part", "头痛病", "临床表现", 14, 16)),
    "nano",
    Usage(seconds=1.5, windows=2),
    Finish.END,
    (Result(DOCUMENT, by="one"), Result(DOCUMENT, by="two")),
)


def test_unpacking_gives_back_what_was_packed() -> None:
    outcome = Outcome(RESULT, ("a", "b"))
    assert unpack(pack(outcome)) == outcome


def test_what_the_browser_sends_back_changed_is_nothing() -> None:
    """A mention that does not stand at its place, a list, half of it, and nothing at all."""
    row = json.loads(pack(Outcome(RESULT)))
    row["entities"][0]["start"] += 1
    assert unpack(json.dumps(row)) is None
    for broken in ("", "[]", "null", "3", '{"text": 1}', pack(Outcome(RESULT))[:-9]):
        assert unpack(broken) is None


@given(st.text())
def test_no_string_at_all_makes_unpacking_fail(packed: str) -> None:
    assert unpack(packed) is None


def content_of(packed: str) -> tuple[dict[str, Any], bytes]:
    row = json.loads(packed)
    return row, base64.b64decode(row["base64"])


def test_each_file_holds_the_characters_of_the_text() -> None:
    for kind in ("json", "csv", "html"):
        row, content = content_of(file_of(RESULT, kind, "实体", "zh"))
        assert row["name"] == f"taiyi-x.{kind}"
        assert "1,2-二氯乙烷".encode() in content
    assert json.loads(content_of(file_of(RESULT, "json", "", "zh"))[1])["text"] == TEXT
    assert content_of(file_of(RESULT, "csv", "", "zh"))[1].startswith(b"\xef\xbb\xbf")


def test_a_report_becomes_markdown_and_word() -> None:
    report = Result(Document("r", "zh", "对话", sections=(Section("主诉", "咳嗽 <三天>"),)))
    assert "咳嗽" in content_of(file_of(report, "md", "病历", "zh"))[1].decode()
    assert content_of(file_of(report, "docx", "病历", "zh"))[1].startswith(b"PK")


def test_the_clipboard_gets_plain_text() -> None:
    lines = copied(RESULT).splitlines()
    assert lines[0] == "1,2-二氯乙烷\t导致\t头痛"
    assert "升高\t升高\t主体: İL-2; 极性: 肯定" in lines[1]
    assert copied(Result(Document("r", "zh", "x", answer="答"))) == "答"


def test_the_kinds_that_other_programs_read_are_files_of_their_formats(tmp_path: Path) -> None:
    for kind, suffix in EXCHANGED.items():
        row = json.loads(file_of(RESULT, kind, "Entities", "en"))
        assert row["name"] == f"taiyi-x{suffix}"
        file = tmp_path / row["name"]
        file.write_bytes(base64.b64decode(row["base64"]))
        assert read_document(file).text == TEXT
    assert not_carried(RESULT, "pubtator")[0].kind == "not_carried"
    assert not_carried(RESULT, "bioc") == not_carried(RESULT, "json") == ()


def test_the_differences_of_two_answers_are_a_table() -> None:
    fewer = replace(DOCUMENT, entities=DOCUMENT.entities[:2], relations=(), labels=())
    first = replace(DOCUMENT, relations=(), labels=())
    result = replace(RESULT, alternatives=(Result(first, by="one"), Result(fewer, by="two")))
    row = json.loads(file_of(result, "differences", "", "en"))
    assert row["name"] == "taiyi-x.differences.csv"
    lines = base64.b64decode(row["base64"]).decode("utf-8-sig").splitlines()
    assert lines[1:] == ["x,first,one,基因,İL-2,17,21,two,,,,"]
