"""Contact details: found in both languages, shown masked, and numbers that are none."""

from __future__ import annotations

import pytest

from finetune.data.checks import Row
from finetune.data.checks.contacts import contacts
from taiyi.conversation import Message


def found(text: str) -> list[str]:
    return [problem.what for problem in contacts(Row((Message("user", text),)))]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("写信到zhang.san@example.com.cn吧", "an e-mail address, zh********"),
        ("Write to a.b+c@mail.example.org.", "an e-mail address"),
        ("电话13812345678找我", "a mobile telephone number, 13********"),
        ("手机：+86 138-1234-5678", "a mobile telephone number"),
        ("座机010-12345678", "a telephone number"),
        ("座机+86 10 12345678", "a telephone number"),
        ("Call +44 20 7946 0018 today", "a telephone number"),
        ("Call (202) 555-0143 today", "a telephone number"),
        ("加微信：doctor_wang88", "a WeChat name"),
        ("QQ号：123456789", "a QQ number"),
        ("身份证11010519491231002X", "an identity card number, 11********"),
    ],
)
def test_contact_details_are_found_and_masked(text: str, what: str) -> None:
    assert len(found(text)) == 1
    assert f"message 1 has {what}" in found(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "NCT01234567, PMID 12345678901, ISBN 978-3-16-148410-0",
        "110105194912310021",  # the last digit is not the one that the others give
        "CAS 50-78-2, 2,3,7,8-tetrachlorodibenzo-p-dioxin",
        "138.12345678 mg, 1381234567 cells/L, 13812345678.5",
        "2020-01-15 10:30, 100-200-300 mg, 95% CI 1.02-1.35",
        "@doctor is no address; neither is a@b",
        "微信支付，QQ群里",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert found(text) == []
