"""Replies that break off, and those that only look like it."""

from __future__ import annotations

import pytest

from finetune.data.checks import Endings, Row
from finetune.data.checks.endings import broken_off
from taiyi.conversation import Message

WHOLE = "Aspirin is taken with water after a meal, and never with alcohol"


def row(reply: str) -> Row:
    return Row((Message("user", "Why?"), Message("assistant", reply)))


@pytest.mark.parametrize(
    "reply",
    [
        "Yes",
        "这是可以的，不用担心",
        WHOLE + ".",
        "See the leaflet (page 2).",
        "a) water b) tea :)",
        "The interval [0, 1) is half open.",
        "The dose (per kilogram is 5 mg. Take it twice.",
        "Use:\n```\nprint(1)\n```",
        "他说：“可以。”",
        "We look forward to it.",
        "Vitamin A",
        "Aspirin (acetylsalicylic acid)",
    ],
)
def test_whole_replies_are_left_alone(reply: str) -> None:
    assert list(broken_off(row(reply))) == []


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        ("Take the tablets with water (not with", "before '('"),
        ("请在饭后服用（一天三次", "before '（'"),
        ("Use:\n```\nprint(1)", "block of code"),
        (WHOLE + " or with", "ends with 'with'"),
        (WHOLE + ", milk,", "ends with ','"),
        ("感冒患者应当多休息，多饮水，注意保暖，饮食清淡，避免劳累，保持室内空气流通，以及", "ends with '以及'"),
        ("感冒患者应当多休息，多饮水，注意保暖，饮食清淡，避免劳累，保持室内空气流通，", "ends with '，'"),
    ],
)
def test_a_reply_that_breaks_off_is_found(reply: str, what: str) -> None:
    assert [what in problem.what for problem in broken_off(row(reply))] == [True]


def endings_of(replies: list[str]) -> list[int]:
    endings = Endings()
    for number, reply in enumerate(replies, start=1):
        endings.note(row(reply), number)
    return [line for line, _ in endings.problems()]


def test_a_reply_without_a_full_stop_is_found_where_nearly_all_others_have_one() -> None:
    assert endings_of([WHOLE + "."] * 19 + [WHOLE]) == [20]
    assert endings_of([WHOLE + "."] * 18 + [WHOLE] * 2) == []  # nine in ten
    assert endings_of([WHOLE + "."] * 18 + [WHOLE]) == []  # too few to say


def test_short_replies_lists_and_links_need_no_full_stop() -> None:
    others = ["A name", WHOLE + ":\n- water\n- 250", WHOLE + " (three times a day)", WHOLE + " https://example.org/a"]
    assert endings_of([WHOLE + "."] * 96 + others) == []
