"""DDI 2013 and DrugComb: relations between mentions, not concepts."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from taiyi.corpora import read_corpus
from taiyi.document import Document, Span
from taiyi.errors import FormatError

FIXTURES = Path(__file__).parents[3] / "data" / "corpora"
ZINC = Path("DDICorpus", "Train", "DrugBank", "Zinc_ddi.xml")


def related(gold: Document) -> list[tuple[str, str, str]]:
    surface = {entity.id: gold.text_of(entity.spans) for entity in gold.entities}
    return [(relation.label, surface[relation.head], surface[relation.tail]) for relation in gold.relations]


def test_offsets_of_the_ddi_corpus_name_the_last_character_and_pieces_are_spans() -> None:
    """The pair that has no type is an `int`; the sentence of a blank is left out."""
    (example,) = read_corpus("ddi13", "train", FIXTURES)
    gold = example.gold
    assert example.id == "DDI-DrugBank.d9.s0"
    assert gold.entities[0].spans == (Span(0, 4), Span(17, 26))
    assert related(gold) == [("mechanism", "Loop diuretics", "zinc"), ("int", "thiazide diuretics", "zinc")]
    assert {entity.concepts for entity in gold.entities} == {()}


def test_the_entities_of_the_ddi_corpus_keep_their_four_types() -> None:
    (example,) = read_corpus("ddi13_entities", "train", FIXTURES)
    assert [entity.label for entity in example.gold.entities] == ["group", "group", "drug", "brand"]
    assert example.gold.relations == ()


def test_a_packed_corpus_gives_what_its_folder_gives(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "DDICorpus.tar.xz", "w:xz") as archive:
        archive.add(FIXTURES / "ddi13" / "DDICorpus", "DDICorpus")
    shutil.make_archive(str(tmp_path / "zipped" / "DDICorpus"), "zip", FIXTURES / "ddi13")
    in_folder = list(read_corpus("ddi13", "train", FIXTURES))
    assert list(read_corpus("ddi13", "train", tmp_path)) == in_folder
    assert list(read_corpus("ddi13", "train", tmp_path / "zipped")) == in_folder


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('e1="DDI-DrugBank.d9.s0.e0"', 'e1="DDI-DrugBank.d9.s0.e8"', "names the mention 'DDI-DrugBank.d9.s0.e8'"),
        ('charOffset="33-36"', 'charOffset="33"', "the record has not the shape"),
        ('type="mechanism"', 'type="cause"', "the type 'cause' is not one of ddi13"),
        ("</document>", "", "this is no XML"),
    ],
)
def test_what_is_wrong_in_a_sentence_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "ddi13", tmp_path, dirs_exist_ok=True)
    file = tmp_path / ZINC
    whole = file.read_text(encoding="utf-8")
    assert old in whole
    file.write_text(whole.replace(old, new), encoding="utf-8")
    with pytest.raises(FormatError) as raised:
        list(read_corpus("ddi13", "train", tmp_path))
    assert said in str(raised.value)
    assert "Zinc_ddi.xml" in str(raised.value)


def test_a_folder_without_the_members_of_a_split_is_not_an_empty_corpus(tmp_path: Path) -> None:
    (tmp_path / "DDICorpus").mkdir()
    with pytest.raises(FormatError, match=r"has no files \*Train/\*\.xml"):
        list(read_corpus("ddi13", "train", tmp_path))


def test_a_combination_is_every_pair_of_its_drugs_and_whole() -> None:
    first, second = (example.gold for example in read_corpus("drugcomb", "train", FIXTURES))
    assert related(first) == [
        ("positive combination", "Zinc", "aspirin"),
        ("positive combination", "Zinc", "heparin"),
        ("positive combination", "aspirin", "heparin"),
        ("other combination", "aspirin", "heparin"),
    ]
    assert first.meta["combinations"] == (
        ("positive combination", ("Zinc", "aspirin", "heparin")),
        ("other combination", ("aspirin", "heparin")),
    )
    assert (second.id, second.relations, len(second.entities)) == ("d2", (), 1)


def test_a_combination_of_an_unknown_drug_is_an_error_with_its_line(tmp_path: Path) -> None:
    whole = (FIXTURES / "drugcomb" / "final_train_set.jsonl").read_text(encoding="utf-8")
    record = json.loads(whole.splitlines()[1]) | {"rels": [{"class": "POS", "spans": [0, 7]}]}
    (tmp_path / "final_train_set.jsonl").write_text("\n" + json.dumps(record) + "\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"final_train_set\.jsonl:2: the relation names the mention '7'"):
        list(read_corpus("drugcomb", "train", tmp_path))


@pytest.mark.data
def test_the_real_interactions_have_their_published_numbers(data_dir: Path) -> None:
    """Effect 1,687, advise 826, mechanism 1,319, int 188 and the one without a type."""
    relations = [r.label for example in read_corpus("ddi13", "train", data_dir) for r in example.gold.relations]
    assert {label: relations.count(label) for label in set(relations)} == {
        "effect": 1687,
        "advise": 826,
        "mechanism": 1319,
        "int": 189,
    }
    combinations = [
        c for example in read_corpus("drugcomb", "train", data_dir) for c in example.gold.meta["combinations"]
    ]
    assert sum(label == "positive combination" for label, _ in combinations) == 688
    assert len(combinations) == 688 + 235 + 116
