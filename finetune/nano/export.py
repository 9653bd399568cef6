"""The model's folder as it ships: weights in small shards, tokenizer, settings, `taiyi.yaml` and the model card."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
import yaml

from finetune.nano.config import NanoConfig
from finetune.nano.model import build_model
from finetune.nano.optimizer import MasterOptimizer
from finetune.nano.tokenizer import load_tokenizer

MAX_SHARD = "9MB"
NAME = {"en": "Taiyi nano", "zh": "太一 nano"}
NOTES = {
    "en": "A very small model, trained from scratch on a CPU. What it writes is a demonstration, often wrong.",
    "zh": "极小的模型，在 CPU 上从零训练。其所写内容仅供演示，常有错误。",
}
# Never trained, or answered with nonsense when tried by hand: what it should not pretend to do.
UNABLE = (
    "choose",
    "entailment",
    "passage",
    "summary",
    "title",
    "translate",
    "relations",
    "causality",
    "events",
    "coreference",
    "similarity",
    "report",
)
WINDOW_CHARS = {"en": 900, "zh": 300}  # what the passages of its training reached


def load_weights(config: NanoConfig, work_dir: Path, stage: str) -> tuple[Any, Any]:
    """Model and tokenizer with the weights of a stage's last checkpoint."""
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    model = build_model(config.model, tokenizer, config.seed)
    state = torch.load(work_dir / stage / "checkpoint.pt", weights_only=True)
    settings = getattr(config, stage)
    MasterOptimizer(model, adam_lr=settings.adam_lr, muon_lr=settings.muon_lr).load_masters(
        state["optimizer"]["masters"]
    )
    return model.eval(), tokenizer


def export(config: NanoConfig, work_dir: Path, out_dir: Path, stage: str = "tasks") -> None:
    """Write the folder aside and put it in the place of `out_dir`, so that no reader sees half a model.

    Measured scores and biases are read from `work_dir/scores.json`, where `score` left them.
    """
    from transformers import GenerationConfig

    from finetune.nano.card import model_card

    model, tokenizer = load_weights(config, work_dir, stage)
    aside = out_dir.with_name(f".{out_dir.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, max_new_tokens=512
    )
    model.save_pretrained(aside, max_shard_size=MAX_SHARD)
    tokenizer.save_pretrained(aside)
    measured = read_scores(work_dir)
    about = {
        "name": NAME,
        "n_parameters": sum(weight.numel() for weight in model.parameters()),
        "scores": measured["scores"],
        "unable": list(UNABLE),
        "end_bias": measured["end_bias"],
        "window_chars": WINDOW_CHARS,
        "notes": NOTES,
    }
    text = yaml.safe_dump(about, allow_unicode=True, sort_keys=False, width=120)
    (aside / "taiyi.yaml").write_text(text, encoding="utf-8")
    (aside / "README.md").write_text(model_card(config, work_dir, about["n_parameters"], measured), encoding="utf-8")
    for path in aside.iterdir():
        path.chmod(0o644)
    gone = out_dir.with_name(f".{out_dir.name}.old")
    shutil.rmtree(gone, ignore_errors=True)
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    if out_dir.exists():
        out_dir.replace(gone)
    aside.replace(out_dir)
    shutil.rmtree(gone, ignore_errors=True)


def read_scores(work_dir: Path) -> dict[str, Any]:
    """What `score` measured; empty tables before it ran."""
    path = work_dir / "scores.json"
    if not path.exists():
        return {"scores": [], "end_bias": {}, "constraint": []}
    measured: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return measured
