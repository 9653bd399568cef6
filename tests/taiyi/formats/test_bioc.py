"""BioC in both its forms: everything comes back, and NCBI's own files are understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Section, Span
from taiyi.errors import FormatError
from taiyi.formats import read_document, write_document

TEXT = "İL-2与1,2-二氯乙烷𠮷\r\n发热 <&>"
FULL = Document(
    "病例 1",
    "zh",
    TEXT,
    (
        Entity("T1", "基因", (Span(0, 4),), 0.25, "normalised", ("D1", "D2"), ("negated", "uncertain")),
        Entity("P1", "化学", (Span(5, 8), Span(9, 13)), concepts=("c|DEL||32", "7")),
    ),
    (Relation("R1", "与", "T1", "P1", 0.5), Relation("R2", "与", "P1", "T1")),
    (
        Event("E1", "发热", (Span(16, 18),), (Argument("因", (Span(0, 4),)), Argument("状态", value="肯定")), 1.0),
        Event("E2", "x", (), (Argument("trigger", (Span(0, 4),)),)),
    ),
    (Label("a", 0.125), Label("b")),
    "答",
    (Section("主诉", "发热\n"),),
)
SUFFIXES = (".bioc.json", ".xml")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_part_comes_back(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"x{suffix}"
    file.write_bytes(write_document(FULL, suffix))
    assert read_document(file) == FULL


def test_the_xml_is_that_of_the_dtd() -> None:
    document = Document("7", "en", "No fever.", (Entity("T1", "Sign", (Span(3, 8),), attributes=("negated",)),))
    assert write_document(document, ".xml").decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<!DOCTYPE collection SYSTEM "BioC.dtd">\n'
        "<collection><source>Taiyi</source><date /><key />"
        '<document><id>7</id><infon key="language">en</infon><passage><offset>0</offset><text>No fever.</text>'
        '<annotation id="T1"><infon key="type">Sign</infon><infon key="attributes">negated</infon>'
        '<location offset="3" length="5" /><text>fever</text></annotation></passage></document></collection>\n'
    )


def ncbi(**changes: Any) -> dict[str, Any]:
    """A collection as NCBI's services write it: two passages, identifiers, relations between them."""
    annotations = [
        {
            "id": "0",
            "infons": {"identifier": "D1", "type": "Chemical"},
            "text": "lithium",
            "locations": [{"offset": 0, "length": 7}],
        },
        {
            "id": "1",
            "infons": {"MESH": "D2", "type": "Disease"},
            "text": "tremor",
            "locations": [{"offset": 12, "length": 6}],
        },
    ]
    return {
        "source": "PubTator",
        "documents": [
            {
                "id": "12",
                "passages": [
                    {"offset": 0, "text": "lithium.", "annotations": annotations[:1]},
                    {"offset": 10, "sentences": [{"offset": 10, "text": "A tremor.", "annotations": annotations[1:]}]},
                ],
                "relations": [{"id": "R0", "infons": {"type": "CID", "entity1": "D1", "entity2": "D2"}}],
                **changes,
            }
        ],
    }


def parsed(folder: Path, content: object) -> Document:
    file = folder / "x.bioc.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return read_document(file)


def test_passages_and_sentences_stand_at_their_offsets(tmp_path: Path) -> None:
    document = parsed(tmp_path, ncbi())
    assert document.text == "lithium.\n\nA tremor."
    assert [(e.id, document.text_of(e.spans), e.concepts) for e in document.entities] == [
        ("0", "lithium", ("D1",)),
        ("1", "tremor", ("D2",)),
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_relations_between_identifiers_join_the_first_mentions_and_come_back(suffix: str, tmp_path: Path) -> None:
    document = parsed(tmp_path, ncbi())
    assert document.relations == (Relation("C1", "CID", "0", "1"),)
    file = tmp_path / f"y{suffix}"
    file.write_bytes(write_document(document, suffix))
    again = read_document(file)
    assert (again, again.meta) == (document, {"concept_relations": (("CID", "D1", "D2"),)})


def test_a_relation_of_three_places_is_an_event_without_a_trigger(tmp_path: Path) -> None:
    nodes = [{"refid": "0", "role": "Drug"}, {"refid": "1", "role": "Effect"}, {"refid": "0", "role": "Again"}]
    document = parsed(tmp_path, ncbi(relations=[{"infons": {"type": "x"}, "nodes": nodes}]))
    (event,) = document.events
    assert (event.label, event.trigger, [a.role for a in event.arguments]) == ("x", (), ["Drug", "Effect", "Again"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "BioC"),
        ({"documents": [{"id": "1"}]}, "'passages' is missing"),
        ({"documents": [{"id": "1", "passages": [{"offset": 0, "text": "ab"}, {"offset": 1, "text": "c"}]}]}, "within"),
        (ncbi(relations=[{"infons": {}, "nodes": [{"refid": "9", "role": ""}]}]), "'9' is missing"),
    ],
)
def test_what_is_no_collection_is_refused(content: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=words) as raised:
        parsed(tmp_path, content)
    assert raised.value.code == "not_bioc"


def test_an_annotation_that_says_other_characters_is_refused(tmp_path: Path) -> None:
    content = ncbi()
    content["documents"][0]["passages"][0]["annotations"][0]["text"] = "lithia"
    with pytest.raises(FormatError, match="stands 'lithium', not 'lithia'"):
        parsed(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        "<collection>",
        "<html></html>",
        '<!DOCTYPE x [<!ENTITY a "b">]><collection></collection>',
        "<collection><document><id>1</id><passage><offset>x</offset><text>a</text></passage></document></collection>",
    ],
)
def test_xml_that_is_no_collection_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError) as raised:
        read_document(file)
    assert raised.value.code == "not_bioc"


def test_control_characters_are_replaced_so_that_places_stay(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_bytes(write_document(Document("7", "en", "a\x00b", (Entity("T1", "x", (Span(2, 3),)),)), ".xml"))
    document = read_document(file)
    assert (document.text, document.text_of(document.entities[0].spans)) == ("a\ufffdb", "b")
