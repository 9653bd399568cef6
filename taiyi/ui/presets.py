"""The sets of labels that a tab offers: `data/presets.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from taiyi.labels import concepts
from taiyi.language import LANGUAGES
from taiyi.ui.locale import t

OWN = "own"
FILE = Path(__file__).parent.parent / "data" / "presets.yaml"


@dataclass(frozen=True, slots=True)
class Preset:
    """A set of labels in one language; `roles` for events, `multi` where several classes may hold."""

    id: str
    lang: str
    names: dict[str, str]
    labels: tuple[str, ...]
    roles: tuple[str, ...] = ()
    multi: bool = False


@cache
def presets(task: str) -> dict[str, Preset]:
    """The presets of a task by `<lang>/<id>`."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8")).get(task, {})
    return {
        f"{lang}/{row['id']}": Preset(
            row["id"],
            lang,
            row["name"],
            tuple(map(str, row["labels"])),
            tuple(map(str, row.get("roles", ()))),
            row.get("multi", False),
        )
        for lang in LANGUAGES
        for row in rows.get(lang, ())
    }


def default_preset(task: str, lang: str) -> str:
    """The first preset of a task whose labels are in `lang`."""
    return next(key for key, preset in presets(task).items() if preset.lang == lang)


def preset_of(task: str, labels: Sequence[str]) -> str:
    """The key of the preset that has exactly these labels; OWN where there is none."""
    return next((key for key, preset in presets(task).items() if list(preset.labels) == list(labels)), OWN)


def preset_choices(task: str) -> Callable[[str], list[tuple[str, str]]]:
    """(shown, key) pairs of a task's presets, those in the reader's language first, and OWN."""

    def shown(lang: str) -> list[tuple[str, str]]:
        rows = sorted(presets(task).items(), key=lambda row: row[1].lang != lang)
        named = [(f"{preset.names[lang]} · {preset.lang}", key) for key, preset in rows]
        return [*named, (t("preset_own", lang), OWN)]

    return shown


def known_labels(task: str) -> list[str]:
    """Every label that a preset of the task, or for entities the table of concepts, knows."""
    named = [label for preset in presets(task).values() for label in preset.labels]
    if task == "entities":
        named += [name for concept in concepts() for name in concept.names.values()]
    return list(dict.fromkeys(named))
