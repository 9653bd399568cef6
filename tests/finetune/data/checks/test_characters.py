"""Damage from wrong decodings, and characters that only look like it."""

from __future__ import annotations

import pytest

from finetune.data.checks import Row
from finetune.data.checks.characters import damaged
from taiyi.conversation import Message


def found(text: str) -> list[str]:
    return [problem.what for problem in damaged(Row((Message("user", text), Message("assistant", "ok"))))]


@pytest.mark.parametrize(
    "text",
    [
        "Tabs\tand\r\nlines",
        "naïve café, 37 °C, 5 µg, ±2 – “quoted” … €5 ®",
        "Ångström’s Öl: ÄÖÜ",
        "1,2-二氯乙烷，ＣＯＸ－２，𠮷，İL-2",
        "👩‍⚕️ family 👨‍👩‍👧",
        "Voilà: «é» ¿qué?",
    ],
)
def test_text_in_any_script_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("na\ufffdve", "U+FFFD"),
        ("\ufefftext", "byte order mark"),
        ("donâ€™t", "â€™ for ’"),
        ("cafÃ© au lait", "Ã© for é"),
        ("37 Â°C", "Â° for °"),
        ("锟斤拷锟斤拷", "锟斤拷"),
        ("a\x1ab", "control character (U+001A)"),
        ("a\x85b", "control character (U+0085)"),
        ("half \ud83d of it", "half of a surrogate pair (U+D83D)"),
        ("点击 \ue313 更多", "private use area (U+E313)"),
    ],
)
def test_damage_is_named(text: str, what: str) -> None:
    assert len(found(text)) == 1
    assert what in found(text)[0]


def test_a_finding_can_be_written_in_utf_8() -> None:
    found("half \ud83d of it")[0].encode("utf-8")
