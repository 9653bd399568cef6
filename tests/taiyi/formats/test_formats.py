"""The tables of formats: readers read, writers write, and every error has its sentence in both languages."""

from __future__ import annotations

import ast
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import taiyi.formats
from taiyi.document import Document, Entity, Section, Span
from taiyi.errors import FormatError, Issue
from taiyi.formats import (
    COLLECTIONS,
    READERS,
    WRITERS,
    iter_documents,
    iter_texts,
    losses,
    read_document,
    write_document,
    write_documents,
)
from taiyi.formats.words import WORDS_FILE

FOLDER = Path(taiyi.formats.__file__).parent
DOCUMENT = Document(
    "d1", "zh", "发热三天。", (Entity("T1", "症状", (Span(0, 2),), 0.5),), sections=(Section("主诉", "发热三天。"),)
)


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_every_writer_writes_the_documents_text(suffix: str) -> None:
    assert len(write_document(DOCUMENT, suffix)) > 10


@pytest.mark.parametrize("suffix", sorted((READERS.keys() & WRITERS.keys()) - {".csv"}))
def test_what_is_written_is_read_back(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"d1{suffix}"
    file.write_bytes(write_document(DOCUMENT, suffix))
    read = read_document(file)
    if suffix == ".docx":  # a report: its sections as text
        assert read.text.startswith("d1\n主诉\n发热三天。\n")
    elif suffix == ".zip":
        assert read == replace(DOCUMENT, sections=())
    elif suffix == ".pubtator":
        assert read == replace(DOCUMENT, entities=(Entity("T1", "症状", (Span(0, 2),)),), sections=())
    else:
        assert read == DOCUMENT


def test_what_a_format_has_no_place_for_is_counted() -> None:
    assert losses([DOCUMENT, DOCUMENT], ".pubtator") == (Issue("not_carried", "sections: 2, scores: 2"),)
    assert losses([DOCUMENT], ".zip") == (Issue("not_carried", "sections: 1"),)
    assert losses([DOCUMENT], ".json") == losses([DOCUMENT], ".xml") == ()


@pytest.mark.parametrize("suffix", sorted((set(COLLECTIONS) & READERS.keys()) - {".csv"}))
def test_several_documents_go_into_one_file_and_come_back_in_order(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"all{suffix}"
    file.write_bytes(write_documents([Document("a", "en", "Fever."), Document("b", "zh", "咳嗽。")], suffix))
    assert [(d.id, d.lang, d.text) for d in iter_documents(file)] == [("a", "en", "Fever."), ("b", "zh", "咳嗽。")]


def test_several_documents_in_a_spreadsheet_are_told_apart() -> None:
    rows = write_documents([DOCUMENT, replace(DOCUMENT, id="d2")], ".csv").decode("utf-8-sig").splitlines()
    assert rows[0].startswith("document,item,id,")
    assert [row.split(",")[0] for row in rows[1:]] == ["d1", "d1", "d2", "d2"]


def test_a_format_of_one_document_takes_no_several() -> None:
    with pytest.raises(KeyError):
        write_documents([DOCUMENT], ".docx")


@pytest.mark.parametrize("name", ["x.PubTator.txt", "x.BioC.XML", "x.bioc.json"])
def test_the_longest_suffix_says_what_a_file_is(name: str, tmp_path: Path) -> None:
    suffix = {"x.PubTator.txt": ".pubtator", "x.BioC.XML": ".xml", "x.bioc.json": ".bioc.json"}[name]
    file = tmp_path / name
    file.write_bytes(write_document(Document("7", "en", "Fever."), suffix))
    assert read_document(file) == Document("7", "en", "Fever.")


def test_a_bioc_collection_is_known_by_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(write_document(DOCUMENT, ".bioc.json"))
    assert read_document(file) == DOCUMENT


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no file") as raised:
        list(iter_texts(tmp_path / "nowhere.txt"))
    assert (raised.value.code, raised.value.fields) == ("file_missing", {"file": "nowhere.txt"})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as raised:
        list(iter_texts(tmp_path))
    assert raised.value.code == "file_unreadable"


def test_one_document_is_asked_for_where_a_file_holds_several(tmp_path: Path) -> None:
    file = tmp_path / "two.jsonl"
    file.write_text('{"text": "a"}\n{"text": "b"}\n', encoding="utf-8")
    with pytest.raises(FormatError) as raised:
        read_document(file)
    assert raised.value.code == "not_one_document"


def test_every_table_names_a_module_with_the_function() -> None:
    assert all(callable(import_module(name).read) for name in READERS.values())
    assert all(callable(import_module(name).write) for name in WRITERS.values())


def test_every_error_has_a_sentence_with_its_fields_in_both_languages() -> None:
    """Reads the calls of FormatError(..., code="x", field=...) out of the source."""
    sentences = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))["error"]
    fields_by_code: dict[str, set[str]] = {}
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "FormatError":
                keywords = {keyword.arg: keyword.value for keyword in node.keywords}
                code = ast.literal_eval(keywords.pop("code"))
                fields_by_code.setdefault(code, set()).update(str(name) for name in keywords)
    assert fields_by_code.keys() == sentences.keys()
    for code, fields in fields_by_code.items():
        for lang in ("en", "zh"):
            assert sentences[code][lang].format(**dict.fromkeys(fields, "x"))
