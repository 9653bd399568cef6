"""CMeIE: triples by name, those with a place and those without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import corpus_row, read_corpus
from taiyi.corpora.formats.cmeie import load_schemas
from taiyi.errors import FormatError

Put = Callable[..., Path]
TEXT = "流感@流感（influenza）可引起发热，发热多在三天内。治疗用1,2-某药。"


def triple(predicate: str, head: str, tail: str, kinds: tuple[str, str] = ("疾病", "疾病")) -> dict[str, Any]:
    return {
        "Combined": True,
        "predicate": predicate,
        "subject": head,
        "subject_type": kinds[0],
        "object": {"@value": tail},
        "object_type": {"@value": kinds[1]},
    }


def test_the_schemas_are_53_of_44_predicates() -> None:
    """CBLUE: 53 schemas; 同义词 holds between ten pairs of types, every other predicate between one."""
    schemas = load_schemas("cmeie_schemas.tsv")
    assert len(set(schemas)) == 53
    assert len({schema.predicate for schema in schemas}) == 44
    assert sum(schema.predicate == "同义词" for schema in schemas) == 10


@pytest.mark.parametrize(
    ("name", "file"),
    [("cmeie", "CMeIE_dev.json"), ("cmeie", "CMeIE_dev.jsonl"), ("cmeie_v2", "CMeIE-V2_dev.jsonl")],
)
def test_each_name_is_put_where_it_first_stands_with_its_type(put: Put, name: str, file: str) -> None:
    spo = [
        triple("临床表现", "流感", "发热", ("疾病", "症状")),
        triple("药物治疗", "流感", "1,2-某药", ("疾病", "药物")),
    ]
    folder = put(file, [{"text": TEXT, "spo_list": spo}], lines=True)
    (example,) = read_corpus(name, "dev", folder)
    gold = example.gold
    assert example.id == "0"
    assert [(e.label, e.start, gold.text_of(e.spans)) for e in gold.entities] == [
        ("疾病", 0, "流感"),
        ("症状", 19, "发热"),
        ("药物", 33, "1,2-某药"),
    ]
    assert [(r.label, r.head, r.tail) for r in gold.relations] == [("临床表现", "T1", "T2"), ("药物治疗", "T1", "T3")]
    assert "unplaced_relations" not in gold.meta
    assert len(example.request.labels) == 44


def test_a_triple_of_which_a_name_is_not_in_the_text_stays_gold_without_a_place(put: Put) -> None:
    spo = [
        triple("同义词", "流感", "Influenza"),
        triple("同义词", "流感", "influenza"),
        triple("同义词", "流感", "Influenza"),
        triple("同义词", "流感", ""),
    ]
    folder = put("CMeIE_dev.json", [{"text": TEXT, "spo_list": spo}], lines=True)
    (example,) = read_corpus("cmeie", "dev", folder)
    assert len(example.gold.relations) == 1
    assert example.gold.meta["unplaced_relations"] == (("同义词", "流感", "Influenza"), ("同义词", "流感", ""))


def test_the_same_triple_twice_is_one_and_a_name_of_two_types_two_entities(put: Put) -> None:
    spo = [
        triple("并发症", "流感", "发热"),
        triple("并发症", "流感", "发热"),
        triple("临床表现", "流感", "发热", ("疾病", "症状")),
    ]
    (example,) = read_corpus("cmeie", "dev", put("CMeIE_dev.json", [{"text": TEXT, "spo_list": spo}], lines=True))
    assert [r.label for r in example.gold.relations] == ["并发症", "临床表现"]
    assert [(e.label, e.start) for e in example.gold.entities] == [("疾病", 0), ("疾病", 19), ("症状", 19)]


def test_objects_as_plain_strings_windows_line_ends_and_a_blank_last_line_are_read(put: Put) -> None:
    text = (
        '{"text": "流感可致发热。", "spo_list": [{"predicate": "临床表现", "subject": "流感", "subject_type": "疾病", '
        '"object": "发热", "object_type": "症状"}]}\r\n{"text": "正常。", "spo_list": []}\r\n\r\n'
    )
    first, second = read_corpus("cmeie", "dev", put("CMeIE_dev.json", text))
    assert (len(first.gold.relations), len(second.gold.relations)) == (1, 0)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"text": TEXT, "spo_list": [triple("治愈", "流感", "发热")]}, "the label '治愈' is not known; known are 预防"),
        ({"text": TEXT}, "the record has no 'spo_list'"),
        ({"text": TEXT, "spo_list": [{"predicate": "预防"}]}, "the record has no 'object'"),
        (
            {"text": TEXT, "spo_list": [triple("预防", "流感", "发热") | {"subject": None}]},
            "'subject' is no string but None",
        ),
    ],
)
def test_a_corrupt_line_is_named(put: Put, record: object, said: str) -> None:
    folder = put("CMeIE_dev.json", [{"text": TEXT, "spo_list": []}, record], lines=True)
    with pytest.raises(FormatError, match=r"CMeIE_dev\.json:2: ") as raised:
        list(read_corpus("cmeie", "dev", folder))
    assert said in str(raised.value)


@pytest.mark.data
def test_all_triples_at_hand_are_gold_and_fit_the_schemas(data_dir: Path) -> None:
    """4,755 documents with 6,322 triples of V1 at hand, of which one comes twice and 213 have lost a name."""
    examples = list(read_corpus("cmeie", "train", data_dir))
    placed = [(e.gold, r) for e in examples for r in e.gold.relations]
    assert len(examples) == 4755
    assert (len(placed), sum(len(e.gold.meta.get("unplaced_relations", ())) for e in examples)) == (6108, 0)
    known = set(load_schemas(corpus_row("cmeie")["schemas"]))
    assert {(gold.entity(r.head).label, r.label, gold.entity(r.tail).label) for gold, r in placed} <= known


def test_a_triple_whose_name_was_lost_in_the_partial_file_is_left_out(put: Put) -> None:
    spo = [triple("病理分型", "流感", "object_placeholder"), triple("病理分型", "流感", "流感（influenza）")]
    folder = put("CMeIE_train.partial.jsonl", [{"text": TEXT, "spo_list": spo}], lines=True)
    (example,) = read_corpus("cmeie", "train", folder)
    assert len(example.gold.relations) == 1
    assert "unplaced_relations" not in example.gold.meta
