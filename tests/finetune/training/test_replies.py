"""What is learnt of a conversation, in chat formats with and without end tokens, and in one that rewrites its past."""

from __future__ import annotations

from typing import Any

import pytest

from finetune.training.replies import Sequence, cut, end_of_reply, runs_of, sequences_of
from taiyi.conversation import Message
from taiyi.errors import ModelError
from tests.finetune.training.made_run import DIALOGUE
from tests.taiyi.engine.conftest import CHATML, make_tokenizer

# Thoughts stand in the last reply only, as Qwen3 writes them.
FORGETFUL = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.role == 'assistant' and loop.last %}<think>\n\n</think>\n\n{% endif %}{{ m.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n\n</think>\n\n{% endif %}"
)


def with_template(template: str) -> Any:
    tokenizer = make_tokenizer("qwen3")
    tokenizer.chat_template = template
    return tokenizer


def learnt(sequence: Sequence, tokenizer: Any) -> str:
    return str(tokenizer.decode([i for i, m in zip(sequence.ids, sequence.mask, strict=True) if m]))


def test_a_template_that_rewrites_earlier_turns_gives_a_sequence_for_each_reply() -> None:
    tokenizer = with_template(FORGETFUL)
    end = end_of_reply(tokenizer, tokenizer, "made")
    one, two = sequences_of(DIALOGUE, tokenizer, end)
    assert learnt(one, tokenizer) == "多久了？<|im_end|>"
    assert learnt(two, tokenizer) == "先拍胸部CT。<|im_end|>"
    assert tokenizer.decode(two.ids).count("<think>") == 1


def test_all_replies_are_learnt_in_one_sequence_where_the_past_stays_as_it_was() -> None:
    tokenizer = with_template(CHATML)
    (whole,) = sequences_of(DIALOGUE, tokenizer, end_of_reply(tokenizer, tokenizer, "made"))
    assert learnt(whole, tokenizer) == "多久了？<|im_end|>先拍胸部CT。<|im_end|>"


def test_the_end_is_the_templates_own_where_the_tokenizer_names_another() -> None:
    """A base model's tokenizer with a chat template: its end token ends documents, not turns."""
    tokenizer = with_template(CHATML)
    tokenizer.eos_token = "<|endoftext|>"
    assert end_of_reply(tokenizer, tokenizer, "made") == tokenizer.convert_tokens_to_ids("<|im_end|>")


def test_a_template_without_an_end_token_is_refused() -> None:
    tokenizer = with_template(
        "{% for m in messages %}{{ m.role }}:\n{{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant:\n{% endif %}"
    )
    with pytest.raises(ModelError, match="chat template of made marks no end of a reply"):
        end_of_reply(tokenizer, tokenizer, "made")


def test_a_template_that_writes_its_prompt_differently_once_it_is_answered_is_refused() -> None:
    tokenizer = with_template("{% if add_generation_prompt %}A{% else %}B{% endif %}" + CHATML)
    with pytest.raises(ModelError, match="made cannot be trained: The chat template"):
        end_of_reply(tokenizer, tokenizer, "made")


def test_a_conversation_is_cut_behind_the_last_end_token_that_fits() -> None:
    """Ends (9) at places 3 and 6; the 9 at place 1 stands in a prompt."""
    whole = Sequence([1, 9, 5, 9, 2, 6, 9], [0, 0, 1, 1, 0, 1, 1])
    assert cut(whole, 9, 6) == Sequence([1, 9, 5, 9], [0, 0, 1, 1])
    assert cut(whole, 9, 4) == Sequence([1, 9, 5, 9], [0, 0, 1, 1])
    assert cut(whole, 9, 3) is None


def test_runs_are_half_open() -> None:
    assert runs_of([1, 0, 1, 1]) == [(0, 1), (2, 4)]
    assert runs_of([0, 0]) == []


def test_the_user_may_write_an_end_token_without_ending_a_reply() -> None:
    tokenizer = with_template(CHATML)
    end = end_of_reply(tokenizer, tokenizer, "made")
    said = (Message("user", "What is <|im_end|>?"), Message("assistant", "An end token."))
    (sequence,) = sequences_of(said, tokenizer, end)
    assert learnt(sequence, tokenizer) == "An end token.<|im_end|>"
