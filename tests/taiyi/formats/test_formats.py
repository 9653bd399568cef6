"""The tables of formats: readers read, writers write, and every error has its sentence in both languages."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import taiyi.formats
from taiyi.document import Document, Entity, Section, Span
from taiyi.errors import FormatError
from taiyi.formats import READERS, WRITERS, iter_texts, read_document, write_document
from taiyi.formats.words import WORDS_FILE

FOLDER = Path(taiyi.formats.__file__).parent
DOCUMENT = Document(
    "d1", "zh", "发热三天。", (Entity("T1", "症状", (Span(0, 2),), 0.5),), sections=(Section("主诉", "发热三天。"),)
)


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_every_writer_writes_the_documents_text(suffix: str) -> None:
    assert len(write_document(DOCUMENT, suffix)) > 10


@pytest.mark.parametrize("suffix", sorted(READERS.keys() & WRITERS.keys()))
def test_what_is_written_is_read_back(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"d1{suffix}"
    file.write_bytes(write_document(DOCUMENT, suffix))
    read = read_document(file)
    if suffix == ".docx":  # a report: its sections as text
        assert read.text.startswith("d1\n主诉\n发热三天。\n")
    else:
        assert read == DOCUMENT


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
