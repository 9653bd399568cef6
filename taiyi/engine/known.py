"""Models that people are likely to load, with what one must know beforehand: `data/models.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent.parent / "data" / "models.yaml"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A published chat model. Memory is that of the weights alone, in GB; None where the load was not made possible.

    `loads` is "local" where transformers has the model's classes, "server" where it needs code of its own and is best
    run behind a server. `sampling` are the settings that its authors use (see SamplingParams), `system` says whether
    they use a system prompt.
    """

    name: str
    title: str
    n_parameters: int
    memory_bf16_gb: float
    memory_nf4_gb: float
    context_tokens: int
    chat_format: str
    licence: str
    loads: str
    sampling: dict[str, float]
    system: bool
    note: dict[str, str]


@cache
def known_models() -> dict[str, KnownModel]:
    """By hub name."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {row["name"]: KnownModel(**{"note": {}, **row}) for row in rows}
