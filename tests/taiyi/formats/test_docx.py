"""Word files: everything a reader of the page reads comes in, reports go out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from taiyi.document import Document, Section
from taiyi.errors import FormatError
from taiyi.formats import docx as docx_format
from taiyi.formats import read_document

REPORT = Document(
    "报告", "zh", "对话", sections=(Section("主诉", "发热三天。\n咳嗽两天。"), Section("诊断", "肺炎\x07 <待查>"))
)


def saved(file: docx.document.Document, folder: Path) -> Path:
    path = folder / "case.docx"
    file.save(str(path))
    return path


def test_paragraphs_and_tables_come_in_the_order_of_the_page(tmp_path: Path) -> None:
    file = docx.Document()
    file.add_paragraph("主诉：ＣＯＸ－２\t𠮷😀")
    table = file.add_table(rows=2, cols=2)
    for cell, text in zip((c for row in table.rows for c in row.cells), ("项目", "结果", "血糖", "7.8"), strict=True):
        cell.text = text
    table.cell(1, 1).add_table(rows=1, cols=1).cell(0, 0).text = "复查"
    file.add_paragraph("After the table")
    text = read_document(saved(file, tmp_path)).text
    assert text.split("\n") == ["主诉：ＣＯＸ－２\t𠮷😀", "项目\t结果", "血糖\t7.8 复查 ", "After the table"]


def test_merged_cells_are_read_once(tmp_path: Path) -> None:
    file = docx.Document()
    table = file.add_table(rows=1, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "诊断"
    table.cell(0, 2).text = "肺炎"
    assert read_document(saved(file, tmp_path)).text == "诊断\t肺炎"


def test_content_controls_links_and_insertions_are_read_and_deletions_are_not(tmp_path: Path) -> None:
    file = docx.Document()
    body = file.element.body
    body.insert(
        0,
        parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>姓名</w:t></w:r></w:p></w:sdtContent></w:sdt>"),
    )
    body.insert(
        1,
        parse_xml(
            f"<w:p {nsdecls('w')}><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink>"
            "<w:ins><w:r><w:t> new</w:t></w:r></w:ins><w:del><w:r><w:delText> old</w:delText></w:r></w:del>"
            "<w:r><w:br/><w:t>IL</w:t><w:noBreakHyphen/><w:t>2</w:t></w:r></w:p>"
        ),
    )
    assert read_document(saved(file, tmp_path)).text == "姓名\nlink new\nIL‑2"


def test_a_file_without_text_is_an_empty_text(tmp_path: Path) -> None:
    assert read_document(saved(docx.Document(), tmp_path)).text == ""


def archive(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_docx"),
        (b"plain text", "not_docx"),
        (b"PK\x03\x04 broken", "not_docx"),
        (archive(a="b"), "not_docx"),
        (archive(**{"[Content_Types].xml": "<broken"}), "not_docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "docx_protected"),
    ],
    ids=["empty", "text", "broken", "another archive", "broken inside", "old or protected"],
)
def test_what_is_no_word_file_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "case.docx"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"case\.docx") as raised:
        read_document(path)
    assert raised.value.code == code


def test_a_cut_off_word_file_is_refused(tmp_path: Path) -> None:
    path = saved(docx.Document(), tmp_path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(FormatError) as raised:
        read_document(path)
    assert raised.value.code == "not_docx"


def test_a_report_has_a_heading_and_paragraphs_for_each_section() -> None:
    file = docx.Document(io.BytesIO(docx_format.write_report(REPORT, "就诊报告")))
    paragraphs = [(p.style.name, p.text) for p in file.paragraphs]
    assert paragraphs[:5] == [
        ("Title", "就诊报告"),
        ("Heading 1", "主诉"),
        ("Normal", "发热三天。"),
        ("Normal", "咳嗽两天。"),
        ("Heading 1", "诊断"),
    ]
    assert paragraphs[5][1] == "肺炎\ufffd <待查>"  # XML cannot hold a control character
    assert "不构成医疗建议" in paragraphs[6][1]
    assert file.core_properties.author == ""


def test_an_answer_without_sections_is_written_as_paragraphs() -> None:
    file = docx.Document(io.BytesIO(docx_format.write(Document("d", "en", "t", answer="One.\nTwo."))))
    assert [p.text for p in file.paragraphs][1:3] == ["One.", "Two."]
