"""Thoughts before an answer."""

import pytest

from taiyi.tasks.thoughts import without_thoughts


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("<think>A?\nNo.</think>\nAnswer: B", "Answer: B"),
        ("A? No.</think>答案：B", "答案：B"),
        ("Answer: B", "Answer: B"),
        ("<think>I never end", "<think>I never end"),
    ],
)
def test_thoughts_are_blanked_and_places_stay(reply: str, answer: str) -> None:
    left = without_thoughts(reply)
    assert left.strip() == answer
    assert left.index(answer) == reply.index(answer)
