"""Documents out and in again: equal in everything that the format has a place for, and the rest is counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from taiyi.corpora import read_corpus
from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Section, Span
from taiyi.errors import Issue
from taiyi.formats import csv, iter_documents, losses, write_documents

SUFFIXES = (".json", ".jsonl", ".csv", ".zip", ".pubtator", ".bioc.json", ".xml")
WHOLE = (".json", ".jsonl", ".bioc.json", ".xml")  # nothing is lost

TITLE, ABSTRACT = "𠮷氏肺炎：1,2-二氯乙烷后", "患者无发热，左、右肺结节，考虑 İL-2 相关😀。"
TEXT = f"{TITLE}\n{ABSTRACT}"
FULL = Document(
    "a/1|x",
    "zh",
    TEXT,
    (
        Entity("T1", "疾病 名称", (Span(0, 4),), 0.9371, concepts=("MESH:D011014",)),
        Entity("T2", "化学物质", (Span(5, 13),), 0.5, concepts=("D1", "D2")),
        Entity("T3", "临床表现", (Span(19, 21),), 0.25, attributes=("negated",)),
        Entity("T4", "身体", (Span(22, 23), Span(25, 26)), 0.75),
        Entity("T5", "基因", (Span(32, 36),), match="normalised", attributes=("uncertain",)),
    ),
    (Relation("R1", "导致", "T2", "T1", 0.625), Relation("R2", "伴", "T4", "T3")),
    (Event("E1", "发现", (Span(26, 28),), (Argument("部位", (Span(24, 26),)), Argument("极性", value="肯定"))),),
    (Label("病例", 0.7),),
    "答：\n是",
    (Section("主诉", "发热"),),
)
PLAIN = Document("b", "en", "Tremor after lithium.", (Entity("T1", "Disease", (Span(0, 6),)),))
NOTHING_FOUND = Document("c", "en", "No items here.")
DOCUMENTS = (FULL, PLAIN, NOTHING_FOUND)


def again(documents: Iterable[Document], suffix: str, folder: Path) -> list[Document]:
    """Written as one file and read; a CSV, which has no texts, onto these."""
    read = list(documents)
    file = folder / f"all{suffix}"
    file.write_bytes(write_documents(read, suffix))
    if suffix == ".csv":
        return list(csv.annotated(file, [Document(d.id, d.lang, d.text) for d in read]))
    return list(iter_documents(file))


@pytest.mark.parametrize("suffix", (*WHOLE, ".csv"))
def test_everything_comes_back(suffix: str, tmp_path: Path) -> None:
    assert again(DOCUMENTS, suffix, tmp_path) == list(DOCUMENTS)


def test_brat_keeps_all_but_classes_answers_and_sections(tmp_path: Path) -> None:
    """Its documents are files, in the order of their names."""
    found = {document.id: document for document in again(DOCUMENTS, ".zip", tmp_path)}
    kept = replace(FULL, labels=(), answer=None, sections=())
    assert found == {"a/1|x": kept, "b": PLAIN, "c": NOTHING_FOUND}
    assert losses(DOCUMENTS, ".zip") == (Issue("not_carried", "labels: 1, sections: 1, answer: 1"),)


def test_pubtator_keeps_mentions_in_one_piece_their_identifiers_and_relations_between_these(tmp_path: Path) -> None:
    """Of four identifiers' pairs the first is written, (D1, MESH:D011014); the other relation's ends have none. The
    mention in two pieces goes, so ids are given anew."""
    found = again(DOCUMENTS, ".pubtator", tmp_path)
    entities = (
        Entity("T1", "疾病 名称", (Span(0, 4),), concepts=("MESH:D011014",)),
        Entity("T2", "化学物质", (Span(5, 13),), concepts=("D1", "D2")),
        Entity("T3", "临床表现", (Span(19, 21),)),
        Entity("T4", "基因", (Span(32, 36),)),
    )
    full = Document("a/1_x", "zh", TEXT, entities, (Relation("R1", "导致", "T2", "T1"),))
    assert found == [full, PLAIN, NOTHING_FOUND]
    assert losses(DOCUMENTS, ".pubtator") == (
        Issue(
            "not_carried",
            "entities: 1, relations: 1, events: 1, labels: 1, sections: 1, answer: 1, scores: 5, attributes: 2, "
            "normalised: 1",
        ),
    )


@pytest.mark.parametrize("suffix", WHOLE)
def test_a_format_that_keeps_everything_counts_no_loss(suffix: str) -> None:
    assert losses(DOCUMENTS, suffix) == ()


def test_a_spreadsheet_counts_the_texts_that_it_has_no_place_for() -> None:
    assert losses(DOCUMENTS, ".csv") == (Issue("not_carried", "texts: 3"),)


@pytest.mark.data
@pytest.mark.parametrize(("corpus", "split"), [("bc5cdr", "dev"), ("cmeee", "train"), ("chip_cdee", "train")])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_annotated_corpora_come_back_without_loss(
    corpus: str, split: str, suffix: str, data_dir: Path, tmp_path: Path
) -> None:
    """200 documents with everything that the format has a place for; an arbitrary line break is none to PubTator."""
    documents = [example.gold for example in islice(read_corpus(corpus, split, data_dir), 200)]
    if suffix == ".pubtator":
        documents = [d for d in documents if not losses([d], suffix)]
        assert len(documents) > (100 if corpus != "chip_cdee" else 0)
    found = {document.id: document for document in again(documents, suffix, tmp_path)}
    assert len(found) == len(documents)
    for document in documents:
        back = found[document.id]
        assert (back.text, back.entities, back.events) == (document.text, document.entities, document.events)
        if suffix != ".pubtator":
            assert back.relations == document.relations
