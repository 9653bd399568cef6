"""The published numbers that stand beside ours; `published.tsv` holds each with its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PUBLISHED_FILE = Path(__file__).parent / "published.tsv"
BIORED = "biored"


@dataclass(frozen=True, slots=True)
class PublishedScore:
    """One published number: `value` in [0, 1]; `parts` are precision, recall and F1 where it was given as those."""

    set: str
    task: str
    metric: str
    lang: str
    system: str
    value: float
    parts: tuple[float, ...]
    source: str


@cache
def published_scores() -> tuple[PublishedScore, ...]:
    """Every row of the file, in its order."""
    with PUBLISHED_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_score_of(row) for row in csv.DictReader(file, delimiter="\t"))


def _score_of(row: dict[str, str]) -> PublishedScore:
    parts = tuple(map(float, row["value"].split("/")))
    return PublishedScore(
        row["set"], row["task"], row["metric"], row["language"], row["system"], parts[-1], parts, row["source"]
    )


def table_2() -> dict[str, dict[str, float]]:
    """System → set → value of the 13 sets: the paper's Table 2, and the README of Taiyi 2 in its form."""
    table: dict[str, dict[str, float]] = {}
    for score in published_scores():
        if score.set.split(":")[0] != BIORED:
            table.setdefault(score.system, {})[score.set] = score.value
    return table


def table_3() -> dict[str, tuple[float, float, float]]:
    """BioRED's types, and "all" → precision, recall and F1 of Taiyi: the paper's Table 3."""
    table = {}
    for score in published_scores():
        name, _, type_ = score.set.partition(":")
        if name == BIORED and score.system == "Taiyi":
            precision, recall, f1 = score.parts
            table[type_ or "all"] = (precision, recall, f1)
    return table


def mean_of(system: str) -> float:
    """The average of a system over the 13 sets, as Table 2's last row has it. Raises KeyError for an unknown one."""
    values = table_2()[system].values()
    return sum(values) / len(values)
