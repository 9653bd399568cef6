"""Tokens with tags: sentences for documents, blanks for white space."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from taiyi.corpora import read_corpus
from taiyi.corpora.files import CorruptError
from taiyi.corpora.formats.iob import read
from taiyi.document import Document

FIXTURES = Path(__file__).parents[3] / "data" / "corpora"
ROW = {"name": "made", "lang": "en", "labels": {"Disease": "Disease", "Chemical": "Chemical"}}


def mentions(document: Document) -> list[tuple[str, str]]:
    return [(entity.label, document.text_of(entity.spans)) for entity in document.entities]


def made(*lines: str) -> list[tuple[str, str]]:
    (example,) = read("\n".join(lines), ROW)
    return mentions(example.gold)


def test_sentences_are_documents_with_their_position_as_id(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "bc5cdr" / "BC5CDR-IOB", tmp_path / "BC5CDR-IOB")
    first, second, third = (example.gold for example in read_corpus("bc5cdr", "train", tmp_path))
    assert first.text == "Zinc - induced nausea after 1 , 2 - dichloroethane"
    assert mentions(first) == [("Chemical", "Zinc"), ("Disease", "nausea"), ("Chemical", "1 , 2 - dichloroethane")]
    assert mentions(second) == [("Disease", "Nausea")]
    assert mentions(third) == [("Disease", "nausea and vomiting")]
    assert [first.id, second.id, third.id] == ["0", "1", "2"]


def test_a_tag_that_goes_on_with_another_type_begins_a_mention() -> None:
    assert made("pox\tI-Disease", "zinc\tI-Chemical", "iron\tB-Chemical", "gout\tB-Disease") == [
        ("Disease", "pox"),
        ("Chemical", "zinc"),
        ("Chemical", "iron"),
        ("Disease", "gout"),
    ]


def test_single_and_end_tags_and_further_columns_are_read() -> None:
    lines = ("big\tJJ\tB-Disease", "red\tJJ\tI-Disease", "pox\tNN\tE-Disease", "zinc\tNN\tS-Chemical", ".\t.\tO")
    assert made(*lines) == [("Disease", "big red pox"), ("Chemical", "zinc")]


@pytest.mark.parametrize("line", ["pox B-Disease", "pox\tDisease", "\tO", "pox\tB-"])
def test_a_line_without_token_and_tag_is_an_error(line: str) -> None:
    with pytest.raises(CorruptError) as raised:
        made("zinc\tB-Chemical", line)
    assert raised.value.place == 2


@pytest.mark.data
def test_the_real_iob_form_has_the_mentions_of_the_other_forms(data_dir: Path, tmp_path: Path) -> None:
    """5,203 + 4,182 mentions in 4,560 sentences."""
    shutil.copytree(next(data_dir.rglob("BC5CDR-IOB")), tmp_path / "BC5CDR-IOB")
    examples = list(read_corpus("bc5cdr", "train", tmp_path))
    assert (len(examples), sum(len(example.gold.entities) for example in examples)) == (4560, 9385)
