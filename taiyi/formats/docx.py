"""Word files: text in, reports out."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from taiyi.document import Document
from taiyi.errors import FormatError
from taiyi.formats.words import words
from taiyi.language import detect_language

MAX_UNPACKED_BYTES = 200_000_000  # a zip of a few kilobytes can unpack to anything
OLE_MAGIC = b"\xd0\xcf\x11\xe0"  # old .doc files, and .docx files with a password
CELL_BREAK = "\t"
EAST_ASIAN_FONT = "SimSun"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRAPPERS = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo"})  # they hold paragraphs and tables
_WITHOUT_TEXT = frozenset({"del", "moveFrom", "Fallback", "pPr", "rPr"})  # deleted, moved away, said twice, or format
_CHARACTER_BY_TAG = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}


def read(path: Path) -> Iterator[Document]:
    """One document: a line for each paragraph, and for each row of a table with a tab between its cells.

    Insertions under review are read, deletions are not; headers, footers, notes and comments are left out.
    Raises FormatError where the file is no Word file.
    """
    text = "\n".join(_lines(_body(path)))
    yield Document(path.stem, detect_language(text), text)


def _body(path: Path) -> Any:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    content = path.read_bytes()
    if content.startswith(OLE_MAGIC):
        raise FormatError(
            f"{path.name} is an old Word file (.doc) or protected by a password. Save it as an open .docx file.",
            code="docx_protected",
            file=path.name,
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise ValueError("it unpacks to more than any text would")
        return docx.Document(io.BytesIO(content)).element.body
    except (zipfile.BadZipFile, OpcError, LxmlError, KeyError, ValueError, AttributeError) as error:
        raise FormatError(
            f"{path.name} is damaged or no Word file. Open it in Word and save it again as .docx, or paste the text.",
            code="not_docx",
            file=path.name,
        ) from error


def _tag(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _lines(parent: Any) -> Iterator[str]:
    for element in parent:
        tag = _tag(element)
        if tag == "p":
            yield "".join(_pieces(element))
        elif tag == "tbl":
            for row in _own(element, "tr"):
                yield CELL_BREAK.join(" ".join(_lines(cell)) for cell in _own(row, "tc"))
        elif tag in _WRAPPERS:
            yield from _lines(element)


def _own(parent: Any, tag: str) -> list[Any]:
    """The rows of a table or the cells of a row, also those inside content controls, without those of inner tables."""
    return [element for element in parent.iter(_NAMESPACE + tag) if next(element.iterancestors(parent.tag)) is parent]


def _pieces(parent: Any) -> Iterator[str]:
    for element in parent:
        tag = _tag(element)
        if tag == "t":
            yield element.text or ""
        elif tag in _CHARACTER_BY_TAG:
            yield _CHARACTER_BY_TAG[tag]
        elif tag == "p":  # of a text box
            yield "\n" + "".join(_pieces(element))
        elif tag not in _WITHOUT_TEXT:
            yield from _pieces(element)


def write(document: Document) -> bytes:
    """A report as a Word file: its id as the title, then `write_report`."""
    return write_report(document, document.id)


def write_report(document: Document, title: str) -> bytes:
    """The title, a heading and paragraphs for each section (or the answer where there are none), and the notice that
    a model wrote it, in the document's language."""
    import docx
    from docx.oxml.ns import qn

    file = docx.Document()
    file.core_properties.author = ""
    file.core_properties.comments = ""
    file.core_properties.title = _xml_text(title)[:255]
    normal = file.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    normal.set(qn("w:eastAsia"), EAST_ASIAN_FONT)
    file.add_heading(_xml_text(title), level=0)
    for section in document.sections:
        file.add_heading(_xml_text(section.name), level=1)
        for line in section.text.splitlines() or [""]:
            file.add_paragraph(_xml_text(line))
    for line in (document.answer or "").splitlines() if not document.sections else ():
        file.add_paragraph(_xml_text(line))
    file.add_paragraph().add_run(words("page", document.lang)["notice"]).italic = True
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _xml_text(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)
