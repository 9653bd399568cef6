"""Files into the text box: read and deleted, several documents to step through, and clear words where it can't be."""

from __future__ import annotations

import json
from pathlib import Path

import gradio as gr
import pytest

from taiyi.document import Document, Entity, Span
from taiyi.formats import write_documents
from taiyi.ui import loading
from taiyi.ui.collection import unpack
from taiyi.ui.loading import load_file, split_lines, stepped

TWO = '{"id": "x", "text": "Fever."}\n{"id": "y", "text": "Cough."}\n'


def test_a_loaded_file_is_read_and_deleted(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("第一行\r\n第二行".encode())
    text, said, by_line, bar, *_ = load_file(str(file), "zh")
    assert text == "第一行\r\n第二行"
    assert "a.txt" in said and not file.exists()
    assert (by_line["visible"], bar["visible"]) == (True, False)


@pytest.mark.parametrize("content", [b"%PDF-1.7 broken", b"\x00\x01\x02", b""])
def test_a_file_that_cannot_be_read_changes_no_text_and_is_deleted(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(content)
    text, said, *rest = load_file(str(file), "en")
    assert text == gr.skip() and all(value == gr.skip() for value in rest)
    assert 'role="alert"' in said and not file.exists()


def test_a_file_with_several_documents_is_stepped_through(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(TWO, encoding="utf-8")
    text, said, by_line, bar, choice, packed, readings = load_file(str(file), "en")
    assert (text, bar["visible"], choice["choices"]) == ("Fever.", True, [("1. x", "0"), ("2. y", "1")])
    assert "2 documents" in said and not file.exists() and not by_line["visible"]
    assert readings == "", "what was read of another file goes"
    assert stepped(1, packed, "0") == ["1", "Cough."]
    assert stepped(0, packed, "1") == ["1", "Cough."]
    assert stepped(1, packed, "1") == ["1", "Cough."], "there is none after the last"
    assert stepped(-1, packed, "0") == ["0", "Fever."]
    assert stepped(0, packed, "7") == ["1", "Cough."]
    assert stepped(0, "changed by hand", "0") == [gr.skip(), gr.skip()]


def test_the_annotations_of_a_file_are_kept_and_counted(tmp_path: Path) -> None:
    annotated = Document("7", "en", "Tremor.\nAfter lithium.", (Entity("T1", "Disease", (Span(0, 6),)),))
    file = tmp_path / "a.pubtator"
    file.write_bytes(write_documents([annotated, Document("8", "en", "Cough.")], ".pubtator"))
    _, said, *_, packed, _ = load_file(str(file), "en")
    assert "Annotated are 1, with 1 mentions" in said
    found = unpack(packed)
    assert found is not None and found.documents[0] == annotated


def test_documents_without_text_are_left_out_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps([{"text": "Fever."}, {"text": " "}, {"text": "Cough."}]), encoding="utf-8")
    _, said, _, _, choice, *_ = load_file(str(file), "zh")
    assert len(choice["choices"]) == 2 and "略去的：1" in said


def test_each_line_of_a_plain_text_can_be_a_document(tmp_path: Path) -> None:
    file = tmp_path / "sentences.txt"
    file.write_text("头痛三天。\n\n咳嗽。\n", encoding="utf-8")
    *_, packed, _ = load_file(str(file), "zh")
    text, _, by_line, bar, choice, again, _ = split_lines(packed, "zh")
    assert (text, by_line["visible"], bar["visible"]) == ("头痛三天。", False, True)
    assert [name for name, _ in choice["choices"]] == ["1. sentences:1", "2. sentences:3"]
    assert stepped(1, again, "0") == ["1", "咳嗽。"]


@pytest.mark.parametrize(("n", "words"), [(1_000, "1000 documents"), (1_001, "more than 1,000 documents")])
def test_a_thousand_documents_are_loaded_and_more_are_refused(tmp_path: Path, n: int, words: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("".join(f'{{"text": "Fever {i}."}}\n' for i in range(n)), encoding="utf-8")
    text, said, *_ = load_file(str(file), "en")
    assert words in said
    assert text == ("Fever 0." if n == 1_000 else gr.skip())


def test_texts_that_a_browser_cannot_carry_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MAX_CHARS", 11)
    file = tmp_path / "a.jsonl"
    file.write_text(TWO, encoding="utf-8")
    text, said, *_ = load_file(str(file), "zh")
    assert text == gr.skip() and "超过 11 个字符" in said
