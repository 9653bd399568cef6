"""The recipe's settings, read from YAML; unknown keys are refused by name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from finetune.nano.train import StageConfig
from taiyi.errors import InputError

DEFAULT_CONFIG = Path(__file__).with_name("config.yaml")
DEFAULT_MIXTURE = Path(__file__).with_name("mixture.yaml")


@dataclass(frozen=True, slots=True)
class RawSource:
    """A file of raw text: how many characters of it are packed, and its weight among the sequences."""

    max_chars: int
    weight: float


@dataclass(frozen=True, slots=True)
class NanoConfig:
    """Everything that decides what the bundled model becomes, but the data and the machine.

    `length` is the longest conversation, in tokens, that is learnt from. `stages` are in the order in which they can be
    trained.
    """

    seed: int
    tokenizer: dict[str, Any]
    model: dict[str, Any]
    raw: dict[str, RawSource]
    length: int
    stages: dict[str, StageConfig]

    @classmethod
    def load(cls, path: Path = DEFAULT_CONFIG) -> NanoConfig:
        """The settings in `path`. Raises InputError on a key that is not known or a value of the wrong kind."""
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        _refuse_unknown(rows, {field.name for field in fields(cls)}, path)
        stages = {name: _stage(row, path) for name, row in rows["stages"].items()}
        raw = {name: RawSource(**row) for name, row in rows["raw"].items()}
        return cls(**{**rows, "stages": stages, "raw": raw})


def _stage(row: dict[str, Any], path: Path) -> StageConfig:
    _refuse_unknown(row, {field.name for field in fields(StageConfig)}, path)
    return StageConfig(**{**row, "types": tuple(row.get("types", ()))})


def _refuse_unknown(row: dict[str, Any], known: set[str], path: Path) -> None:
    for key in row:
        if key not in known:
            raise InputError(
                f"{path} has the setting {key!r}, which is not known; known are {', '.join(sorted(known))}.",
                code="unknown_setting",
                path=str(path),
                name=key,
            )
