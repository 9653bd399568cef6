"""The sizes of the paper's instruction data, to stand beside ours.

`published_table.tsv` is the paper's Table 1, as printed. `published_mixture.tsv` is the authors' own list of instances
by dataset, with the row of Table 1 that each counts in ("" for those that none holds) and the corpus here that reads
it. The list's sums are Table 1's figures, except that English and Chinese entities stand the other way round in the
table (the list has 43,650 English and 28,603 Chinese ones), and that 193 English classes and 1,017 entities more are
printed than listed.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MIXTURE_FILE = Path(__file__).with_name("published_mixture.tsv")
TABLE_FILE = Path(__file__).with_name("published_table.tsv")
LANGS = ("en", "zh", "both")


@dataclass(frozen=True, slots=True)
class Published:
    """One dataset of the authors' list; `lang` is "both" for translation."""

    dataset: str
    task: str
    table: str
    lang: str
    instances: int
    corpus: str


@cache
def published_datasets() -> tuple[Published, ...]:
    """All rows of the authors' list."""
    return tuple(
        Published(
            row["dataset"],
            row["task"],
            row["table"],
            "both" if row["lang"] == "zh-en" else row["lang"],
            int(row["instances"]),
            row["corpus"],
        )
        for row in _rows(MIXTURE_FILE)
    )


@cache
def published_table() -> Mapping[tuple[str, str], int]:
    """Table 1: instances by row and language ("en", "zh", or "both" where it has one figure)."""
    return {(row["table"], lang): int(row[lang]) for row in _rows(TABLE_FILE) for lang in LANGS if row[lang]}


def listed_sums() -> Counter[tuple[str, str]]:
    """The list's instances by row and language of Table 1."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in published_datasets():
        if row.table:
            sums[place_of(row.table, row.lang)] += row.instances
    return sums


def place_of(table: str, lang: str) -> tuple[str, str]:
    """Where in Table 1 instances of a row and a language are counted."""
    return (table, lang) if (table, lang) in published_table() else (table, "both")


def instances_of(corpus: str) -> int | None:
    """How many instances the authors' list has of what a corpus here reads; None where it isn't in the list."""
    found = [row.instances for row in published_datasets() if row.corpus == corpus]
    return sum(found) if found else None


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
