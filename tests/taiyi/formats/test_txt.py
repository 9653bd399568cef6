"""Plain text comes in as it stands, whatever its encoding."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from taiyi.errors import FormatError
from taiyi.formats import iter_texts, read_document

TEXT = "血清ＩＬ－２\u200f升高。\r\n𠮷 fever 😀\x07\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("gb18030"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16-be", "utf-32", "gb18030"],
)
def test_every_character_is_kept_in_every_encoding(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "note.txt"
    file.write_bytes(content)
    document = read_document(file)
    assert (document.id, document.lang, document.text) == ("note", "zh", TEXT)


def test_a_name_without_a_known_suffix_is_read_as_text(tmp_path: Path) -> None:
    file = tmp_path / "abstract.v2"
    file.write_text("Fever.", encoding="utf-8")
    assert list(iter_texts(str(file))) == [("abstract", "Fever.")]


def test_an_empty_file_is_an_empty_text(tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.write_bytes(b"")
    assert read_document(file).text == ""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not_text"),
        (b"caf\xe9 \xff\xff", "unknown_encoding"),
        (b"\xff\xfea", "unknown_encoding"),
    ],
)
def test_what_is_no_text_is_refused_with_the_files_name(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "scan.txt"
    file.write_bytes(content)
    with pytest.raises(FormatError, match=r"scan\.txt") as raised:
        read_document(file)
    assert (raised.value.code, raised.value.fields) == (code, {"file": "scan.txt"})
