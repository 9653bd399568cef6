"""The tokenizer gives back any text, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune.nano.template import END, SPECIAL_TOKENS
from finetune.nano.tokenizer import MAX_ENTRY_BYTES, PATTERN, chars_per_token, train_tokenizer
from taiyi.conversation import Conversation, Message, render

TRAINED = train_tokenizer(["阿司匹林缓解头痛。", "Aspirin relieved the headache."] * 4, 320)


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    if any(token in text for token in SPECIAL_TOKENS):
        return
    assert TRAINED.decode(TRAINED(text, add_special_tokens=False)["input_ids"]) == text


@pytest.mark.parametrize(
    "text", ["1,2-二氯乙烷", "İL-2", "𠮷", "ＣＯＸ－２", "👩‍⚕️", "a\r\nb\n\n c", "Na+/K(+)-ATPase; "]
)
def test_names_that_are_hard_on_tokenizers_come_back(text: str) -> None:
    assert TRAINED.decode(TRAINED(text, add_special_tokens=False)["input_ids"]) == text


def test_digits_han_and_marks_stand_alone() -> None:
    from tokenizers import Regex, pre_tokenizers

    split = pre_tokenizers.Split(Regex(PATTERN), behavior="isolated")
    pieces = [piece for piece, _ in split.pre_tokenize_str("服用IL-12约3周\n好转")]
    assert pieces == ["服", "用", "IL", "-", "1", "2", "约", "3", "周", "\n", "好", "转"]


def test_no_entry_is_longer_than_four_han_characters(tokenizer: Any) -> None:
    assert max(len(entry) for entry in tokenizer.get_vocab() if entry not in SPECIAL_TOKENS) <= MAX_ENTRY_BYTES


def test_a_prompt_is_a_prefix_of_its_answered_form_and_only_the_reply_is_masked(tokenizer: Any) -> None:
    asked = Conversation.of("头痛吃什么药？", system="Be brief.")
    prompt, _ = render(asked, tokenizer)
    whole, mask = render(Conversation((*asked.messages, Message("assistant", "阿司匹林"))), tokenizer)
    assert whole[: len(prompt)] == prompt
    assert tokenizer.decode([id for id, learnt in zip(whole, mask, strict=True) if learnt]) == "阿司匹林" + END


def test_characters_a_token_count_characters_of_the_text(tokenizer: Any) -> None:
    assert chars_per_token(tokenizer, ["𠮷"]) == pytest.approx(1 / 4)
