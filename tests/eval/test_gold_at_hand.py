"""What the sets take for gold, against the lines of the original files, read here without any of our readers."""

from __future__ import annotations

import json
import lzma
from collections import defaultdict
from pathlib import Path

import pytest

from eval.judging.counting import surface
from eval.sets import eval_set, read_set

Mentions = dict[str, set[tuple[str, str]]]


def text_of(path: Path) -> str:
    """The content of an .xz file."""
    return lzma.decompress(path.read_bytes()).decode("utf-8")


def lines_of(path: Path) -> list[list[str]]:
    """Its tab-separated lines."""
    return [line.split("\t") for line in text_of(path).splitlines()]


def gold(name: str, folder: Path) -> Mentions:
    """(text, type) of each example that has any."""
    found = {
        example.id: {(surface(example.gold.text_of(e.spans)), e.label) for e in example.gold.entities}
        for example in read_set(eval_set(name), "dev", folder)
    }
    return {id: mentions for id, mentions in found.items() if mentions}


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "file", "ours"),
    [
        ("bc5cdr-chem", "en/bc5cdr/CDR_DevelopmentSet.PubTator.txt.xz", {"Chemical": "Chemical"}),
        ("bc5cdr-dise", "en/bc5cdr/CDR_DevelopmentSet.PubTator.txt.xz", {"Disease": "Disease"}),
        (
            "ncbi-disease",
            "en/ncbi_disease/NCBIdevelopset_corpus.txt.xz",
            dict.fromkeys(("SpecificDisease", "Modifier", "DiseaseClass", "CompositeMention"), "Disease"),
        ),
        (
            "biored",
            "en/biored/Dev.PubTator.xz",
            {
                "ChemicalEntity": "Chemical",
                "DiseaseOrPhenotypicFeature": "Disease",
                "GeneOrGeneProduct": "Gene",
                "SequenceVariant": "Variant",
                "OrganismTaxon": "Species",
                "CellLine": "CellLine",
            },
        ),
    ],
)
def test_the_gold_of_abstracts_is_every_mention_line(
    name: str, file: str, ours: dict[str, str], data_dir: Path
) -> None:
    expected: Mentions = defaultdict(set)
    for cells in lines_of(data_dir / file):
        if len(cells) >= 6 and cells[4] in ours:
            expected[cells[0]].add((surface(cells[3]), ours[cells[4]]))
    assert gold(name, data_dir) == expected


@pytest.mark.data
def test_the_gold_of_chemical_disease_relations_is_every_pair_of_names_of_every_relation_line(data_dir: Path) -> None:
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    relations: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for cells in lines_of(data_dir / "en/bc5cdr/CDR_DevelopmentSet.PubTator.txt.xz"):
        if len(cells) >= 6:
            for concept in cells[5].split("|"):
                names[cells[0], concept].add(surface(cells[3]))
        elif len(cells) == 4 and cells[1] == "CID":
            relations[cells[0]].add((cells[2], cells[3]))
    for example in read_set(eval_set("bc5cdr-re"), "dev", data_dir):
        document = example.gold
        concepts = {(head, tail) for _, head, tail in document.meta.get("concept_relations", ())}
        assert concepts == relations[example.id]
        pairs = {
            tuple(surface(document.text_of(document.entity(id).spans)) for id in (r.head, r.tail))
            for r in document.relations
        }
        assert pairs == {
            (chemical, disease)
            for head, tail in relations[example.id]
            for chemical in names[example.id, head]
            for disease in names[example.id, tail]
        }


@pytest.mark.data
def test_the_gold_of_cmeee_is_every_entity_of_every_record(data_dir: Path) -> None:
    records = json.loads(text_of(data_dir / "zh/cmeee/CMeEE_train.json.xz"))
    codes = {"疾病": "dis", "临床表现": "sym", "医疗程序": "pro", "医疗设备": "equ", "药物": "dru"}
    codes |= {"医学检验项目": "ite", "身体": "bod", "科室": "dep", "微生物类": "mic"}
    for id, mentions in gold("cmeee", data_dir).items():
        entities = {(surface(e["entity"]), e["type"]) for e in records[int(id)]["entities"] if e["entity"]}
        assert {(text, codes[label]) for text, label in mentions} == entities
