"""The tokenizer: byte-level BPE trained on Chinese and English medical text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from finetune.nano.template import CHAT_TEMPLATE, END, PAD, SPECIAL_TOKENS

# Every digit is a token of its own, so that numbers are read alike wherever they stand. Han characters stand apart from
# other letters, and line breaks apart from everything: a list's separators are always the same tokens.
PATTERN = r"\p{N}|\p{Han}| ?[\p{L}\p{M}&&\P{Han}]+| ?[^\s\p{L}\p{M}\p{N}]|\n| +(?!\S)|\s"

# In bytes: four Han characters, or twelve letters. Longer entries would hide where a mention inside them begins.
MAX_ENTRY_BYTES = 12


def train_tokenizer(texts: Iterable[str], n_entries: int) -> Any:
    """A `transformers` fast tokenizer of `n_entries` entries learnt from `texts`, with the chat template."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=n_entries,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=MAX_ENTRY_BYTES,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[token for token in SPECIAL_TOKENS if token not in (PAD, END)],
        clean_up_tokenization_spaces=False,
        model_max_length=2048,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer saved in `folder`."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def chars_per_token(tokenizer: Any, texts: Sequence[str]) -> float:
    """How many characters of `texts` one token holds on average."""
    n_tokens = sum(len(ids) for ids in tokenizer(list(texts), add_special_tokens=False)["input_ids"])
    return sum(map(len, texts)) / max(n_tokens, 1)
