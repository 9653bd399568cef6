"""Pictures of scores: our bars with their intervals beside the published values, and two runs side by side.

Everything is told apart by shape and lightness, so that a grey print reads the same. matplotlib is imported when a
picture is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FILLS = ("#6fb0a6", "#e4efec", "#a9d0c9", "#c9cfcd")  # neighbours differ; light enough for an interval drawn on them
HATCHES = ("", "///", "", "...", "xxx")
INK = "#182322"
MARKERS = {"ChatGPT-3.5": "o", "Taiyi": "D", "Taiyi 2": "s", "SOTA": "^"}
FACES = {"ChatGPT-3.5": "white", "Taiyi": "white", "Taiyi 2": "#8a9491", "SOTA": INK}
DPI = 160
GROUP = 0.72  # of the room between two sets, taken by the bars of one


@dataclass(frozen=True, slots=True)
class Bar:
    """A score in [0, 1] with its 95 % interval."""

    value: float
    low: float
    high: float


Bars = Mapping[str, Bar]  # by set


def scores_picture(
    shown: Mapping[str, str], runs: Mapping[str, Bars], published: Mapping[str, Mapping[str, float]]
) -> bytes:
    """A PNG: a row a set (`shown` maps sets to their names), a bar a run, a mark a published system (by system and
    set)."""
    figure = _figure(9.5, 1.6 + len(shown) * (0.3 + 0.22 * len(runs)))
    axes = figure.add_subplot()
    _bars(axes, list(shown), runs, horizontal=True)
    for system, value_by_set in published.items():
        places = [(value_by_set[name], at) for at, name in enumerate(shown) if name in value_by_set]
        if places:
            axes.scatter(
                *zip(*places, strict=True),
                marker=MARKERS[system],
                facecolor=FACES[system],
                edgecolor=INK,
                s=42,
                zorder=4,
                label=system,
            )
    axes.set_yticks(range(len(shown)), list(shown.values()))
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xlabel("micro-F1, or accuracy for multiple choice")
    _quiet(axes, "x")
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return _png(figure)


def stages_picture(panels: Mapping[str, Mapping[str, str]], runs: Mapping[str, Bars]) -> bytes:
    """A PNG in the manner of the paper's Figure 4: a panel a kind of task (by its title, the names of its sets), in
    each a bar a run and set."""
    figure = _figure(10.5, 7.0)
    places = figure.subplots(2, 2).flat
    for at, (axes, (title, shown)) in enumerate(zip(places, panels.items(), strict=True)):
        axes.set_title(f"({'ABCD'[at]}) {title}", loc="left", fontsize=11)
        axes.set_ylim(0, 1)
        _quiet(axes, "y")
        axes.set_xticks(range(len(shown)), list(shown.values()), rotation=20 if len(shown) > 3 else 0)
        if shown:
            margin = max(0.6, 1.6 - len(shown) / 2)  # so that the bars of few sets stay slim
            axes.set_xlim(-margin, len(shown) - 1 + margin)
            _bars(axes, list(shown), runs, horizontal=False)
        else:
            axes.text(0.5, 0.5, "no set in both runs", transform=axes.transAxes, ha="center", color=INK)
    legends = [axes.get_legend_handles_labels() for axes in figure.axes]
    handles, names = max(legends, key=lambda legend: len(legend[0]))
    figure.legend(handles, names, loc="outside upper center", ncols=2, frameon=False)
    return _png(figure)


def _bars(axes: Any, sets: Sequence[str], runs: Mapping[str, Bars], *, horizontal: bool) -> None:
    """The bars of every run around the whole numbers, with their intervals."""
    width = GROUP / max(1, len(runs))
    for n, (run, bar_by_set) in enumerate(runs.items()):
        shift = (n - (len(runs) - 1) / 2) * width
        found = [(at + shift, bar_by_set[name]) for at, name in enumerate(sets) if name in bar_by_set]
        if not found:
            continue
        at, bars = zip(*found, strict=True)
        values = [bar.value for bar in bars]
        reach = [[max(0.0, b.value - b.low) for b in bars], [max(0.0, b.high - b.value) for b in bars]]
        style = {"color": FILLS[n % 4], "hatch": HATCHES[n % 5], "edgecolor": INK, "linewidth": 0.7, "label": run}
        lines = {"ecolor": INK, "capsize": 3, "error_kw": {"elinewidth": 1.2, "zorder": 3}}
        if horizontal:
            axes.barh(at, values, height=width * 0.92, xerr=reach, **style, **lines)
        else:
            axes.bar(at, values, width=width * 0.92, yerr=reach, **style, **lines)


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")


def _quiet(axes: Any, along: str) -> None:
    """Thin lines behind the bars, no box around them."""
    axes.grid(axis=along, color="#dbe2df", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _png(figure: Any) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
