"""What a model folder says about itself: `taiyi.yaml`, read into a `Card`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from taiyi.errors import ModelError

CARD_FILE = "taiyi.yaml"


@dataclass(frozen=True, slots=True)
class Score:
    """One measured figure: what was scored, on which part, by which metric, over how many documents.

    `low` and `high` are the ends of its 95 % interval, None where none was measured.
    """

    task: str
    lang: str
    set: str
    part: str
    metric: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What was measured where items with a score below `threshold` are hidden."""

    threshold: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision, recall and F1 over thresholds, on `n` documents of a part of a set, asked for `labels`."""

    set: str
    part: str
    labels: tuple[str, ...]
    n: int
    points: tuple[CurvePoint, ...]

    def at(self, threshold: float) -> CurvePoint:
        """The point that holds at a threshold: the first that is not below it, else the last."""
        return next((point for point in self.points if point.threshold >= threshold), self.points[-1])


@dataclass(frozen=True, slots=True)
class Card:
    """What is known about a model beyond its weights; every field may be empty for a model of unknown origin.

    `unable` are task ids that the model can't do at all. By task and language are `end_bias` and `mark_bias` (see
    SamplingParams), `templates` (the ids of the prompts that it was trained on, where the usual ones are not the best
    to ask it with) and `window_chars` (the length of text that it was trained to read at once). `labels` is a
    specialist's own table: the label in the weights → the concept id, or the shown names by language for classes.
    `seen` are splits beyond the training part that the weights were trained on, by corpus: a score on those says
    nothing.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    task: str = ""
    lang: str = ""
    labels: Mapping[str, Any] = field(default_factory=dict)
    scores: tuple[Score, ...] = ()
    curves: tuple[Curve, ...] = ()
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unable: tuple[str, ...] = ()
    end_bias: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    mark_bias: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    templates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    window_chars: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    n_parameters: int | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def name(self, lang: str, default: str = "") -> str:
        """The shown name in a language."""
        return self.names.get(lang) or self.names.get("en") or default


def read_card(folder: Path) -> Card:
    """The card in `folder`; an empty one where there is no file. Raises ModelError on a key it doesn't know."""
    path = folder / CARD_FILE
    if not path.is_file():
        return Card()
    row = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    name = row.pop("name", {})
    notes = row.pop("notes", {})
    known = set(Card.__dataclass_fields__) - {"names", "notes"}
    unknown = sorted(set(row) - known)
    if unknown:
        raise ModelError(f"{path}: the key {unknown[0]!r} is not known; known are {', '.join(sorted(known))}.")
    scores = tuple(
        Score(**{key: item[key] for key in Score.__dataclass_fields__ if key in item}) for item in row.pop("scores", ())
    )
    curves = tuple(
        Curve(
            item["set"],
            item["part"],
            tuple(item["labels"]),
            item["n"],
            tuple(CurvePoint(**point) for point in item["points"]),
        )
        for item in row.pop("curves", ())
    )
    return Card(
        names=name if isinstance(name, Mapping) else {"en": name, "zh": name},
        notes=notes if isinstance(notes, Mapping) else {"en": notes, "zh": notes},
        scores=scores,
        curves=curves,
        unable=tuple(row.pop("unable", ())),
        **row,
    )
