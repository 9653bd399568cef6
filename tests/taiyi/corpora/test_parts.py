"""Parts of a corpus: fixed for ever, whatever the edition of the text."""

from __future__ import annotations

from collections import Counter

import pytest

from taiyi.corpora.parts import normal_form, part_of


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("糖尿病患者应定期检查眼底。", "train"),
        ("Aspirin relieved the headache.", "train"),
        ("患者第4天出现咳嗽。", "report"),
        ("", "tune"),
    ],
)
def test_a_text_keeps_its_part(text: str, part: str) -> None:
    assert part_of(text) == part


def test_width_case_and_punctuation_do_not_change_the_part() -> None:
    assert normal_form("ＣＯＸ－２ 抑制剂！") == normal_form("cox-2抑制剂")
    for number in range(50):
        assert part_of(f"ＣＯＸ－２ 抑制剂，第{number}例。") == part_of(f"cox-2抑制剂第{number}例")


def test_a_tenth_is_reported_on_and_seven_in_a_hundred_are_tuned_on() -> None:
    """4,000 texts: the counts stay within four standard deviations (76 and 65) of 400 and 280."""
    counts = Counter(part_of(f"第 {number} 号病历") for number in range(4000))
    assert abs(counts["report"] - 400) < 76
    assert abs(counts["tune"] - 280) < 65
