"""brat's files: pairs in a folder and in a zip."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from taiyi.document import Document, Entity, Event, Label, Span
from taiyi.errors import FormatError
from taiyi.formats.brat import lost, read, write_all


def zipped(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_pair_beside_each_other_is_one_document(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes("发热。\r\n".encode())
    (tmp_path / "note.ann").write_text("T1\tSign 0 2\t发热\n", encoding="utf-8")
    assert list(read(tmp_path / "note.ann")) == [
        Document("note", "zh", "发热。\r\n", (Entity("T1", "Sign", (Span(0, 2),)),))
    ]


def test_a_zip_of_others_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    files = {"d/b.txt": "Fever.", "d/a.txt": "Cough.", "d/a.ann": "T1\tSign 0 5\tCough\n", "__MACOSX/d/a.txt": "x"}
    found = list(read(zipped(tmp_path, files)))
    assert [(d.id, len(d.entities)) for d in found] == [("a", 1), ("b", 0)]


def test_a_mark_at_the_beginning_is_a_character(tmp_path: Path) -> None:
    document = Document("a", "zh", "\ufeff发热。", (Entity("T1", "Sign", (Span(1, 3),)),))
    path = tmp_path / "x.zip"
    path.write_bytes(write_all([document]))
    assert list(read(path)) == [document]


def test_any_id_is_a_file_name_and_comes_back(tmp_path: Path) -> None:
    ids = ["../../etc", "a/b", "notes:1", "病例 1", "50%", "A?", ""]
    path = tmp_path / "x.zip"
    path.write_bytes(write_all(Document(name, "en", "Fever.") for name in ids))
    names = zipfile.ZipFile(path).namelist()
    assert not any("/" in name or name.startswith(".") for name in names)
    assert sorted(d.id for d in read(path)) == sorted([*ids[:-1], "document"])


def test_two_documents_of_one_id_are_two_files() -> None:
    content = write_all([Document("a", "en", "x"), Document("A", "en", "y")])
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["a.txt", "a.ann", "A-2.txt", "A-2.ann"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a.ann": ""}, "text_missing"),
        ({"a.doc": ""}, "bad_zip"),
        ({"a.txt": "x", "a.ann": "T1\tX 0 9\tx\n"}, "bad_annotation"),
    ],
)
def test_a_zip_that_cannot_be_read_says_why(tmp_path: Path, files: dict[str, str], code: str) -> None:
    with pytest.raises(FormatError) as raised:
        list(read(zipped(tmp_path, files)))
    assert raised.value.code == code


def test_an_error_names_the_file_and_the_line(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.txt": "Fever.", "a.ann": "T1\tX 0 5\tFever\nT2\tX 0 4\tFeve r\n"})
    with pytest.raises(FormatError, match=r"a\.ann:2: "):
        list(read(path))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"plain text"])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(FormatError) as raised:
        list(read(path))
    assert raised.value.code == "bad_zip"


def test_annotations_without_their_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ann").write_text("", encoding="utf-8")
    with pytest.raises(FormatError, match=r"a\.txt"):
        list(read(tmp_path / "a.ann"))


def test_what_is_lost_is_counted() -> None:
    events = (Event("E1", "x", ()), Event("E2", "x", (Span(0, 1),)))
    document = Document("d", "en", "x", events=events, labels=(Label("a"),), answer="y")
    assert {part: n for part, n in lost(document).items() if n} == {"labels": 1, "events": 1, "answer": 1}
