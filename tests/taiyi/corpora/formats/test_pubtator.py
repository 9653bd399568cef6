"""PubTator, as BC5CDR, NCBI and BioRED use it, and what may be wrong in such a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import corpus_row, read_corpus
from taiyi.corpora.files import CorruptError
from taiyi.corpora.formats.pubtator import read
from taiyi.document import Document
from taiyi.tasks.base import Example

FIXTURES = Path(__file__).parents[3] / "data" / "corpora"
ROW: dict[str, Any] = {"name": "made", "lang": "en", "labels": {"Chemical": "Chemical"}}
DOCUMENT = "7|t|Zinc\n7|a|Zinc and iron.\n"


def golds(name: str) -> list[Document]:
    return [example.gold for example in read_corpus(name, "train", FIXTURES)]


def mentions(document: Document) -> list[tuple[str, str]]:
    return [(entity.label, document.text_of(entity.spans)) for entity in document.entities]


def made(*lines: str, **keys: Any) -> list[Example]:
    return list(read(DOCUMENT + "\n".join(lines) + "\n", {**ROW, **keys}))


def test_offsets_count_from_the_title() -> None:
    """A composite mention (seven columns) is one mention; 𠮷 is one character; the document that comes twice, once
    with CRLF, is read once."""
    first, second = golds("bc5cdr")
    assert mentions(first) == [
        ("Chemical", "Zinc"),
        ("Disease", "nausea"),
        ("Chemical", "1,2-dichloroethane"),
        ("Disease", "Nausea"),
        ("Disease", "nausea and vomiting"),
    ]
    assert [entity.concepts for entity in first.entities] == [
        ("D015032",),
        ("D009325",),
        (),
        ("D009325",),
        ("D009325", "D014839"),
    ]
    assert (second.id, second.text.strip(), second.entities) == ("1002", "A title alone", ())


def test_a_relation_between_concepts_is_every_pair_of_their_surfaces() -> None:
    """Nausea has three surfaces: "nausea", "Nausea", and in the composite mention "nausea and vomiting"."""
    example = next(read_corpus("bc5cdr_cid", "train", FIXTURES))
    gold = example.gold
    assert example.request.labels == ("chemical-induced disease",)
    assert gold.meta["concept_relations"] == (("chemical-induced disease", "D015032", "D009325"),)
    pairs = [(gold.text_of(gold.entity(r.head).spans), gold.text_of(gold.entity(r.tail).spans)) for r in gold.relations]
    assert pairs == [("Zinc", "nausea"), ("Zinc", "Nausea"), ("Zinc", "nausea and vomiting")]


def test_a_surface_that_comes_twice_is_related_once_by_its_first_mention() -> None:
    """TNFA stands twice, in TNFA/B it is one of two; aspirin has no concept, so that its relation has no pair."""
    gold = golds("biored_relations")[0]
    pairs = [
        (r.label, gold.text_of(gold.entity(r.head).spans), gold.entity(r.head).start, gold.entity(r.tail).start)
        for r in gold.relations
    ]
    assert pairs == [
        ("association", "c.12A>G", 25, 17),
        ("positive correlation", "TNFA", 0, 17),
        ("positive correlation", "TNFA/B", 66, 17),
    ]
    assert gold.meta["concept_relations"][2] == ("bind", "7124", "D001241")
    assert [entity.concepts for entity in gold.entities if entity.label == "Variant"] == [("c|SUB|A|12+1|G",)]


def test_ncbi_begins_empty_breaks_lines_loses_quotes_and_says_a_document_twice() -> None:
    first, second = golds("ncbi_disease")
    assert mentions(first) == [("Disease", '"mild" and severe pox'), ("Disease", "Pox"), ("Disease", "X-linked")]
    assert first.text.endswith("families.\nPox is X-linked.")
    assert [entity.concepts for entity in first.entities] == [
        ("D000001", "D000002"),
        ("OMIM:900001", "D000002"),
        ("D000003",),
    ]
    assert (second.id, mentions(second)) == ("2002", [("Disease", "pox")])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("7\t0\t4\tZinc\tChemical", "5 columns; a mention has 6 or 7"),
        ("7\t0\tfour\tZinc\tChemical\tD1", "a mention has 6 or 7"),
        ("7\t0\t4\tIron\tChemical\tD1", "0-4 reads 'Zinc', the annotation says 'Iron'"),
        ("7\t0\t3\tZinc\tChemical\tD1", "0-3 reads 'Zin', the annotation says 'Zinc'"),
        ("7\t90\t94\tZinc\tChemical\tD1", "90-94 is outside the text of 19 characters"),
        ("7\t4\t0\tZinc\tChemical\tD1", "4-0 is outside the text"),
        ("7\t0\t4\tZinc\tDrug\tD1", "the type 'Drug' is not one of made: Chemical"),
        ("8\t0\t4\tZinc\tChemical\tD1", "the line is of '8', but stands in the document 7"),
        ("7\tCID", "2 columns; a mention has 6 or 7, a relation 4 or 5"),
        ("\n7\t0\t4\tZinc\tChemical\tD1", "a document begins with PMID|t|title"),
    ],
)
def test_a_wrong_line_is_an_error_that_names_it(line: str, said: str) -> None:
    with pytest.raises(CorruptError) as raised:
        made(line)
    assert said in str(raised.value)
    assert raised.value.place == 3 + line.count("\n")


def test_a_row_may_leave_misplaced_mentions_and_other_types_out() -> None:
    lines = ("7\t0\t4\tIron\tChemical\tD1", "7\t0\t4\tZinc\tDrug\tD1", "7\t5\t9\tZinc\tChemical")
    (example,) = made(*lines, misplaced="skip", others="skip", identifiers="optional")
    assert [(e.start, e.end) for e in example.gold.entities] == [(5, 9)]


def test_a_relation_of_an_unknown_type_is_an_error() -> None:
    row = {**corpus_row("bc5cdr_cid")}
    with pytest.raises(CorruptError, match="'CIDD' is not one of bc5cdr_cid: CID"):
        list(read(DOCUMENT + "7\tCIDD\tD1\tD2\n", row))


def test_documents_need_no_blank_line_between_them() -> None:
    both = list(read(DOCUMENT + DOCUMENT.replace("7|", "8|"), ROW))
    assert [(example.id, example.gold.text) for example in both] == [
        ("7", "Zinc\nZinc and iron."),
        ("8", "Zinc\nZinc and iron."),
    ]


@pytest.mark.parametrize("rest", ["", "\n9|t|Iron\n9|a|\n", "7\t0\t4\tZinc\tChemical\tD1\n"])
def test_a_title_without_an_abstract_is_half_a_document(rest: str) -> None:
    """An abstract may be empty, but its line is there; a file cut short ends anywhere."""
    with pytest.raises(CorruptError, match=r"the document 8 has a title, but no line 8\|a\|abstract") as raised:
        list(read(f"{DOCUMENT}\n8|t|Zinc\n{rest}".replace("7\t", "8\t"), ROW))
    assert raised.value.place == 4
