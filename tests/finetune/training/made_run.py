"""A small stage to train in a test: made instructions, a random model, and how its trainer is put together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from finetune.data.instruction import Instruction, write_instructions
from finetune.training.config import LoraSettings, StageConfig
from finetune.training.model import load_stage_model, stage_tokenizer
from finetune.training.plan import stage_data
from finetune.training.trainer import StageTrainer
from taiyi.conversation import Message

REPLIES = ("Chemical: metformin", "Disease: rash; fever", "左氧氟沙星", "No relation.", "咳嗽；低热", "None")
DIALOGUE = (
    Message("system", "Be brief."),
    Message("user", "患者反复咳嗽。"),
    Message("assistant", "多久了？"),
    Message("user", "Half a month, with fever."),
    Message("assistant", "先拍胸部CT。"),
)


def instruction(n: int, messages: tuple[Message, ...]) -> Instruction:
    """A row of type 1 with the id "made:n"."""
    return Instruction(f"made:{n}", "made", "entities", "en", 1, None, messages, {"text": "made"})


def make_data(folder: Path, n: int = 24) -> Path:
    """A folder as `prepare` leaves it: `n` rows of several lengths to learn from, every sixth a dialogue of two turns,
    and four set aside."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(n + 4):
        asked = "The patient was given metformin. " * (1 + number % 5) + f"Question {number}?"
        single = (Message("user", asked), Message("assistant", REPLIES[number % len(REPLIES)]))
        rows.append(instruction(number, DIALOGUE if number % 6 == 5 else single))
    write_instructions(folder / "type1.train.jsonl", rows[:n])
    write_instructions(folder / "type1.dev.jsonl", rows[n:])
    return folder


def make_config(base: Path, data: Path, out: Path, **changes: Any) -> StageConfig:
    """Settings of a run of seconds: an adapter of rank 4 with dropout, several rows a step."""
    settings: dict[str, Any] = {
        "method": "lora",
        "lora": LoraSettings(rank=4, dropout=0.1),
        "learn_rate": 1e-2,
        "max_steps": 6,
        "batch_per_device": 2,
        "max_length": 256,
        "gradient_checkpointing": False,
        "precision": "fp32",
        "save_steps": 2,
        "log_steps": 1,
    }
    return StageConfig(base=str(base), data=str(data), out=str(out), **settings | changes)


def make_trainer(config: StageConfig, **options: Any) -> StageTrainer:
    """The stage's trainer on the CPU, with the weights that its seed gives."""
    from transformers import set_seed

    torch.set_num_threads(1)
    set_seed(config.seed)
    tokenizer = stage_tokenizer(config)
    data = stage_data(config, tokenizer, quiet=True)
    model = load_stage_model(config, torch.device("cpu"))
    return StageTrainer(
        config, model=model, tokenizer=tokenizer, train=data.train, dev=data.dev, explicit_mask=False, **options
    )


def log_rows(out: Path) -> list[dict[str, Any]]:
    """The rows of a stage's log."""
    return [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """The weights of an adapter or model in a folder."""
    from safetensors.torch import load_file

    (path,) = folder.glob("*.safetensors")
    return load_file(path)
