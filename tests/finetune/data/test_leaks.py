"""The leak filter: test sets at hand, shipped fingerprints, and the order of the two."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.data.leaks import Leak, LeakFilter, document_text, texts_at_hand
from finetune.overlap import Fingerprints, segment_hashes
from taiyi.corpora import read_corpus
from taiyi.errors import FormatError
from taiyi.tasks.base import Request

SETS = Path(__file__).parents[2] / "data" / "sets"
SENTENCE = "The patients were followed for two years after the operation."
OTHER = "Nothing of this sentence stands in any of the sets that are tested."


def prints_of(text: str) -> Fingerprints:
    return Fingerprints({digest: frozenset(["hoc"]) for digest in segment_hashes(text)})


def test_a_set_that_is_not_at_hand_is_known_by_its_fingerprints() -> None:
    """One of two segments is the set's."""
    leaks = LeakFilter(prints_of(SENTENCE))
    assert leaks.leak(f"{SENTENCE} {OTHER}") == Leak("hoc", 0.5, "segments")
    assert leaks.leaked(f"{SENTENCE} {OTHER}") == "hoc"
    assert leaks.leaked(OTHER) is None


def test_the_texts_of_a_set_at_hand_are_looked_up_first() -> None:
    leaks = LeakFilter(prints_of(SENTENCE), {"biored": [SENTENCE]})
    assert leaks.leak(SENTENCE) == Leak("biored", 1.0, "same text")
    assert leaks.at_hand == ("biored",)


def test_every_test_text_at_hand_is_found_and_sets_of_the_same_files_are_one() -> None:
    texts_by_set = texts_at_hand(SETS)
    assert list(texts_by_set)[:4] == ["bc5cdr", "chemdner", "ncbi-disease", "cmeee"]
    leaks = LeakFilter.load(SETS)
    assert leaks.at_hand == tuple(texts_by_set)
    for name, texts in texts_by_set.items():
        assert {leaks.leaked(text) for text in texts} == {name}


def test_a_question_is_compared_with_its_passage_and_without_its_options() -> None:
    request = Request("choose", text="A passage.", question="Which one?", options=("this", "that"))
    assert document_text(request) == "A passage.\nWhich one?"
    assert document_text(Request("similarity", text="One.", text_b="Two.")) == "One.\nTwo."


def test_a_corrupt_test_file_is_told_instead_of_passed_over(tmp_path: Path) -> None:
    (tmp_path / "CMeEE_dev.json").write_text("[{]", encoding="utf-8")
    with pytest.raises(FormatError, match=r"CMeEE_dev\.json"):
        texts_at_hand(tmp_path)


@pytest.mark.data
def test_biored_s_training_part_loses_bc5cdr_s_test_abstracts(data_dir: Path) -> None:
    """53 of BioRED's training abstracts are in BC5CDR's test part by their numbers; the shipped hashes find them."""
    leaks = LeakFilter.load()
    names = [leaks.leaked(document_text(example.request)) for example in read_corpus("biored", "train", data_dir)]
    assert names.count("bc5cdr") >= 53
