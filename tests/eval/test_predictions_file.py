"""Predictions of a file: every shape of a line, and what is said of each that isn't one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.prediction import GivenMention, GivenTriple, Item, Prediction
from eval.predictions_file import read_predictions
from eval.sets import eval_set, read_set
from taiyi.errors import FormatError


@pytest.fixture
def read(tmp_path: Path, sets_dir: Path) -> Any:
    """A function from the name of a set and the content of a file (bytes, or objects a line) to its predictions."""

    def read_content(name: str, content: bytes | list[Any], allow_missing: bool = True) -> list[Prediction]:
        lines = b"" if isinstance(content, bytes) else "".join(json.dumps(row) + "\n" for row in content).encode()
        path = tmp_path / "predictions.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else lines)
        chosen = eval_set(name)
        return read_predictions(path, chosen, read_set(chosen, "test", sets_dir), allow_missing=allow_missing)

    return read_content


@pytest.mark.parametrize(
    ("name", "id", "items", "read_as"),
    [
        ("bc5cdr-chem", 9000001, [{"text": "Lithium", "type": "Chemical"}], (GivenMention("Chemical", "Lithium"),)),
        (
            "bc5cdr-dise",
            "9000001",
            [{"text": "tremor", "type": "Disease", "start": 12, "end": 18, "score": 0.9}],
            (GivenMention("Disease", "tremor", 12, 18),),
        ),
        ("chemdner", "9100001", [{"text": "Zinc", "type": "TRIVIAL"}], (GivenMention("Chemical", "Zinc"),)),
        ("ncbi-disease", "9200001", [{"text": "x", "type": "Modifier"}], (GivenMention("Disease", "x"),)),
        ("biored", "9300001", [{"text": "x", "type": "GeneOrGeneProduct"}], (GivenMention("Gene", "x"),)),
        ("biored", "9300001", [{"text": "x", "type": "Gene"}], (GivenMention("Gene", "x"),)),
        ("cmeee", 0, [{"text": "皮疹", "type": "sym"}], (GivenMention("临床表现", "皮疹"),)),
        ("cmeee", "0", [{"text": "皮疹", "type": "临床表现"}], (GivenMention("临床表现", "皮疹"),)),
        ("cmeie", 0, [{"head": "肺炎", "tail": "热", "type": "临床表现"}], (GivenTriple("临床表现", "肺炎", "热"),)),
        ("litcovid", 9400002, ["treatment", "DIAGNOSIS"], ("Treatment", "Diagnosis")),
        ("hoc", "9500001_s0", ["Resisting cell death"], ("resisting cell death",)),
        ("hoc", "9500002_s0", [], ()),
        ("kuake-qic", "s1", "治疗方案", ("治疗方案",)),
        ("kuake-qic", "s1", ["治疗方案"], ("治疗方案",)),
        ("pubmedqa", 9600003, "maybe", ("C",)),
        ("pubmedqa", 9600003, ["No"], ("B",)),
        ("pubmedqa", 9600003, "A", ("A",)),
        ("medqa-usmle", 1, "c", ("C",)),
        ("medqa-usmle", 0, "croup", ("A",)),
        ("medqa-mcmle", 1, ["A"], ("A",)),
        ("medqa-mcmle", 1, [], ()),
    ],
)
def test_items_of_each_set_are_read_in_its_own_labels(
    read: Any, name: str, id: object, items: object, read_as: tuple[Item, ...]
) -> None:
    predictions = {p.id: p for p in read(name, [{"id": id, "items": items}])}
    assert predictions[str(id)].items == read_as
    assert all(p.missing for key, p in predictions.items() if key != str(id))


def test_the_chemical_disease_relation_may_have_its_official_name(read: Any, sets_dir: Path) -> None:
    (gold,) = read_set(eval_set("bc5cdr-re"), "test", sets_dir)[1].gold.relations
    predictions = read("bc5cdr-re", [{"id": "9000002", "items": [{"head": "a", "tail": "b", "type": "CID"}]}])
    assert predictions[1].items == (GivenTriple(gold.label, "a", "b"),)


def test_a_reply_may_use_the_labels_of_the_official_files(read: Any, sets_dir: Path) -> None:
    row = eval_set("biored")
    gold = read_set(row, "test", sets_dir)[0].gold
    mention = gold.text_of(gold.entities[0].spans)
    (first, *_) = read("biored", [{"id": gold.id, "reply": f"**GeneOrGeneProduct:**\n- {mention}"}])
    assert first.document is not None
    assert {(e.label, first.document.text_of(e.spans)) for e in first.document.entities} == {("Gene", mention)}


def test_a_reply_is_read_as_the_set_s_task_reads_it(read: Any) -> None:
    (first, *_) = read("bc5cdr-chem", [{"id": "9000001", "reply": "Chemical: aspirin; gold", "prompt": "..."}])
    assert [entity.label for entity in first.document.entities] == ["Chemical"]
    assert [(issue.kind, issue.detail) for issue in first.issues] == [("absent", "gold")]


def test_predictions_come_in_the_order_of_the_set_and_the_missing_are_marked(read: Any) -> None:
    predictions = read("kuake-qic", [{"id": "s3", "items": "其他"}, {"id": "s1", "items": []}])
    assert [(p.id, p.items, p.missing) for p in predictions] == [
        ("s1", (), False),
        ("s2", None, True),
        ("s3", ("其他",), False),
    ]


def test_missing_predictions_are_an_error_unless_they_are_allowed(read: Any) -> None:
    with pytest.raises(FormatError, match=r"2 of the 3 examples of kuake-qic have no prediction \(s1, s3\)"):
        read("kuake-qic", [{"id": "s2", "items": "其他"}], allow_missing=False)


MENTION = {"text": "aspirin", "type": "Chemical"}


CHEMICALS = "bc5cdr-chem"


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        (CHEMICALS, {"id": "1", "items": []}, r"no example with the id '1'"),
        (CHEMICALS, {"items": []}, r"has no id"),
        (CHEMICALS, {"id": True, "items": []}, r"has no id"),
        (CHEMICALS, {"id": 1.5, "items": []}, r"has no id"),
        (CHEMICALS, {"id": 9000001}, r"either reply or items, not neither"),
        (CHEMICALS, {"id": 9000001, "reply": "", "items": []}, r"either reply or items, not both"),
        (CHEMICALS, {"id": 9000001, "reply": None}, r"reply is the text that a model wrote, not nothing"),
        (CHEMICALS, {"id": 9000001, "items": MENTION}, r"items is a list, not an object"),
        (
            CHEMICALS,
            {"id": 9000001, "items": ["aspirin"]},
            r'an object {"text", "type"}, not a string',
        ),
        (CHEMICALS, {"id": 9000001, "items": [{"text": "aspirin"}]}, r"this one has nothing for type"),
        (CHEMICALS, {"id": 9000001, "items": [{**MENTION, "text": " "}]}, r"has an empty string for text"),
        (
            CHEMICALS,
            {"id": 9000001, "items": [{**MENTION, "type": "Disease"}]},
            r"no label 'Disease'; known are",
        ),
        (CHEMICALS, {"id": 9000001, "items": [{**MENTION, "type": "chemical"}]}, r"no label 'chemical'"),
        (CHEMICALS, {"id": 9000001, "items": [{**MENTION, "start": 0}]}, r"two whole numbers"),
        (CHEMICALS, {"id": 9000001, "items": [{**MENTION, "start": 0, "end": "7"}]}, r"two whole numbers"),
        (
            CHEMICALS,
            {"id": 9000001, "items": [{**MENTION, "start": 0, "end": 7}]},
            r"at 0-7 stands 'Lithium', not",
        ),
        (CHEMICALS, {"id": 9000001, "items": [{**MENTION, "start": -7, "end": -1}]}, r"at -7--1 stands ''"),
        (CHEMICALS, {"id": 9000001, "items": [{**MENTION, "start": 73, "end": 999}]}, r"at 73-999 stands ''"),
        ("bc5cdr-re", {"id": 9000001, "items": [{"head": "a", "type": "CID"}]}, r"has nothing for tail"),
        ("litcovid", {"id": 9400001, "items": "Prevention"}, r"items is a list, not a string"),
        ("litcovid", {"id": 9400001, "items": ["Vaccination"]}, r"no label 'Vaccination'; known are "),
        ("litcovid", {"id": 9400001, "items": [None]}, r"an item is a string, not nothing"),
        ("kuake-qic", {"id": "s1", "items": ["其他", "治疗方案"]}, r"2 answers where one is due"),
        ("medqa-usmle", {"id": 0, "items": "E"}, r"'E' is none of the options; known are A, B, C, D"),
        ("medqa-usmle", {"id": 0, "items": 1}, r"items is a list or one string, not a number"),
        (
            "hoc",
            {"id": "9500001_s0", "reply": "", "document": {}, "gold": {}},
            r"this is a record of `python",
        ),
        ("medqa-usmle", ["A"], r"each line holds one object with id and reply or items, not a list"),
    ],
)
def test_what_is_no_prediction_is_named_with_its_line(read: Any, name: str, row: object, reason: str) -> None:
    content = b"\n" + json.dumps(row).encode() + b"\n"
    with pytest.raises(FormatError, match=r"predictions\.jsonl:2: ") as error:
        read(name, content)
    error.match(reason)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'\xef\xbb\xbf{"id": "s1"}', r":1: the file begins with a byte order mark"),
        (b'{"id": "s1",\n', r":1: this is no JSON"),
        (
            '{"id": "s1", "items": []}\n{"id": "s2", "reply": "咳嗽"}'.encode("gb18030"),
            r":2: byte 24 of the line is not UTF-8",
        ),
        ('{"id": "s1", "items": []}'.encode("utf-16"), r":1: byte 1 of the line is not UTF-8"),
        (b'{"id": "s1", "items": []}\n{"id": "s1", "items": []}', r":2: the id 's1' stands in line 1 already"),
        (b"[" * 100_000, r":1: this is no JSON"),
    ],
)
def test_a_file_that_is_not_json_lines_in_utf_8_is_named_with_its_line(read: Any, content: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read("kuake-qic", content)


def test_a_file_that_is_not_there_is_named(sets_dir: Path, tmp_path: Path) -> None:
    chosen = eval_set("kuake-qic")
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(FormatError, match=r"the predictions cannot be read"):
            read_predictions(path, chosen, read_set(chosen, "test", sets_dir))


def test_a_set_of_written_texts_takes_replies_alone(tmp_path: Path) -> None:
    from taiyi.document import Document
    from taiyi.tasks.base import Example, Request

    path = tmp_path / "titles.jsonl"
    path.write_text('{"id": "0", "items": ["A title"]}\n', encoding="utf-8")
    example = Example("0", Request("title", "x"), Document("0", "zh", "x", answer="y"))
    with pytest.raises(FormatError, match=r":1: a set of the task title is scored on reply alone"):
        read_predictions(path, eval_set("chinaxiv-title"), [example])
