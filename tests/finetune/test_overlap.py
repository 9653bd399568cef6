"""The leak filter by its definition."""

from __future__ import annotations

import hashlib
import lzma
from pathlib import Path

import pytest

from finetune.overlap import RAW_SHARE, Fingerprints, segment_hashes
from taiyi.errors import InputError

SENTENCE = "The patients were followed for two years."
OTHERS = [f"Sentence number {n} says something quite different." for n in ("one", "two", "three", "four", "five")]


def fingerprints(*texts: str) -> Fingerprints:
    return Fingerprints({digest: frozenset(["hoc"]) for text in texts for digest in segment_hashes(text)})


def test_a_segment_is_hashed_in_its_normal_form() -> None:
    """NFKC, small letters, letters and digits only; 16 hexadecimal digits of SHA-256."""
    expected = hashlib.sha256(b"thepatientswerefollowedfortwoyears").hexdigest()[:16]
    assert list(segment_hashes(SENTENCE)) == [expected]
    assert list(segment_hashes("ＴＨＥ patients — were followed, for TWO years!")) == [expected]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Too short.", 0),
        ("患者于二零二零年出现反复咳嗽。", 1),
        ("患者反复咳嗽。", 0),
        ("患者于二零二零年出现反复咳嗽；后来服药两周以后完全痊愈\n", 2),
        (SENTENCE + " " + OTHERS[0], 2),
        ("", 0),
    ],
)
def test_short_segments_do_not_count(text: str, n: int) -> None:
    assert len(list(segment_hashes(text))) == n


def test_a_fifth_of_the_segments_makes_a_leak() -> None:
    prints = fingerprints(SENTENCE)
    assert prints.leaked(" ".join([SENTENCE, *OTHERS[:4]])) == "hoc"
    assert prints.leaked(" ".join([SENTENCE, *OTHERS])) is None
    assert prints.leaked(" ".join([SENTENCE, *OTHERS]), RAW_SHARE) == "hoc"
    assert prints.leaked("") is None


def test_the_fullest_set_is_named(tmp_path: Path) -> None:
    """One sentence is in both sets, the other in one of them."""
    one, two = (next(segment_hashes(text)) for text in OTHERS[:2])
    path = tmp_path / "prints.tsv.xz"
    path.write_bytes(lzma.compress(f"a\t{one}\nb\t{one}\nb\t{two}\n".encode()))
    assert Fingerprints.load(path).leaked(" ".join(OTHERS[:2])) == "b"


def test_the_shipped_fingerprints_are_those_of_thirteen_test_sets() -> None:
    """71,730 hashes, some of them of segments that two sets share."""
    sets_by_hash = Fingerprints.of_tests().sets_by_hash
    assert len(frozenset().union(*sets_by_hash.values())) == 13
    assert sum(map(len, sets_by_hash.values())) == 71_730


def test_a_folder_s_own_fingerprints_are_added_to_the_shipped_ones(tmp_path: Path) -> None:
    assert Fingerprints.of_tests(tmp_path).leaked(SENTENCE) is None
    (tmp_path / "test_fingerprints.tsv").write_text(f"mine\t{next(segment_hashes(SENTENCE))}\n", encoding="utf-8")
    assert Fingerprints.of_tests(tmp_path).leaked(SENTENCE) == "mine"


@pytest.mark.parametrize("line", ["hoc", "hoc\tnothexadecimal!!", "\t0014243560c87dff"])
def test_a_line_that_is_no_fingerprint_is_named_by_file_and_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "prints.tsv"
    path.write_text(f"set\tsha256_16\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"prints\.tsv:2: this is no fingerprint"):
        Fingerprints.load(path)


def test_a_damaged_file_of_fingerprints_is_named(tmp_path: Path) -> None:
    path = tmp_path / "prints.tsv.xz"
    path.write_bytes(b"no xz at all")
    with pytest.raises(InputError, match=r"prints\.tsv\.xz: the fingerprints cannot be read"):
        Fingerprints.load(path)


@pytest.mark.data
def test_biored_holds_many_of_bc5cdr_s_test_abstracts(data_dir: Path) -> None:
    """53 of BioRED's training abstracts are in BC5CDR's test part, by their numbers; all must be found."""
    from taiyi.corpora import read_corpus

    prints = Fingerprints.of_tests()
    leaked = [prints.leaked(example.gold.text) for example in read_corpus("biored", "train", data_dir)]
    assert sum(name is not None for name in leaked) >= 53
