"""Duplicates: the same again, nearly the same, and what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest

from finetune.data.duplicates import NONE, exact_twins, near_twins
from finetune.data.minhash import PLACES, signature

REPORT = (
    "A 63-year-old man was admitted with fever and a cough of ten days. The radiograph showed an infiltrate of the "
    "left lower lobe, and blood cultures grew pneumococci. Penicillin was begun on the first day; he was discharged "
    "on the ninth, without complaints, and had a clear radiograph when he came back six weeks later."
)
NEARLY = REPORT.replace("63-year-old", "64-YEAR-OLD").replace("ten days", "12 days")
OTHER = REPORT.replace(
    "pneumococci. Penicillin was begun on the first day", "Klebsiella. He got ceftriaxone for a week"
)


def twins(texts: list[str], groups: list[int] | None = None, threshold: float = 0.9) -> list[int]:
    signatures = np.stack([signature(text, "en") for text in texts])
    content = np.arange(len(texts))
    grouped = np.array(groups or [0] * len(texts), dtype=np.uint64)
    return near_twins(signatures, content, grouped, np.ones(len(texts), bool), threshold).tolist()


def test_the_first_of_equal_keys_is_kept() -> None:
    assert exact_twins(np.array([7, 9, 7, 7, 9, 1], dtype=np.uint64)).tolist() == [NONE, NONE, 0, 0, 1, NONE]


def test_no_rows_have_no_duplicates() -> None:
    nothing = np.array([], dtype=np.uint64)
    assert exact_twins(nothing).tolist() == []
    empty = np.empty((0, PLACES), np.uint32)
    assert near_twins(empty, np.array([], np.int64), nothing, np.array([], bool), 0.9).tolist() == []


def test_a_text_with_two_numbers_changed_is_a_near_duplicate() -> None:
    assert twins([REPORT, "Something else entirely, of the weather.", NEARLY]) == [NONE, NONE, 0]


def test_a_text_with_another_finding_is_none() -> None:
    assert twins([REPORT, OTHER]) == [NONE, NONE]


def test_the_threshold_decides() -> None:
    assert twins([REPORT, NEARLY], threshold=1.0) == [NONE, NONE]


def test_rows_of_different_groups_are_not_compared() -> None:
    assert twins([REPORT, REPORT, NEARLY], groups=[1, 2, 2]) == [NONE, NONE, 1]


def test_a_row_is_removed_for_one_that_stays() -> None:
    """Each is told by the first of them, never by one that is itself removed."""
    assert twins([REPORT, REPORT, REPORT]) == [NONE, 0, 0]


def test_a_chain_of_likes_removes_only_what_is_like_the_first() -> None:
    """Of 78 letters each text changes the last four again: neighbours are alike, the first and the last are not."""
    letters = "".join(chr(0x4E00 + n) for n in range(200))
    chain = [letters[: 96 - 4 * n] + "".join(chr(0x6000 + 4 * n + k) for k in range(4 * n)) for n in range(6)]
    found = twins(chain, threshold=0.8)
    assert found[1] == 0
    assert found[5] != 0
    assert all(found[twin] == NONE for twin in found if twin != NONE)


def test_rows_that_take_no_part_stay_and_remove_none() -> None:
    signatures = np.stack([signature(REPORT, "en")])
    zeros = np.zeros(3, np.int64)
    found = near_twins(signatures, zeros, zeros.astype(np.uint64), np.array([False, True, True]), 0.9)
    assert found.tolist() == [NONE, NONE, 1]


@pytest.mark.parametrize(
    ("text", "lang", "same"),
    [
        ("Fever, cough; rash.", "en", "FEVER cough  rash"),
        ("发热３天，咳嗽。", "zh", "发热3天 咳嗽"),
        ("水", "zh", "水！"),
        ("", "en", "?!"),
    ],
)
def test_case_width_and_punctuation_leave_the_signature(text: str, lang: str, same: str) -> None:
    assert (signature(text, lang) == signature(same, lang)).all()


def test_signatures_agree_about_as_much_as_texts_share_shingles() -> None:
    """Of the 5-character shingles of 26 + 26 distinct letters two texts share those of their first 26: 22 of 22 + 2·26,
    a Jaccard of 0.297; three standard errors of 64 places are 0.171."""
    letters = [chr(0x4E00 + n) for n in range(78)]
    one, other = "".join(letters[:52]), "".join(letters[:26] + letters[52:])
    agreement = (signature(one, "en") == signature(other, "en")).mean()
    assert agreement == pytest.approx(22 / 74, abs=0.171)
