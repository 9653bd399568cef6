"""The model of a stage: its base as the method wants it, with a new adapter or that of the stage before."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import torch
import yaml

from finetune.training.checkpoints import is_complete
from finetune.training.config import StageConfig
from taiyi.engine.loading import load_tokenizer
from taiyi.errors import InputError, ModelError

STAGE_FILE = "stage.yaml"
FINISHED = "finished.json"


def compute_dtype(precision: str) -> torch.dtype:
    """What is computed in: under "auto" bf16 on a GPU that has it, else fp32."""
    if precision == "auto":
        return torch.bfloat16 if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if precision == "bf16" else torch.float32


def is_sharded() -> bool:
    """Whether FSDP or DeepSpeed spreads the weights over processes; accelerate's launcher says so."""
    return any(os.environ.get(f"ACCELERATE_USE_{name}", "").lower() == "true" for name in ("FSDP", "DEEPSPEED"))


def check_start(config: StageConfig) -> None:
    """Raise InputError unless the stage that this one continues is finished and fits this one's settings."""
    if config.start_from is None:
        return
    before = Path(config.start_from)
    if not (before / FINISHED).is_file() or not is_complete(before / "best"):
        if (before / STAGE_FILE).is_file():
            state, settings = "is not finished", str(before / STAGE_FILE)
        else:
            changes = f"--set base={config.base} --set data={config.data} --set out={before}"
            state, settings = "is not there", f"finetune/configs/stage1.yaml {changes}"
        raise InputError(
            f"This stage continues the one in {before}, which {state}. Make it first: "
            f"python -m finetune train {settings}"
        )
    earlier = yaml.safe_load((before / STAGE_FILE).read_text(encoding="utf-8"))
    full = (earlier["method"] == "full", config.method == "full")
    if full[0] != full[1]:
        raise InputError(
            f"The stage in {before} was trained with method {earlier['method']}, this one with {config.method}: an "
            "adapter continues an adapter, whole weights continue whole weights. Change `method` in one of them."
        )
    now = config.to_dict()
    for key in ("base",) if full[0] else ("base", "lora"):
        if earlier[key] != now[key]:
            raise InputError(
                f"{key} is {now[key]}, but {earlier[key]} in the stage that is continued, {before}. Use that."
            )


def load_stage_model(config: StageConfig, device: torch.device | None) -> Any:
    """The model to train, on `device`; None leaves the placing to FSDP or DeepSpeed.

    Adapters are fp32, and so are whole weights that are trained; a frozen base is NF4 or as it is computed in.
    Raises ModelError where the base cannot be loaded.
    """
    dtype = compute_dtype(config.precision)
    whole = config.method == "full"
    source = str(Path(config.start_from) / "best") if whole and config.start_from else config.base
    model = _load(source, torch.float32 if whole else dtype, _nf4(dtype) if config.quantization else None, device)
    model.config.use_cache = False
    if whole:
        return model
    return _with_adapter(config, model)


def stage_tokenizer(config: StageConfig) -> Any:
    """The base's tokenizer. Raises ModelError where there is none or it has no chat template."""
    return load_tokenizer(config.base)


def _with_adapter(config: StageConfig, model: Any) -> Any:
    from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training

    if config.quantization:
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
        _keep_gradients(model)
    if config.start_from:
        return PeftModel.from_pretrained(model, str(Path(config.start_from) / "best"), is_trainable=True)
    targets = config.lora.targets
    lora = LoraConfig(
        r=config.lora.rank,
        lora_alpha=config.lora.alpha,
        lora_dropout=config.lora.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        task_type="CAUSAL_LM",
    )
    try:
        return get_peft_model(model, lora)
    except ValueError as error:
        raise InputError(f"lora.targets is {targets!r}, which does not fit {config.base}: {error}") from error


def _keep_gradients(model: Any) -> None:
    """On a CPU with AVX512-BF16, bitsandbytes 0.50 repacks 4-bit weights at their first pass in evaluation mode, for
    good, and the packed product passes no gradient on: training after an evaluation would lose most of it, silently."""
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def _load(source: str, dtype: torch.dtype, quantization: Any, device: torch.device | None) -> Any:
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {"dtype": dtype, "attn_implementation": "sdpa"}
    if quantization is not None:
        options["quantization_config"] = quantization
    if device is not None:
        options["device_map"] = {"": device}
    try:
        return AutoModelForCausalLM.from_pretrained(source, **options)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelError(
            f"The base {source} could not be loaded: {reason}", code="model_not_loaded", model=source, reason=reason
        ) from error


def _nf4(dtype: torch.dtype) -> Any:
    """Paper, "Model training": 4-bit NormalFloat with double quantization. What is stored is of the dtype that is
    computed in, so that FSDP can shard it beside the other weights."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise ModelError(
            "method: qlora needs the package bitsandbytes, which is not installed here (pip install bitsandbytes); "
            "method: lora does without.",
            code="no_bitsandbytes",
        ) from error
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        bnb_4bit_quant_storage=dtype,
    )
