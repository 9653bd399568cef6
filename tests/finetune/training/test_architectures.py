"""A first run on a model of each architecture, random and small, in the chat format of the published ones: a step of
NF4 QLoRA, the merged folder, and the check, so that a user's first run on 7B parameters is not ours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import torch

from finetune.__main__ import main
from finetune.data.instruction import write_instructions
from finetune.training.collate import IGNORED, collate
from finetune.training.finished import read_finished
from finetune.training.merging import merge
from finetune.training.plan import stage_data
from finetune.training.stage import train_stage
from taiyi.conversation import Message
from taiyi.engine.loading import load_tokenizer
from tests.finetune.training.made_run import DIALOGUE, instruction, make_config
from tests.taiyi.engine.conftest import SENTENCES

FORMATS = Path(__file__).parents[2] / "data" / "chat_formats"


@dataclass(frozen=True)
class Family:
    """The special tokens of a published tokenizer that chats need, which of them pad and end, those that its generation
    settings stop at, and how a learnt reply of ours reads."""

    special: tuple[str, ...]
    pad: str | None
    end: str
    stops: tuple[str, ...]
    learnt: str = "{reply}{end}"


CHATML = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
FAMILIES = {
    "qwen2": Family(CHATML, "<|endoftext|>", "<|im_end|>", ("<|im_end|>", "<|endoftext|>")),
    "qwen3": Family((*CHATML, "<think>", "</think>"), "<|endoftext|>", "<|im_end|>", ("<|im_end|>", "<|endoftext|>")),
    # The generation prompt ends before the line break, which is the model's to write; its end is whoever speaks next.
    "glm4": Family(
        ("<|endoftext|>", "[gMASK]", "<sop>", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"),
        "<|endoftext|>",
        "<|endoftext|>",
        ("<|endoftext|>", "<|user|>", "<|observation|>"),
        learnt="\n{reply}<|user|>",
    ),
    # Published without a token to pad with.
    "llama": Family(
        (
            "<|begin_of_text|>",
            "<|end_of_text|>",
            "<|start_header_id|>",
            "<|end_header_id|>",
            "<|eom_id|>",
            "<|eot_id|>",
        ),
        None,
        "<|eot_id|>",
        ("<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"),
    ),
}


def published_tokenizer(name: str) -> Any:
    """A byte-level BPE of a few hundred entries in the family's chat format."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    family = FAMILIES[name]
    plain = Tokenizer(models.BPE())
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=list(family.special)
    )
    plain.train_from_iterator(SENTENCES, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain,
        eos_token=family.end,
        pad_token=family.pad,
        additional_special_tokens=list(family.special),
    )
    tokenizer.chat_template = (FORMATS / f"{name}.jinja").read_text(encoding="utf-8")
    return tokenizer


def published_model(name: str, folder: Path) -> Path:
    """A random bf16 model of the architecture in the form in which such models are published."""
    from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

    tokenizer = published_tokenizer(name)
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        name,
        vocab_size=len(tokenizer) + 12,  # published ones are wider than their tokenizers, too
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=1024,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.convert_tokens_to_ids(list(FAMILIES[name].stops)), pad_token_id=tokenizer.pad_token_id
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def made_rows(folder: Path) -> Path:
    """Two questions and a dialogue of two turns under a system message."""
    folder.mkdir()
    asked = (Message("user", "Find the drugs: metformin."), Message("assistant", "Chemical: metformin"))
    chinese = (Message("user", "患者咳嗽。"), Message("assistant", "临床表现：咳嗽"))
    write_instructions(
        folder / "type1.train.jsonl", [instruction(n, turns) for n, turns in enumerate((asked, chinese, DIALOGUE))]
    )
    return folder


def learnt_texts(labels: torch.Tensor, tokenizer: Any) -> list[str]:
    """What each stretch of labels decodes to."""
    texts: list[str] = []
    for row in labels.tolist():
        for learnt, stretch in groupby(row, key=lambda label: label != IGNORED):
            texts += [tokenizer.decode(list(stretch))] if learnt else []
    return texts


@pytest.mark.parametrize("name", FAMILIES)
def test_a_model_in_its_published_form_is_trained_merged_and_checked(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, data = published_model(name, tmp_path / "base"), made_rows(tmp_path / "data")
    config = make_config(base, data, tmp_path / "out", method="qlora", max_steps=1, batch_per_device=4)

    family, tokenizer = FAMILIES[name], load_tokenizer(str(base))
    rows = stage_data(config, tokenizer, quiet=True).train
    texts = learnt_texts(collate([rows[n] for n in range(len(rows))])["labels"], tokenizer)
    replies = ("Chemical: metformin", "临床表现：咳嗽", "多久了？", "先拍胸部CT。")
    assert sorted(texts) == sorted(family.learnt.format(reply=reply, end=family.end) for reply in replies)

    train_stage(config)
    merge(read_finished(Path(config.out)), tmp_path / "merged")
    capsys.readouterr()
    prompts = tmp_path / "prompts.yaml"
    prompts.write_text("- {task: chat, text: 咳嗽三天。}\n", encoding="utf-8")
    asked = ["--merged", str(tmp_path / "merged"), "--prompts", str(prompts), "--max-new-tokens", "8"]
    assert main(["check", config.out, *asked]) == 0
    assert "WRONG" not in (told := capsys.readouterr().out)
    assert "NF4" in told
