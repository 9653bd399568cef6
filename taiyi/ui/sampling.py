"""The chat's generation settings: presets, the components of the side panel, and the SamplingParams they make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import yaml
from gradio.components import Component

from taiyi.engine.base import SamplingParams
from taiyi.errors import InputError
from taiyi.ui.page import Page
from taiyi.ui.parts import QUIET

FILE = Path(__file__).parent.parent / "data" / "sampling.yaml"
FIELDS = ("max_new_tokens", "temperature", "top_p", "top_k", "repetition_penalty")
# Minimum, maximum, step of each slider: what SamplingParams takes, within what helps.
RANGES: dict[str, tuple[float, float, float]] = {
    "max_new_tokens": (1, 4096, 1),
    "temperature": (0.0, 2.0, 0.05),
    "top_p": (0.05, 1.0, 0.05),
    "top_k": (0, 200, 1),
    "repetition_penalty": (1.0, 2.0, 0.01),
}


@cache
def sampling_presets() -> dict[str, dict[str, Any]]:
    """The presets by their ids; the first is the default."""
    return {row["id"]: row for row in yaml.safe_load(FILE.read_text(encoding="utf-8"))}


def sampling_params(
    max_new_tokens: float,
    temperature: float,
    top_p: float,
    top_k: float,
    repetition_penalty: float,
    seed: str = "",
) -> SamplingParams:
    """The settings of the panel's values. Raises InputError where one is outside its range."""
    return SamplingParams(
        int(max_new_tokens),
        float(temperature),
        float(top_p),
        int(top_k),
        float(repetition_penalty),
        _seed(seed),
    )


def _seed(written: str) -> int | None:
    try:
        return int(written) if written.strip() else None
    except ValueError as error:
        raise InputError(
            f"The seed {written!r} must be a whole number, or empty.", code="bad_seed", value=written
        ) from error


@dataclass(frozen=True, slots=True)
class Panel:
    """The settings' components, in the order of `sampling_params`."""

    preset: gr.Dropdown
    components: tuple[Component, ...]


def panel(page: Page) -> Panel:
    """The preset, a slider a setting, and the seed."""
    rows = sampling_presets()
    first = next(iter(rows.values()))
    preset = page.make(
        gr.Dropdown,
        {"label": "sampling.preset", "choices": lambda lang: [(row["name"][lang], key) for key, row in rows.items()]},
        value=first["id"],
        filterable=False,
    )
    sliders = [
        page.make(
            gr.Slider,
            {"label": f"sampling.{name}"},
            minimum=RANGES[name][0],
            maximum=RANGES[name][1],
            step=RANGES[name][2],
            value=first[name],
            buttons=[],
            min_width=120,
        )
        for name in FIELDS
    ]
    seed = page.make(gr.Textbox, {"label": "sampling.seed", "placeholder": "sampling.seed_hint"}, value="", max_lines=1)
    preset.input(lambda name: [rows[name][field] for field in FIELDS], preset, sliders, queue=False, **QUIET)
    return Panel(preset, (*sliders, seed))
