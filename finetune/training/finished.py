"""A finished stage as those find it who use it: its settings, what it was made of, and the adapter that was chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from finetune.training.checkpoints import facts, is_complete
from finetune.training.identity import base_folder, base_identity, quantized_by
from taiyi.errors import InputError, ModelError

PLAIN = ("LORA",)
BEYOND = ("modules_to_save", "trainable_token_indices", "use_dora", "lora_bias", "layer_replication")
"""Settings of peft's that put more into an adapter than low-rank products of whole layers."""


@dataclass(frozen=True, slots=True)
class FinishedStage:
    """The folder of a stage that left a best adapter.

    `settings` are those of `stage.yaml`, `made_of` the hashes and versions of `made_of.json`, `best` the step and the
    figures of the adapter, `base` the folder of the model that it belongs to.
    """

    folder: Path
    settings: Mapping[str, Any]
    made_of: Mapping[str, Any]
    best: Mapping[str, Any]
    base: Path

    @property
    def adapter(self) -> Path:
        """The folder of the adapter."""
        return self.folder / "best"


def read_finished(folder: Path, base: str | None = None) -> FinishedStage:
    """The stage in `folder`; `base` says where its base is now, if it has moved.

    Raises InputError or ModelError where there is no adapter that can be merged, or the base is not the one that it
    was trained on.
    """
    if not (folder / "stage.yaml").is_file():
        raise InputError(f"{folder} is no stage's folder (no stage.yaml). Name the `out` of the stage's settings.")
    settings = yaml.safe_load((folder / "stage.yaml").read_text(encoding="utf-8"))
    made_of = json.loads((folder / "made_of.json").read_text(encoding="utf-8"))
    best = folder / "best"
    if settings["method"] == "full":
        raise InputError(f"The stage in {folder} trained whole weights: {best} is a model already, nothing is merged.")
    if not is_complete(best) or not (best / "adapter_config.json").is_file():
        raise InputError(f"{best} holds no complete adapter. Finish the stage: python -m finetune train STAGE.yaml")
    _check_kind(best)
    found = base_folder(base or settings["base"])
    _check_base(found, made_of["base"])
    return FinishedStage(folder, settings, made_of, facts(best), found)


def _check_kind(adapter: Path) -> None:
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    kind = config.get("peft_type")
    if kind not in PLAIN:
        raise ModelError(f"{adapter} is a {kind} adapter; LoRA's alone are merged here.")
    beyond = [name for name in BEYOND if config.get(name)]
    if config.get("bias", "none") != "none":
        beyond.append("bias")
    if beyond:
        raise ModelError(
            f"{adapter} holds more than low-rank products of whole layers ({', '.join(beyond)} in its "
            "adapter_config.json), which is not merged here. Load it beside its base with --adapter."
        )


def _check_base(base: Path, expected: Mapping[str, str]) -> None:
    quantized = quantized_by(str(base))
    if quantized:
        raise ModelError(
            f"The weights in {base} are quantized ({quantized}); merging would round the adapter away. Name a copy in "
            "16 bits with --base."
        )
    found = base_identity(str(base))
    changed = [part for part, digest in expected.items() if found.get(part) != digest]
    if changed:
        raise ModelError(
            f"The {' and '.join(changed)} in {base} are not those of the base that the adapter was trained on. Bring "
            "them back, or name a folder that has them with --base."
        )
