"""PDF files: the text of their pages, and a clear word where there is none to be had."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from taiyi.errors import FormatError
from taiyi.formats import read_document


def pdf_of(*pages: str) -> PdfWriter:
    """A PDF with one line of Latin text on each page; an empty one has no text, like a scanned picture."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(300, 300)
        if text:
            stream = StreamObject()
            stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode("latin-1"))
            page[NameObject("/Contents")] = writer._add_object(stream)
            fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    return writer


def saved(writer: PdfWriter, folder: Path) -> Path:
    path = folder / "paper.pdf"
    with path.open("wb") as file:
        writer.write(file)
    return path


def refused(path: Path) -> FormatError:
    with pytest.raises(FormatError, match=r"paper\.pdf") as raised:
        read_document(path)
    return raised.value


def test_pages_are_read_in_order_and_those_without_text_are_named(tmp_path: Path) -> None:
    document = read_document(saved(pdf_of("Fever was seen.", "", "It fell."), tmp_path))
    assert document.text == "Fever was seen.\n\nIt fell."
    assert document.id == "paper"
    assert document.meta == {"pages_without_text": [2]}


def test_a_scanned_file_is_said_to_hold_no_text(tmp_path: Path) -> None:
    error = refused(saved(pdf_of("", ""), tmp_path))
    assert (error.code, error.fields) == ("pdf_no_text", {"file": "paper.pdf", "pages": 2})


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_password_is_said_to_be_in_the_way(tmp_path: Path, algorithm: str) -> None:
    writer = pdf_of("Fever.")
    writer.encrypt("secret", algorithm=algorithm)
    assert refused(saved(writer, tmp_path)).code == "pdf_protected"


def test_a_file_that_only_its_owner_may_change_is_read(tmp_path: Path) -> None:
    writer = pdf_of("Fever.")
    writer.encrypt("", "owner", algorithm="RC4-128")
    assert read_document(saved(writer, tmp_path)).text == "Fever."


@pytest.mark.parametrize(
    "content", [b"", b"plain text", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\nstartxref\n9\n%%EOF"]
)
def test_what_is_no_pdf_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)
    assert refused(path).code == "not_pdf"


def test_a_damaged_file_is_refused_or_read_but_never_a_crash(tmp_path: Path) -> None:
    whole = saved(pdf_of("Fever was seen."), tmp_path).read_bytes()
    path = tmp_path / "paper.pdf"
    for cut in range(0, len(whole), 40):
        path.write_bytes(whole[:cut] + whole[cut + 25 :])
        try:
            assert isinstance(read_document(path).text, str)
        except FormatError as error:
            assert error.code in {"not_pdf", "pdf_no_text"}
