"""Corpora from their original files: small ones in their native forms, and the real ones where they are at hand."""

from __future__ import annotations

import gzip
import lzma
import shutil
from pathlib import Path

import pytest

from taiyi.corpora import corpus_names, corpus_row, find_file, read_corpus
from taiyi.document import Document
from taiyi.errors import FormatError, InputError
from taiyi.tasks import TASKS
from taiyi.tasks.base import Example

FIXTURES = Path(__file__).parents[2] / "data" / "corpora"


def read(name: str, data_dir: Path = FIXTURES, split: str = "train") -> list[Example]:
    return list(read_corpus(name, split, data_dir))


def mentions(document: Document) -> list[tuple[str, str]]:
    return [(e.label, document.text_of(e.spans)) for e in document.entities]


def test_pubtator_counts_offsets_from_the_title_and_keeps_what_stands_there() -> None:
    """The row with the wrong surface and the type that BC5CDR does not name fall out; a composite mention (seven
    columns) is one mention; 𠮷 is one character; the text that comes twice, once with CRLF, is read once."""
    first, second = (example.gold for example in read("bc5cdr"))
    assert mentions(first) == [
        ("Chemical", "Zinc"),
        ("Disease", "nausea"),
        ("Chemical", "1,2-dichloroethane"),
        ("Disease", "Nausea"),
        ("Disease", "nausea and vomiting"),
    ]
    assert (second.id, second.text.strip(), second.entities) == ("1002", "A title alone", ())


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


@pytest.mark.parametrize("name", ["bc5cdr", "cmeee", "kuake_qic", "hoc"])
def test_an_example_asks_for_what_its_answer_holds(name: str) -> None:
    for example in read(name):
        assert example.request.task in TASKS
        assert example.request.text == example.gold.text
        named = {e.label for e in example.gold.entities} | {label.name for label in example.gold.labels}
        assert named <= set(example.request.labels)


@pytest.mark.parametrize(("suffix", "pack"), [(".xz", lzma.compress), (".gz", gzip.compress)])
def test_packed_files_are_found_anywhere_below_the_folder(tmp_path: Path, suffix: str, pack) -> None:  # type: ignore[no-untyped-def]
    plain = (FIXTURES / "cmeee" / "CMeEE_train.json").read_bytes()
    folder = tmp_path / "deep" / "cmeee"
    folder.mkdir(parents=True)
    (folder / f"CMeEE_train.json{suffix}").write_bytes(pack(plain))
    assert [e.gold for e in read("cmeee", tmp_path)] == [e.gold for e in read("cmeee")]


def test_a_name_that_several_corpora_use_is_looked_for_in_its_own_folder(tmp_path: Path) -> None:
    for folder in ("gad", "hoc"):
        (tmp_path / folder).mkdir()
        shutil.copy(FIXTURES / "hoc" / "train.tsv", tmp_path / folder / "train.tsv")
    assert find_file(tmp_path, "train.tsv", "hoc").parent.name == "hoc"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"CMeEE_train\.json") as raised:
        read("cmeee", tmp_path)
    assert raised.value.fields == {"file": "CMeEE_train.json"}


def test_an_unknown_corpus_or_split_is_told_what_there_is() -> None:
    with pytest.raises(InputError, match="bc5cdr"):
        read("bc6cdr")
    with pytest.raises(InputError, match="train, dev"):
        read("bc5cdr", split="test")


def test_every_row_names_its_source_and_licence() -> None:
    for name in corpus_names():
        row = corpus_row(name)
        assert row["name"] == name
        assert row["lang"] in ("zh", "en")
        assert row["source"]
        assert row["licence"]


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "split", "n", "n_mentions"),
    [
        ("bc5cdr", "train", 500, 9385),
        ("bc5cdr", "dev", 500, 9591),
        ("ncbi_disease", "train", 592, None),
        ("ncbi_disease", "dev", 100, 787),
        ("biored", "train", 400, 13351),
        ("biored", "dev", 100, 3533),
        ("cmeee", "train", 15000, None),
        ("kuake_qic", "train", 6931, 0),
        ("hoc", "train", 12119, 0),
        ("hoc", "dev", 1798, 0),
    ],
)
def test_the_real_corpora_have_their_published_sizes(
    data_dir: Path, name: str, split: str, n: int, n_mentions: int | None
) -> None:
    """BC5CDR: 5,203 + 4,182 and 5,347 + 4,244 mentions."""
    examples = read(name, data_dir, split)
    assert len(examples) == n
    if n_mentions is not None:
        assert sum(len(example.gold.entities) for example in examples) == n_mentions
