"""Corpora from their original files: small ones in their native forms, and the real ones where they are at hand."""

from __future__ import annotations

import gzip
import json
import lzma
import shutil
from pathlib import Path

import pytest

from taiyi.corpora import corpus_names, corpus_row, find_corpus, read_corpus
from taiyi.document import Document
from taiyi.errors import FormatError, InputError
from taiyi.tasks.base import Example

FIXTURES = Path(__file__).parents[2] / "data" / "corpora"


def read(name: str, data_dir: Path = FIXTURES, split: str = "train") -> list[Example]:
    return list(read_corpus(name, split, data_dir))


def mentions(document: Document) -> list[tuple[str, str]]:
    return [(e.label, document.text_of(e.spans)) for e in document.entities]


def test_cmeee_counts_the_last_character_in_and_leaves_empty_mentions_out() -> None:
    first, second, third = (example.gold for example in read("cmeee"))
    assert mentions(first) == [("药物", "1,2-二氯乙烷"), ("疾病", "1,2-二氯乙烷中毒"), ("临床表现", "咳嗽")]
    assert second.text.startswith("\ufeff")
    assert mentions(second) == [("疾病", "𠮷氏综合征")]
    assert third.entities == ()


def test_queries_have_one_class() -> None:
    one, two = read("kuake_qic")
    assert [label.name for label in one.gold.labels] == ["治疗方案"]
    assert two.request.text == "ＣＴ检查多少钱😀"
    assert not one.request.multi


def test_sentences_have_the_hallmarks_that_are_marked_and_quotes_are_text() -> None:
    none, two = read("hoc")
    assert none.gold.labels == ()
    assert '"' in none.gold.text
    assert [label.name for label in two.gold.labels] == ["activating invasion and metastasis", "resisting cell death"]
    assert two.request.multi


@pytest.mark.parametrize(("suffix", "pack"), [(".xz", lzma.compress), (".gz", gzip.compress)])
def test_packed_files_are_found_anywhere_below_the_folder(tmp_path: Path, suffix: str, pack) -> None:  # type: ignore[no-untyped-def]
    plain = (FIXTURES / "cmeee" / "CMeEE_train.json").read_bytes()
    folder = tmp_path / "deep" / "cmeee"
    folder.mkdir(parents=True)
    (folder / f"CMeEE_train.json{suffix}").write_bytes(pack(plain))
    assert [e.gold for e in read("cmeee", tmp_path)] == [e.gold for e in read("cmeee")]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"CMeEE_train\.json") as raised:
        read("cmeee", tmp_path)
    assert raised.value.fields == {"file": "CMeEE_train.json"}


def test_an_unknown_corpus_or_split_is_told_what_there_is() -> None:
    with pytest.raises(InputError, match="bc5cdr"):
        read("bc6cdr")
    with pytest.raises(InputError, match="it has train, dev, test"):
        read("bc5cdr", split="validation")


def test_every_row_names_its_source_and_licence() -> None:
    for name in corpus_names():
        row = corpus_row(name)
        assert row["name"] == name
        assert row["lang"] in ("zh", "en")
        assert row["source"]
        assert row["licence"]


def test_the_first_form_that_is_all_there_is_read(tmp_path: Path) -> None:
    """BioRED's JSON alone, then its PubTator file beside it."""
    shutil.copy(FIXTURES / "biored" / "Train.BioC.JSON", tmp_path)
    assert find_corpus("biored", "train", tmp_path) == [tmp_path / "Train.BioC.JSON"]
    shutil.copy(FIXTURES / "biored" / "Train.PubTator", tmp_path)
    assert find_corpus("biored", "train", tmp_path) == [tmp_path / "Train.PubTator"]


def test_where_no_form_is_there_all_are_named(tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text("gad\tof another corpus\n", encoding="utf-8")
    expected = r"CDR_TestSet\.PubTator\.txt; nor CDR_TestSet\.BioC\.xml; nor test\.tsv in a folder \*bc5cdr\*"
    with pytest.raises(FormatError, match=expected):
        find_corpus("bc5cdr", "test", tmp_path)


def test_a_corpus_without_ids_has_positions_through_all_its_files(tmp_path: Path) -> None:
    """CCKS 2019 comes in two parts of one JSON line each."""
    for n in (1, 2):
        record = {"originalText": f"患者{n}咳嗽", "entities": []}
        text = json.dumps(record, ensure_ascii=False) + "\n"
        (tmp_path / f"subtask1_training_part{n}.txt").write_text(text, encoding="utf-8")
    examples = read("ccks2019", tmp_path)
    assert [(e.id, e.request.document_id, e.gold.id, e.gold.text) for e in examples] == [
        ("0", "0", "0", "患者1咳嗽"),
        ("1", "1", "1", "患者2咳嗽"),
    ]


def test_an_id_that_comes_twice_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "CDR_TestSet.PubTator.txt").write_text("7|t|Zinc\n7|a|Iron\n\n7|t|Zinc\n7|a|Gold\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"CDR_TestSet\.PubTator\.txt: the id 7 comes twice"):
        read("bc5cdr", tmp_path, "test")


def test_json_that_breaks_off_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "CMeEE_train.json").write_text('[\n{"text": "咳嗽",\n', encoding="utf-8")
    with pytest.raises(FormatError, match=r"CMeEE_train\.json:3: this is no JSON"):
        read("cmeee", tmp_path)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "split", "n", "n_mentions"),
    [
        ("bc5cdr", "train", 500, 9385),
        ("bc5cdr", "dev", 500, 9591),
        ("bc5cdr_cid", "train", 500, 9385),
        ("ncbi_disease", "train", 592, 5134),
        ("ncbi_disease", "dev", 100, 787),
        ("biored", "train", 400, 13351),
        ("biored", "dev", 100, 3533),
        ("cmeee", "train", 15000, 61794),
        ("cmeee_v2", "train", 15000, 79016),
        ("kuake_qic", "train", 6931, 0),
        ("hoc", "train", 12119, 0),
        ("hoc", "dev", 1798, 0),
    ],
)
def test_the_real_corpora_have_their_published_sizes(
    data_dir: Path, name: str, split: str, n: int, n_mentions: int
) -> None:
    """BC5CDR: 5,203 + 4,182 and 5,347 + 4,244 mentions. NCBI: 5,145 less the 11 of the document that comes twice. CMeEE
    V1: 61,796 less two empty ones."""
    examples = read(name, data_dir, split)
    assert len(examples) == n
    assert sum(len(example.gold.entities) for example in examples) == n_mentions


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "split", "n"),
    [
        ("bc5cdr_cid", "train", 1038),
        ("bc5cdr_cid", "dev", 1012),
        ("biored_relations", "train", 4178),
        ("biored_relations", "dev", 1162),
    ],
)
def test_the_real_relations_between_concepts_are_all_there(data_dir: Path, name: str, split: str, n: int) -> None:
    examples = read(name, data_dir, split)
    assert sum(len(example.gold.meta["concept_relations"]) for example in examples) == n


@pytest.mark.data
def test_the_real_prompts_of_a_text_are_one_example(data_dir: Path) -> None:
    """Of 1,938 prompts 499 name no triple; 13 texts have no others."""
    examples = read("cmeie_texts", data_dir, "train")
    assert len(examples) == 1439
    assert sum(len(example.gold.relations) for example in examples) == 6432
