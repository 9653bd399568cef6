"""PubTator: the blocks that NCBI writes and ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from taiyi.document import Document, Entity, Event, Relation, Span
from taiyi.errors import FormatError
from taiyi.formats.pubtator import lost, read, write, write_all

BLOCK = """\
12|t|Tremor after lithium.
12|a|A man took lithium (V600E).
12\t0\t6\tTremor\tDisease\tD014202
12\t13\t20\tlithium\tChemical\tD008094|D016651
12\t33\t40\tlithium\tChemical\tD008094
12\t42\t47\tV600E\tVariant\tp|SUB|V|600|E
12\tCID\tD008094\tD014202
12\tCID\tD008094\tD999
"""


def parsed(folder: Path, content: str) -> list[Document]:
    path = folder / "x.pubtator"
    path.write_text(content, encoding="utf-8")
    return list(read(path))


def test_a_block_is_a_document_with_identifiers_and_relations(tmp_path: Path) -> None:
    (document,) = parsed(tmp_path, BLOCK)
    assert (document.id, document.text) == ("12", "Tremor after lithium.\nA man took lithium (V600E).")
    assert [(document.text_of(e.spans), e.label, e.concepts) for e in document.entities] == [
        ("Tremor", "Disease", ("D014202",)),
        ("lithium", "Chemical", ("D008094", "D016651")),
        ("lithium", "Chemical", ("D008094",)),
        ("V600E", "Variant", ("p|SUB|V|600|E",)),
    ]
    assert document.relations == (Relation("R1", "CID", "T2", "T1"),)
    assert document.meta["concept_relations"] == (("CID", "D008094", "D014202"), ("CID", "D008094", "D999"))


def test_what_was_read_is_written_as_it_was(tmp_path: Path) -> None:
    (document,) = parsed(tmp_path, BLOCK)
    assert write(document).decode() == BLOCK + "\n"


def test_windows_line_ends_and_several_blank_lines_are_fine(tmp_path: Path) -> None:
    content = "\n\n1|t|A\n1|a|B\n\n\n2|t|C\n2|a|\n"
    path = tmp_path / "x.pubtator"
    path.write_bytes(content.replace("\n", "\r\n").encode())
    assert [(d.id, d.text) for d in read(path)] == [("1", "A\nB"), ("2", "C")]


@pytest.mark.parametrize("text", ["Fever.", "发热。\n咳嗽𠮷。", "a|t|b\nc\td"])
def test_texts_of_one_or_two_lines_come_back(text: str, tmp_path: Path) -> None:
    entity = Entity("T1", "x", (Span(0, 1),), concepts=("D1", "D2"))
    document = Document("7", "zh" if "发" in text else "en", text, (entity,))
    assert parsed(tmp_path, write(document).decode()) == [
        Document("7", document.lang, text.replace("\t", " "), (entity,))
    ]


def test_further_line_breaks_become_spaces_and_every_place_stays(tmp_path: Path) -> None:
    document = Document("7", "en", "A\nB\r\nC", (Entity("T1", "x", (Span(5, 6),)),))
    (read_back,) = parsed(tmp_path, write(document).decode())
    assert (read_back.text, read_back.entities) == ("A\nB  C", document.entities)
    assert lost(document)["line_breaks"] == 2


def test_what_has_no_place_is_left_out_and_counted() -> None:
    entities = (
        Entity("T1", "x", (Span(0, 1),), 0.5, attributes=("negated",)),
        Entity("T2", "x", (Span(0, 1), Span(2, 3))),
    )
    document = Document(
        "7", "en", "a b c", entities, (Relation("R1", "r", "T1", "T2", 0.25),), (Event("E1", "e", (Span(0, 1),)),)
    )
    assert write(document) == b"7|t|a b c\n7|a|\n7\t0\t1\ta\tx\t-\n\n"
    assert {part: n for part, n in lost(document).items() if n} == {
        "entities": 1, "relations": 1, "events": 1, "scores": 2, "attributes": 1,
    }  # fmt: skip


def test_several_documents_are_parted_by_a_blank_line(tmp_path: Path) -> None:
    documents = [Document("1", "en", "A"), Document("2", "en", "B\nC")]
    assert parsed(tmp_path, write_all(documents).decode()) == documents


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("12\t0\t6\tTremor\tDisease\tD1\n", r"x.pubtator:1: .*begins with"),
        ("1|t|Fever.\n1|a|\n1\t0\t4\tFever\tDisease\tD1\n", r":3: at 0-4 stands 'Feve', not 'Fever'"),
        ("1|t|Fever.\n1|a|\n1\t0\t40\tFever\tDisease\tD1\n", r":3: at 0-40 stands"),
        ("1|t|Fever.\nx y\n", r":2: a line needs"),
    ],
)
def test_a_wrong_line_is_named(content: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=words):
        parsed(tmp_path, content)
