"""The language of a prompt beside the one its line names."""

from __future__ import annotations

import pytest

from finetune.data.checks import Row
from finetune.data.checks.prompts import other_language
from finetune.data.instruction import Instruction
from taiyi.conversation import Message


@pytest.mark.parametrize(
    ("lang", "prompt", "n_problems"),
    [
        ("en", "Find all names of drugs in this text: 阿司匹林", 0),
        ("zh", "请找出下面文本中的所有药物名称，并按顺序列出：Aspirin", 0),
        ("zh", "Find all names of drugs in this text: 阿司匹林", 1),
        ("en", "请找出下面文本中的所有药物名称，并按顺序列出：Aspirin", 1),
        ("en", "药物：Aspirin", 0),
    ],
)
def test_a_prompt_of_the_other_language_is_found_whatever_the_text_is(lang: str, prompt: str, n_problems: int) -> None:
    """The text is no part of the prompt's own words, and a few of those tell nothing."""
    messages = (Message("user", prompt), Message("assistant", "药物：阿司匹林"))
    request = {"text": "阿司匹林" if "阿司匹林" in prompt else "Aspirin"}
    row = Row(messages, Instruction("1", "made", "entities", lang, 1, "plain", messages, request))
    assert len(list(other_language(row))) == n_problems
