"""Standoff annotations: mentions, relations, events and chains of one document, whole and corrupt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import read_corpus
from taiyi.corpora.formats.brat import read_together
from taiyi.document import Argument, Document, Span
from taiyi.errors import FormatError
from taiyi.tasks.base import Example
from taiyi.tasks.coreference import chains

Put = Callable[..., Path]

TEXT = "IL-2 expression 𠮷 and IL-4 phosphorylation were reduced."
MENTIONS = "T1\tProtein 0 4\tIL-2\nT2\tProtein 22 26\tIL-4\n*\tEquiv T1 T2\n"
TRIGGERS = (
    "T3\tGene_expression 5 15\texpression\n"
    "T4\tPhosphorylation 27 42\tphosphorylation\n"
    "T5\tNegative_regulation 48 55\treduced\n"
    "E1\tGene_expression:T3 Theme:T1\n"
    "E2\tPhosphorylation:T4 Theme:T2 \n"
    "E3\tNegative_regulation:T5 Theme:E1\n"
    "E4\tNegative_regulation:T5 Theme:E2 Cause2:T1\n"
    "M1\tNegation E4\n"
)
ENTITIES = {"name": "made", "lang": "en", "task": "entities", "labels": {"Protein": "Gene"}, "others": "skip"}
EVENTS = {
    "name": "made",
    "lang": "en",
    "task": "events",
    "labels": {"Gene_expression": "Gene expression", "Negative_regulation": "Negative regulation"},
    "roles": {"Theme": "Theme", "Cause": "Cause"},
}
CHAINS = {"name": "made", "lang": "en", "task": "coreference", "anaphora": "Coreference"}


def one(row: dict[str, Any], **files: str) -> Example:
    (example,) = read_together({f"deep/PMID-7.{end}": text for end, text in files.items()}, row)
    return example


def mentions(gold: Document) -> Iterator[tuple[str, str]]:
    return ((entity.label, gold.text_of(entity.spans)) for entity in gold.entities)


def test_mentions_are_read_from_either_kind_of_file_under_the_name_of_the_document() -> None:
    both = [one(ENTITIES, txt=TEXT, ann=MENTIONS), one(ENTITIES, txt=TEXT, a1=MENTIONS, a2=TRIGGERS)]
    for example in both:
        assert example.id == "PMID-7"
        assert list(mentions(example.gold)) == [("Gene", "IL-2"), ("Gene", "IL-4")]
        assert all(entity.concepts == () for entity in example.gold.entities)


def test_a_discontinuous_mention_has_its_pieces() -> None:
    example = one(ENTITIES, txt=TEXT, ann="T1\tProtein 0 4;22 26\tIL-2 IL-4\r\n")
    assert [entity.spans for entity in example.gold.entities] == [(Span(0, 4), Span(22, 26))]


def test_relations_join_mentions_by_id() -> None:
    row = ENTITIES | {"task": "relations", "labels": {"Binds": "Bind"}, "entities": {"Protein": "Gene"}}
    gold = one(row, txt=TEXT, a1=MENTIONS, rel="R1\tBinds Arg1:T2 Arg2:T1\n").gold
    (relation,) = gold.relations
    sides = [gold.text_of(gold.entity(end).spans) for end in (relation.head, relation.tail)]
    assert (relation.label, sides) == ("Bind", ["IL-4", "IL-2"])


def test_a_row_of_causal_relations_asks_for_causes() -> None:
    row = ENTITIES | {"task": "causality", "labels": {"Causes": "Cause"}, "entities": {"Protein": "Gene"}}
    example = one(row, txt=TEXT, a1=MENTIONS, rel="R1\tCauses Arg1:T2 Arg2:T1\n")
    assert (example.request.task, example.request.labels) == ("causality", ("Cause",))
    assert [relation.label for relation in example.gold.relations] == ["Cause"]


def test_mentions_of_one_thing_are_a_chain_and_an_anaphor_goes_to_its_one_antecedent() -> None:
    """T3 stands for T1; T4 stands for T1 and T2 together, which is neither of them."""
    anaphora = "R1\tCoreference Subject:T3 Object:T1\n"
    anaphora += "".join(f"R{n}\tCoreference Subject:T4 Object:T{n - 1}\n" for n in (2, 3))
    example = one(CHAINS, txt=TEXT, a1=MENTIONS, a2=TRIGGERS + anaphora + "*\tEquiv T3 T5\n")
    (chain,) = chains(example.gold)
    assert [example.gold.text_of(entity.spans) for entity in chain] == ["IL-2", "expression", "IL-4", "reduced"]
    assert {entity.label for entity in chain} == {""}


def test_a_text_without_chains_is_an_example_too() -> None:
    assert one(CHAINS, txt=TEXT, a1="T1\tProtein 0 4\tIL-2\n").gold.relations == ()


def test_an_event_has_its_trigger_and_fillers_and_stands_for_itself_by_its_trigger() -> None:
    """Phosphorylation is not asked for, but its trigger fills a role of E4; the 2 of Cause2 is no part of the role."""
    gold = one(EVENTS, txt=TEXT, a1=MENTIONS, a2=TRIGGERS).gold
    expression, of_phosphorylation, of_expression = gold.events
    assert (expression.label, gold.text_of(expression.trigger)) == ("Gene expression", "expression")
    assert expression.arguments == (Argument("Theme", (Span(0, 4),)),)
    assert of_phosphorylation.arguments == (Argument("Cause", (Span(0, 4),)), Argument("Theme", (Span(27, 42),)))
    assert of_expression.arguments == (Argument("Theme", (Span(5, 15),)),)


def test_events_that_differ_in_nothing_read_are_one() -> None:
    gold = one(EVENTS, txt=TEXT, a1=MENTIONS, a2=TRIGGERS + "E5\tGene_expression:T3 Theme:T1\nM2\tNegation E5\n").gold
    assert len(gold.events) == 3


def test_files_without_annotations_are_no_documents() -> None:
    assert list(read_together({"README.txt": "Read me.", "a/1.txt": TEXT, "a/1.ann": ""}, ENTITIES)) != []
    assert list(read_together({"README.txt": "Read me."}, ENTITIES)) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("T9\tProtein 0 4\tIL-4\n", "T9: the place 0-4 reads 'IL-2', the annotation says 'IL-4'"),
        ("T9\tProtein 0 400\tIL-2\n", "T9: the place 0-400 is outside the text of 56 characters"),
        ("T9\tProtein 0\tIL-2\n", "T9: the record has not the shape"),
        ("T9\tProtein 0 4\n", "T9: the record has not the shape"),
        ("E9\tGene_expression:T3 Theme:T99\n", "E9: this names 'T99', which is not there"),
        ("*\tEquiv T1 T99\n", "T1-T99: this names 'T99', which is not there"),
    ],
)
def test_a_corrupt_annotation_is_named_with_its_document(line: str, said: str) -> None:
    row = {"E": EVENTS, "*": CHAINS}.get(line[0], ENTITIES)
    with pytest.raises(FormatError, match=r"deep/PMID-7\.txt, ") as raised:
        one(row, txt=TEXT, a1=MENTIONS, a2=TRIGGERS + line)
    assert said in str(raised.value)


def test_a_row_reads_its_part_of_the_release(put: Put) -> None:
    for part in ("train", "devel"):
        for end, text in (("txt", TEXT), ("a1", MENTIONS), ("a2", TRIGGERS)):
            folder = put(f"bionlp-st-2011-ge_train_devel/{part}/{part}-1.{end}", text)
    put("bionlp-st-2011-ge_train_devel/train/README", "Nothing to read.")
    assert [example.id for example in read_corpus("bionlp_st_2011_ge", "dev", folder)] == ["devel-1"]
    (example,) = read_corpus("bionlp_st_2011_ge", "train", folder)
    assert len(example.gold.events) == 4


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "n", "n_mentions", "n_relations"),
    [
        ("jnlpba", 2000, 51301, 0),
        ("bionlp_st_2011_rel", 800, 17560, 1857),
        ("bionlp_st_2013_ge_coreference", 222, 234, 125),
    ],
)
def test_the_real_corpora_are_read_whole(data_dir: Path, name: str, n: int, n_mentions: int, n_relations: int) -> None:
    """JNLPBA: 30,269 proteins, 9,533 DNA, 6,718 cell types, 3,830 cell lines and 951 RNA. BioNLP 2013: 53 groups of 114
    mentions make 61 relations, and 64 anaphors have one antecedent."""
    gold = [example.gold for example in read_corpus(name, "train", data_dir)]
    assert len(gold) == n
    assert sum(len(document.entities) for document in gold) == n_mentions
    assert sum(len(document.relations) for document in gold) == n_relations
