"""The examples that a click runs: `data/samples.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "data" / "samples.yaml"


@dataclass(frozen=True, slots=True)
class Sample:
    """An example: the language of its text, its shown title by language, and the values of the tab's inputs."""

    lang: str
    title: Mapping[str, str]
    values: Mapping[str, Any]


@cache
def samples(tab: str) -> tuple[Sample, ...]:
    """The examples of a tab, in both languages."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))[tab]
    return tuple(
        Sample(row["lang"], row["title"], {k: v for k, v in row.items() if k not in ("lang", "title")}) for row in rows
    )
