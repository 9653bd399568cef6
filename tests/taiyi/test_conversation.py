"""Training and inference see the same ids: the prompt is a prefix of what is trained on, and only replies are."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerFast

from taiyi.conversation import Conversation, Message, render

TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer without merges: one token a byte, plus the marks of the template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    vocab = {char: i for i, char in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    plain = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    wrapped = PreTrainedTokenizerFast(tokenizer_object=plain)
    wrapped.add_special_tokens(
        {"additional_special_tokens": ["<|user|>", "<|assistant|>", "<|system|>", "<|end|>"], "eos_token": "<|end|>"}
    )
    wrapped.chat_template = TEMPLATE
    return wrapped


DIALOGUE = Conversation(
    (
        Message("system", "Be brief."),
        Message("user", "咳嗽三天了"),
        Message("assistant", "发烧吗？"),
        Message("user", "No."),
        Message("assistant", "多喝水。"),
    )
)


def test_the_mask_marks_exactly_the_replies_and_their_end_tokens(tokenizer: PreTrainedTokenizerFast) -> None:
    ids, mask = render(DIALOGUE, tokenizer)
    trained = tokenizer.decode([i for i, m in zip(ids, mask, strict=True) if m])
    assert trained == "发烧吗？<|end|>多喝水。<|end|>"


def test_the_prompt_of_inference_is_a_prefix_of_what_is_trained_on(tokenizer: PreTrainedTokenizerFast) -> None:
    whole, _ = render(DIALOGUE, tokenizer)
    prompt, mask = render(Conversation(DIALOGUE.messages[:-1]), tokenizer)
    assert whole[: len(prompt)] == prompt
    assert sum(mask[-3:]) == 0


def test_a_template_that_rewrites_its_prompt_is_refused_for_training(tokenizer: PreTrainedTokenizerFast) -> None:
    tokenizer.chat_template = "{% if add_generation_prompt %}A{% else %}B{% endif %}" + TEMPLATE
    try:
        with pytest.raises(ValueError, match="template"):
            render(DIALOGUE, tokenizer)
    finally:
        tokenizer.chat_template = TEMPLATE


def test_replies_that_the_template_writes_differently_later_on_are_not_marked(
    tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last reply alone has a thought, as with Qwen3: the first stands without it, as inference shows it."""
    thought = "{% if m.role == 'assistant' and loop.last %}...{% endif %}"
    monkeypatch.setattr(
        tokenizer, "chat_template", TEMPLATE.replace("{{ m.content }}", f"{thought}{{{{ m.content }}}}")
    )
    ids, mask = render(DIALOGUE, tokenizer)
    assert len(ids) == len(mask)
    assert tokenizer.decode([i for i, m in zip(ids, mask, strict=True) if m]) == "...多喝水。<|end|>"
    assert "|>发烧吗？<|end|>" in tokenizer.decode(ids)
