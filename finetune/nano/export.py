"""The model's folder: weights in small shards, tokenizer, `taiyi.yaml` and, where it ships, the card with pictures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import yaml

from finetune.nano.config import NanoConfig
from finetune.nano.model import build_model
from finetune.nano.optimizer import MasterOptimizer
from finetune.nano.tokenizer import load_tokenizer
from finetune.nano.train import step_of
from taiyi.card import CARD_FILE
from taiyi.errors import InputError
from taiyi.language import LANGUAGES
from taiyi.prompts import marked_templates

SHIPPED = "continued"
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
WINDOW_CHARS = {
    "entities": {"en": 600, "zh": 200},
    "classify": {"en": 700},
}  # what the passages of its training reached


def load_weights(config: NanoConfig, work_dir: Path, stage: str) -> tuple[Any, Any]:
    """Model and tokenizer with the weights of a stage's last checkpoint."""
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    model = build_model(config.model, tokenizer, config.seed)
    state = torch.load(_checkpoint(work_dir, stage), weights_only=True, mmap=True)
    settings = config.stages[stage]
    MasterOptimizer(model, adam_lr=settings.adam_lr, muon_lr=settings.muon_lr).load_masters(
        state["optimizer"]["masters"]
    )
    return model.eval(), tokenizer


def _checkpoint(work_dir: Path, stage: str) -> Path:
    path = work_dir / stage / "checkpoint.pt"
    if not path.is_file():
        raise InputError(f"There is no {path}; train the stage first: python -m finetune.nano {stage}")
    return path


def last_step(work_dir: Path, stage: str) -> int:
    """The step of a stage's last checkpoint. Raises InputError where it has none."""
    return step_of(_checkpoint(work_dir, stage))


def stage_model(config: NanoConfig, work_dir: Path, stage: str) -> Path:
    """The folder of a stage's last weights as the evaluation loads them, without scores and biases; made where it is
    not there yet."""
    folder = work_dir / stage / "models" / f"step-{last_step(work_dir, stage)}"
    if not folder.is_dir():
        model, tokenizer = load_weights(config, work_dir, stage)
        aside = _written(model, tokenizer, folder, _about(model, {}))
        aside.replace(folder)
    return folder


def export(config: NanoConfig, work_dir: Path, out_dir: Path, stage: str = SHIPPED) -> None:
    """Write the folder aside and put it in the place of `out_dir`, so that no reader sees half a model.

    Scores and biases are those that `tune`, `score` and `figure4` left in `work_dir`; without them the card says so.
    """
    from finetune.nano.card import copy_pictures, model_card

    measured = read_measured(work_dir)
    model, tokenizer = load_weights(config, work_dir, stage)
    about = _about(model, measured)
    aside = _written(model, tokenizer, out_dir, about)
    (aside / "README.md").write_text(model_card(config, work_dir, about, measured), encoding="utf-8")
    copy_pictures(config, work_dir, aside)
    for path in aside.iterdir():
        path.chmod(0o644)
    gone = out_dir.with_name(f".{out_dir.name}.old")
    shutil.rmtree(gone, ignore_errors=True)
    if out_dir.exists():
        out_dir.replace(gone)
    aside.replace(out_dir)
    shutil.rmtree(gone, ignore_errors=True)


def _written(model: Any, tokenizer: Any, folder: Path, about: Mapping[str, Any]) -> Path:
    """Weights, tokenizer and `taiyi.yaml` in a folder beside `folder`."""
    from transformers import GenerationConfig

    aside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, max_new_tokens=512
    )
    model.save_pretrained(aside, max_shard_size=MAX_SHARD)
    tokenizer.save_pretrained(aside)
    text = yaml.safe_dump(dict(about), allow_unicode=True, sort_keys=False, width=120)
    (aside / CARD_FILE).write_text(text, encoding="utf-8")
    return aside


def _about(model: Any, measured: Mapping[str, Any]) -> dict[str, Any]:
    """The content of `taiyi.yaml`: `measured` as `read_measured` has it."""
    biases = measured.get("biases", {})
    return {
        "name": NAME,
        "n_parameters": sum(weight.numel() for weight in model.parameters()),
        "scores": measured.get("scores", []),
        "unable": list(UNABLE),
        "templates": {"entities": {lang: marked_templates("entities", lang)[0].id for lang in LANGUAGES}},
        "end_bias": biases.get("end_bias", {}),
        "mark_bias": biases.get("mark_bias", {}),
        "window_chars": WINDOW_CHARS,
        "notes": NOTES,
    }


def read_measured(work_dir: Path, stage: str = SHIPPED) -> dict[str, Any]:
    """What `tune` and `score` measured of a stage's last weights; empty before they ran.

    Raises InputError where the figures are of other weights.
    """
    step = last_step(work_dir, stage)
    measured: dict[str, Any] = {}
    for key, path in (("biases", work_dir / stage / "biases.json"), ("", work_dir / "scores.json")):
        if not path.is_file():
            continue
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["step"] != step:
            raise InputError(
                f"{path} was measured at step {found['step']} and the checkpoint of {stage} is at step {step}; run "
                "`tune` and `score` again, or take the file away."
            )
        measured |= {key: found} if key else found
    return measured
