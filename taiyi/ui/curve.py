"""Precision, recall and F1 over the threshold, as a drawing beside the slider, from the card of who answered."""

from __future__ import annotations

from collections.abc import Sequence

from taiyi.assistant import Assistant
from taiyi.card import Card, Curve
from taiyi.labels import concept_of
from taiyi.ui.locale import t
from taiyi.ui.show import escaped

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 34, 74, 10, 24  # margins: the figures, the names of the lines, and the thresholds
FIGURES = ("precision", "recall", "f1")


def curve_of(assistant: Assistant, by: str, labels: Sequence[str], scheme: str = "") -> Curve | None:
    """The curve of the specialist that answered alone: the first on a set with all labels asked for, of the scheme
    where one was asked for; None without."""
    for specialist in assistant.specialists:
        card = getattr(specialist, "card", None)
        if isinstance(card, Card) and by in (specialist.name, *card.names.values()):
            wanted = {_concept(label) for label in labels}
            curves = (curve for curve in card.curves if scheme in ("", curve.set))
            return next((curve for curve in curves if wanted <= set(map(_concept, curve.labels))), None)
    return None


def _concept(label: str) -> str:
    concept = concept_of(label)
    return concept.id if concept else label


def drawing(curve: Curve, threshold: float, lang: str) -> str:
    """The three lines with the threshold marked, and its figures in words."""
    here = curve.at(threshold)
    figures = {name: f"{getattr(here, name):.2f}" for name in FIGURES}
    said = t("curve.said", lang, threshold=f"{threshold:.2f}", **figures)
    source = t("curve.source", lang, set=curve.set, part=curve.part, n=f"{curve.n:,}")
    lines = "".join(_line(curve, name) for name in FIGURES)
    return (
        f'<figure class="ty-curve"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escaped(said)}">'
        f"{_axes()}{lines}{_names(curve, lang)}{_mark(curve, threshold)}</svg>"
        f"<figcaption><b>{escaped(said)}</b><span>{escaped(source)}</span></figcaption></figure>"
    )


def _x(threshold: float) -> float:
    return LEFT + threshold * (WIDTH - LEFT - RIGHT)


def _y(value: float) -> float:
    return TOP + (1 - value) * (HEIGHT - TOP - BOTTOM)


def _axes() -> str:
    lines = "".join(
        f'<line class="ty-grid" x1="{_x(0):.0f}" x2="{_x(1):.0f}" y1="{_y(value):.1f}" y2="{_y(value):.1f}"/>'
        f'<text x="{LEFT - 6}" y="{_y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
        for value in (0, 0.5, 1)
    )
    below = "".join(
        f'<text x="{_x(value):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{value:g}</text>' for value in (0, 0.5, 1)
    )
    return lines + below


def _line(curve: Curve, name: str) -> str:
    """From no threshold on: hiding nothing changes nothing."""
    first = curve.points[0]
    places = [(0.0, getattr(first, name)), *((p.threshold, getattr(p, name)) for p in curve.points)]
    path = " ".join(f"{_x(threshold):.1f},{_y(value):.1f}" for threshold, value in places)
    return f'<polyline class="ty-line ty-line-{name}" points="{path}"/>'


def _names(curve: Curve, lang: str) -> str:
    """Each line's name where it ends, moved apart where two would touch."""
    rows = sorted((_y(getattr(curve.points[-1], name)), name) for name in FIGURES)
    parts, lowest = [], 0.0
    for y, name in rows:
        lowest = max(y + 4, lowest + 14)
        word = escaped(t(f"curve.{name}", lang))
        parts.append(f'<text class="ty-line-name ty-name-{name}" x="{_x(1) + 4:.0f}" y="{lowest:.1f}">{word}</text>')
    return "".join(parts)


def _mark(curve: Curve, threshold: float) -> str:
    """The threshold as a line from top to bottom, with a dot on F1."""
    x = _x(min(1.0, max(0.0, threshold)))
    return (
        f'<line class="ty-here" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        f'<circle class="ty-here-dot" cx="{x:.1f}" cy="{_y(curve.at(threshold).f1):.1f}" r="4"/>'
    )
