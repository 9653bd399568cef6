"""The recipe's settings, read from YAML; unknown keys are refused by name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from finetune.nano.data import CorpusUse
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
    """Everything that decides what the bundled model becomes, but the data and the seed of the weights' hardware."""

    seed: int
    tokenizer: dict[str, Any]
    model: dict[str, Any]
    raw: dict[str, RawSource]
    base: StageConfig
    types: StageConfig
    tasks: StageConfig

    @classmethod
    def load(cls, path: Path = DEFAULT_CONFIG) -> NanoConfig:
        """The settings in `path`. Raises InputError on a key that is not known or a value of the wrong kind."""
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        _refuse_unknown(rows, {field.name for field in fields(cls)}, path)
        stages = {}
        for name in ("base", "types", "tasks"):
            _refuse_unknown(rows[name], {field.name for field in fields(StageConfig)}, path)
            stages[name] = StageConfig(**rows[name])
        raw = {name: RawSource(**row) for name, row in rows["raw"].items()}
        return cls(**{**rows, **stages, "raw": raw})


def load_mixture(path: Path = DEFAULT_MIXTURE) -> dict[str, dict[str, CorpusUse]]:
    """How each corpus is used, by stage. Raises InputError on a key that is not known."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = {field.name for field in fields(CorpusUse)}
    for uses in rows.values():
        for use in uses.values():
            _refuse_unknown(use, known, path)
    return {stage: {name: CorpusUse(**use) for name, use in uses.items()} for stage, uses in rows.items()}


def _refuse_unknown(row: dict[str, Any], known: set[str], path: Path) -> None:
    for key in row:
        if key not in known:
            raise InputError(
                f"{path} has the setting {key!r}, which is not known; known are {', '.join(sorted(known))}.",
                code="unknown_setting",
                path=str(path),
                name=key,
            )
