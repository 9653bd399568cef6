"""The palettes reach WCAG 2.2 AA wherever text stands on a colour: 4.5 to 1, and 3 to 1 for borders of controls."""

from __future__ import annotations

import pytest

from taiyi.labels import concepts
from taiyi.ui.theme import DARK, LIGHT, head, stylesheet

TEXT_ON = [
    ("ink", "page"), ("ink", "surface"), ("ink", "sunken"), ("ink", "soft"),
    ("muted", "page"), ("muted", "surface"), ("muted", "sunken"),
    ("accent", "page"), ("accent", "surface"), ("accent", "sunken"),
    ("accent-strong", "soft"), ("accent-strong", "surface"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"),
    ("danger", "danger-soft"), ("warn", "warn-soft"), ("warn", "sunken"),
]  # fmt: skip
CONTROL_ON = [("edge", "surface"), ("edge", "page"), ("accent", "page"), ("accent", "surface")]


def luminance(color: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2, "relative luminance")."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text, ground", TEXT_ON)
def test_text_can_be_read(palette: dict[str, str], text: str, ground: str) -> None:
    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("border, ground", CONTROL_ON)
def test_controls_can_be_seen(palette: dict[str, str], border: str, ground: str) -> None:
    assert contrast(palette[border], palette[ground]) >= 3.0


def test_both_palettes_name_the_same_roles() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_nothing_of_the_style_is_fetched() -> None:
    """No address of another host stands in style or script; the one namespace name is never requested."""
    assert "://" not in stylesheet()
    assert "@import" not in stylesheet() and "url(" not in stylesheet()
    assert "://" not in head()


def test_concepts_have_hues_that_can_be_told_apart() -> None:
    hues = sorted(concept.hue for concept in concepts())
    assert len(set(hues)) == len(hues)
