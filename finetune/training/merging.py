"""An adapter merged into its bf16 base: a model folder like any other, for the app, for servers and for the next stage.

Each weight is the base's plus the low-rank product, added in fp32 and rounded to bf16 once. (peft alone rounds the
product to bf16 before it adds, and the sum again.)
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from finetune.training.finished import FinishedStage
from finetune.training.merged_card import write_card
from taiyi.errors import InputError, ModelError

COPIED = (
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template*",
    "generation_config.json",
    "LICENSE*",
)
"""What a merged model takes from its base as it stands: the tokenizer, the chat template, the generation settings."""


def merge(stage: FinishedStage, into: Path, *, shard_size: str = "5GB") -> Path:
    """Write the merged model into a folder that is not there yet, or empty; the folder.

    It is written aside and renamed, so that it is there whole or not at all. Raises InputError where the folder cannot
    be written, ModelError where adapter and base don't fit.
    """
    import torch

    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise InputError(f"{into} is there already and not empty. Name another folder with --into, or remove it.")
    model = merged_in_fp32(load_adapted(stage, torch.bfloat16))
    aside = into.with_name(f".{into.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        model.save_pretrained(aside, max_shard_size=shard_size)
        for path in sorted({path for pattern in COPIED for path in stage.base.glob(pattern) if path.is_file()}):
            shutil.copyfile(path, aside / path.name)
        write_card(stage, aside, sum(weight.numel() for weight in model.parameters()))
        if into.exists():
            into.rmdir()
        aside.replace(into)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        reason = error.strerror or str(error)
        raise InputError(f"The merged model cannot be written to {into}: {reason}.") from error
    return into


def load_adapted(stage: FinishedStage, dtype: Any) -> Any:
    """The stage's adapter on its base, whose weights are rounded to bf16 and then held in `dtype`; on the CPU.

    Raises ModelError where the adapter is another architecture's.
    """
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(stage.base, dtype=torch.bfloat16).to(dtype)
    try:
        model = PeftModel.from_pretrained(base, str(stage.adapter))
    except (RuntimeError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"The adapter in {stage.adapter} does not fit the base in {stage.base}: {reason}") from error
    _check_all_used(model, stage)
    return model.eval()


def _check_all_used(model: Any, stage: FinishedStage) -> None:
    """peft passes over what a model has no place for, and leaves at nought what an adapter does not hold."""
    from peft import get_peft_model_state_dict
    from safetensors import safe_open

    with safe_open(stage.adapter / "adapter_model.safetensors", "pt") as stored:
        given = set(stored.keys())
    placed = set(get_peft_model_state_dict(model))
    if given != placed:
        name = min(given ^ placed)
        lacks = "base" if name in given else "adapter"
        raise ModelError(
            f"The adapter in {stage.adapter} does not fit the base in {stage.base}: the {lacks} has no {name}."
        )


def merged_in_fp32(model: Any) -> Any:
    """The plain model that an adapted one becomes, layer by layer, each in the dtype that it had.

    Raises ModelError where a sum is no number.
    """
    from peft.tuners.lora import LoraLayer

    for name, layer in model.named_modules():
        if not isinstance(layer, LoraLayer):
            continue
        weight: Any = layer.get_base_layer().weight
        dtype = weight.dtype
        weight.data = weight.data.float()
        try:
            layer.merge(safe_merge=True)
        except ValueError as error:
            raise ModelError(f"The adapter is broken: merged into {name} it gives no numbers.") from error
        weight.data = weight.data.to(dtype)
    return model.unload()
