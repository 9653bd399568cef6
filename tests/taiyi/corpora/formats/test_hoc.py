"""Hallmarks of Cancer, in both forms that it is given out in."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from taiyi.corpora import read_corpus
from taiyi.corpora.files import find_files, read_members
from taiyi.corpora.formats import hoc_abstracts
from taiyi.errors import FormatError
from taiyi.tasks.base import Example

Put = Callable[..., Path]

NONE = "0_0,1_0,2_0,3_0,4_0,5_0,6_0,7_0,8_0,9_0"
TWO = "0_0,1_0,2_0,3_0,4_0,5_0,6_0,7_1,8_1,9_0"
TSV = (
    "labels\tsentence\tindex\n"
    f'{NONE}\tWe studied " two groups of mice .\t91_s0\n'
    f"{TWO}\tCells of both groups divided and did not die .\t91_s1\n"
    f"{NONE}\tNothing else was seen .\t92_s0\n"
)
ORIGINAL = {
    "text/91.txt": 'We studied " two groups of mice .\nCells of both groups divided and did not die .',
    "labels/91.txt": "< <Sustaining proliferative signaling--Cell cycle ANDResisting cell death--Apoptosis",
    "text/92.txt": "Nothing else was seen .",
    "labels/92.txt": "< NULL",
}


def seen(examples: list[Example]) -> list[tuple[str, str, list[str]]]:
    return [(e.id, e.request.text, [label.name for label in e.gold.labels]) for e in examples]


EXPECTED = [
    ("91_s0", 'We studied " two groups of mice .', []),
    (
        "91_s1",
        "Cells of both groups divided and did not die .",
        ["resisting cell death", "sustaining proliferative signaling"],
    ),
    ("92_s0", "Nothing else was seen .", []),
]


def test_the_form_of_blurb_is_a_sentence_a_line_and_quotes_are_text(put: Put) -> None:
    assert seen(list(read_corpus("hoc", "test", put("any/test.tsv", TSV)))) == EXPECTED


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(put: Put) -> None:
    folder = put("test.tsv", "\ufeff" + TSV.replace("\n", "\r\n"))
    assert seen(list(read_corpus("hoc", "test", folder))) == EXPECTED


def test_without_an_index_ids_are_positions(put: Put) -> None:
    folder = put("test.tsv", f"sentence\tlabels\nOne .\t{NONE}\nTwo .\t{TWO}\n")
    assert [(e.id, len(e.gold.labels)) for e in read_corpus("hoc", "test", folder)] == [("0", 0), ("1", 2)]


def test_the_original_release_in_a_folder_or_an_archive_gives_the_same(put: Put, tmp_path: Path) -> None:
    for name, text in ORIGINAL.items():
        folder = put(f"a/Hallmarks-of-Cancer_test/{name}", text)
    assert seen(list(read_corpus("hoc", "test", folder / "a"))) == EXPECTED
    (tmp_path / "b").mkdir()
    with tarfile.open(tmp_path / "b" / "Hallmarks-of-Cancer_test.tar.xz", "w:xz") as archive:
        for name, text in ORIGINAL.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    assert seen(list(read_corpus("hoc", "test", tmp_path / "b"))) == EXPECTED


def test_the_whole_release_is_divided_by_the_lists_of_pmids(put: Put) -> None:
    for name, text in ORIGINAL.items():
        put(f"Hallmarks-of-Cancer/{name}", text)
    put("split/test_pmid.txt", "92\n")
    folder = put("split/dev_pmid.txt", "91\n")
    assert [e.id for e in read_corpus("hoc", "test", folder)] == ["92_s0"]
    assert [e.id for e in read_corpus("hoc", "dev", folder)] == ["91_s0", "91_s1"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{NONE}\tA sentence .", "3 columns are due, but the line has 2"),
        ("0_0,1_0\tA sentence .\t91_s0", "0_0,1_0,...,9_0 is due, but the labels read '0_0,1_0'"),
        (f"{NONE[:-1]}x\tA sentence .\t91_s0", "but the labels read '0_0,1_0"),
    ],
)
def test_a_corrupt_line_is_named(put: Put, line: str, said: str) -> None:
    with pytest.raises(FormatError, match=r"test\.tsv:5: ") as raised:
        list(read_corpus("hoc", "test", put("test.tsv", TSV + line + "\n")))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("labels/91.txt", "< ", r"labels/91\.txt:1: there are 1 sentences with labels, but 2 in"),
        ("labels/91.txt", "< <Growing old--Fast", r"labels/91\.txt, sentence 1: the label 'Growing old' is not known"),
        ("text/93.txt", "A third abstract .", "abstract 93: its text or its labels are missing"),
    ],
)
def test_what_does_not_fit_in_the_release_is_named(put: Put, name: str, text: str, said: str) -> None:
    for file, content in (ORIGINAL | {name: text}).items():
        folder = put(f"Hallmarks-of-Cancer_test/{file}", content)
    with pytest.raises(FormatError, match=said):
        list(read_corpus("hoc", "test", folder))


@pytest.mark.data
def test_both_forms_of_the_development_part_are_the_same_1798_sentences(data_dir: Path) -> None:
    sentences = list(read_corpus("hoc", "dev", data_dir))
    (archive,) = find_files(data_dir, "Hallmarks-of-Cancer_dev", packed=True)
    row = {"name": "hoc", "lang": "en", "labels": {name.capitalize(): name for name in sentences[0].request.labels}}
    abstracts = hoc_abstracts.read_together(dict(read_members(archive, "*/[0-9]*.txt")), row)
    assert len(sentences) == 1798
    assert sorted(seen(list(abstracts))) == sorted(seen(sentences))
