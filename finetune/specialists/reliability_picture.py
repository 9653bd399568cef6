"""Reliability as a picture: how often items of each range of scores are right, a panel a set, as SVG.

The colours follow the reader's light or dark theme. A point on the dashed line is a score that keeps its word; the bars
at the foot say how many items each range holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from eval.metrics import ReliabilityRow

SIDE = 140  # pixels of a panel's plot
LEFT, TOP, RIGHT, BOTTOM = 40, 26, 12, 38  # room around it
BAR = 24  # the highest bar
WIDTH_OF_RANGE = 0.1
PER_ROW = 4
STYLE = """
  text { font: 11px sans-serif; fill: #182322; } .title { font-weight: bold; }
  .frame, .due { fill: none; stroke: #6b7674; } .due { stroke-dasharray: 4 3; }
  .line { fill: none; stroke: #0b7568; stroke-width: 2; } .point { fill: #0b7568; } .bar { fill: #b9cfcb; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6eceb; } .frame, .due { stroke: #9aa5a3; }
    .line { stroke: #5fc7b6; } .point { fill: #5fc7b6; } .bar { fill: #35524d; }
  }
"""


def reliability_svg(rows_by_set: Mapping[str, Sequence[ReliabilityRow]]) -> str:
    """A panel for each set; every set has at least one row."""
    n_wide = min(len(rows_by_set), PER_ROW)
    n_high = -(-len(rows_by_set) // PER_ROW)
    wide, high = LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM
    size = f'width="{n_wide * wide}" height="{n_high * high}" viewBox="0 0 {n_wide * wide} {n_high * high}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">', f"<style>{STYLE}</style>"]
    lines.append("<title>Share of items that are right, by their score</title>")
    for n, (name, rows) in enumerate(rows_by_set.items()):
        lines.append(f'<g transform="translate({n % PER_ROW * wide + LEFT} {n // PER_ROW * high + TOP})">')
        lines += [*_axes(name), *_bars(rows), *_points(rows), "</g>"]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _axes(name: str) -> Iterator[str]:
    yield f'<text class="title" x="0" y="-9">{escape(name)}</text>'
    yield f'<rect class="frame" width="{SIDE}" height="{SIDE}"/>'
    yield f'<path class="due" d="M0 {SIDE}L{SIDE} 0"/>'
    for mark in (0, 0.5, 1):
        yield f'<text x="{_x(mark):.0f}" y="{SIDE + 15}" text-anchor="middle">{mark:g}</text>'
        yield f'<text x="-6" y="{_y(mark) + 4:.0f}" text-anchor="end">{mark:g}</text>'
    yield f'<text x="{SIDE / 2:.0f}" y="{SIDE + 30}" text-anchor="middle">score</text>'
    yield f'<text transform="translate(-28 {SIDE / 2:.0f}) rotate(-90)" text-anchor="middle">share right</text>'


def _bars(rows: Sequence[ReliabilityRow]) -> Iterator[str]:
    most = max(row.n for row in rows)
    for row in rows:
        high = BAR * row.n / most
        place = f'x="{_x(row.low) + 1:.1f}" y="{SIDE - high:.1f}" width="{SIDE * WIDTH_OF_RANGE - 2:.1f}"'
        yield f'<rect class="bar" {place} height="{high:.1f}"><title>{row.n:,} items</title></rect>'


def _points(rows: Sequence[ReliabilityRow]) -> Iterator[str]:
    places = [(_x(row.mean_score), _y(row.share_right)) for row in rows]
    yield f'<path class="line" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in places)}"/>'
    yield from (f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places)


def _x(share: float) -> float:
    return SIDE * share


def _y(share: float) -> float:
    return SIDE * (1 - share)
