"""A stage's folder as training leaves it, with an adapter of random numbers: merging and checking start from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from finetune.training.checkpoints import mark
from finetune.training.config import StageConfig
from finetune.training.identity import base_identity


def make_stage(folder: Path, base: Path, *, best: Mapping[str, Any] | None = None, **lora: Any) -> Path:
    """A stage on `base`; `lora` are settings of peft's adapter, `best` the figures of its step."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(2)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    options: dict[str, Any] = {"r": 8, "target_modules": "all-linear", "init_lora_weights": False} | lora
    adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **options))
    with torch.no_grad():  # so that replies are the adapter's, not the base's
        for name, weight in adapted.named_parameters():
            if "lora_" in name:
                weight.mul_(2.0)
    adapted.save_pretrained(folder / "best")
    mark(folder / "best", {"step": 4, "figure": 0.5, **(best or {})})
    config = StageConfig(base=str(base), data=str(folder / "prepared"), out=str(folder))
    (folder / "stage.yaml").write_text(yaml.safe_dump(config.to_dict(), sort_keys=False), encoding="utf-8")
    made_of = {"data": {"type1.train.jsonl": "0" * 64}, "base": base_identity(str(base)), "versions": {}}
    (folder / "made_of.json").write_text(json.dumps(made_of), encoding="utf-8")
    return folder
