"""Label names and the concepts they stand for; `data/labels.yaml` holds the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import yaml

LABELS_FILE = Path(__file__).parent / "data" / "labels.yaml"


@dataclass(frozen=True, slots=True)
class Concept:
    """What several spellings of a label mean. `names` maps a language to the shown name; `hue` is in degrees."""

    id: str
    names: dict[str, str]
    hue: int


def _folded(label: str) -> str:
    return label.strip().casefold().replace("_", " ")


@cache
def concepts() -> tuple[Concept, ...]:
    """All concepts, in the order of the file."""
    rows = yaml.safe_load(LABELS_FILE.read_text(encoding="utf-8"))
    return tuple(Concept(key, {"en": row["en"], "zh": row["zh"]}, row["hue"]) for key, row in rows.items())


@cache
def _concept_by_spelling() -> dict[str, Concept]:
    rows = yaml.safe_load(LABELS_FILE.read_text(encoding="utf-8"))
    table: dict[str, Concept] = {}
    for concept in concepts():
        row = rows[concept.id]
        for spelling in (concept.id, row["en"], row["zh"], *row.get("also", ())):
            table.setdefault(_folded(spelling), concept)
    return table


def concept_of(label: str) -> Concept | None:
    """The concept that `label` spells, in either language, or None for a label of the person's own."""
    return _concept_by_spelling().get(_folded(label))


def hue_of(label: str) -> int:
    """The hue of a label, in degrees: its concept's, or one made from the name, the same on every page and day."""
    concept = concept_of(label)
    return concept.hue if concept else crc32(_folded(label).encode()) % 360
