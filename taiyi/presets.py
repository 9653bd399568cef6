"""Sets of labels to choose from; `data/presets.yaml` holds the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PRESETS_FILE = Path(__file__).parent / "data" / "presets.yaml"


@dataclass(frozen=True, slots=True)
class Preset:
    """A set of labels with its shown name by language; `roles` for events, `multi` where several classes may hold."""

    id: str
    name: Mapping[str, str]
    labels: tuple[str, ...]
    roles: tuple[str, ...] = ()
    multi: bool = False


@cache
def presets(task: str, lang: str) -> tuple[Preset, ...]:
    """The presets of a task whose labels are in `lang`, the usual one first; none for tasks without labels."""
    rows = yaml.safe_load(PRESETS_FILE.read_text(encoding="utf-8")).get(task, {}).get(lang, ())
    return tuple(
        Preset(row["id"], row["name"], tuple(row["labels"]), tuple(row.get("roles", ())), row.get("multi", False))
        for row in rows
    )
