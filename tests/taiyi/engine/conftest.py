"""Small random models of real classes, their chat formats, and a tokenizer trained on sentences of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taiyi.engine.local import LocalEngine

SENTENCES = [
    "The patient was given metformin twice a day and her blood glucose fell within a week.",
    "Rash, fever and swollen lymph nodes appeared ten days after the first dose of phenytoin.",
    "No relation between the variant and the disease was found in the second family.",
    "患者反复咳嗽伴低热半月，胸部CT提示右上肺斑片影，痰检阴性。",
    "给予左氧氟沙星治疗一周后体温正常，咳嗽减轻，复查血常规未见异常。",
    "请识别下面文本中的疾病、药物和临床表现；没有的类型留空。",
] * 40

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GLM4 = (
    "[gMASK]<sop>{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
LLAMA3 = (
    "<|begin_of_text|>{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content }}"
    "<|eot_id|>"
    "{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
# Architecture → template, its special tokens, the one that ends a turn.
FAMILIES: dict[str, tuple[str, list[str], str]] = {
    "qwen2": (CHATML, ["<|im_start|>", "<|im_end|>", "<|endoftext|>"], "<|im_end|>"),
    "qwen3": (CHATML, ["<|im_start|>", "<|im_end|>", "<|endoftext|>"], "<|im_end|>"),
    "glm4": (GLM4, ["[gMASK]", "<sop>", "<|user|>", "<|assistant|>", "<|system|>"], "<|user|>"),
    "llama": (LLAMA3, ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"], "<|eot_id|>"),
}


def make_tokenizer(family: str) -> Any:
    """A byte-level BPE of about 600 entries with the family's special tokens and chat format."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    template, special, end = FAMILIES[family]
    plain = Tokenizer(models.BPE())
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    plain.train_from_iterator(SENTENCES, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain, eos_token=end, pad_token=end)
    tokenizer.add_special_tokens({"additional_special_tokens": [token for token in special if token != end]})
    tokenizer.chat_template = template
    return tokenizer


def make_model(family: str, folder: Path, *, seed: int = 0) -> Path:
    """A random model of the family's real class, saved with its tokenizer as a folder that loads offline."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(seed)
    tokenizer = make_tokenizer(family)
    config = AutoConfig.for_model(
        family,
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=1024,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        initializer_range=0.2,
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Qwen3 model."""
    return make_model("qwen3", tmp_path_factory.mktemp("qwen3"))


@pytest.fixture(scope="session")
def engine(model_folder: Path) -> Iterator[LocalEngine]:
    """One engine for all tests that leave it as it was."""
    loaded = LocalEngine(str(model_folder))
    yield loaded
    loaded.close()
