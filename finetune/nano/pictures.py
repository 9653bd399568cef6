"""The pictures of the model's card: the loss of every stage, and the sets under one and two stages (Figure 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from finetune.nano.logs import StageLog

LOSS_FILE, FIGURE_4_FILE = "loss.png", "figure4.png"
ONE, TWO, INK = "#c9822b", "#0b7568", "#182322"
WIDTH, DPI = 8, 100  # 800 pixels


def draw_losses(logs: Mapping[str, StageLog], start_from: Mapping[str, str], path: Path) -> None:
    """The loss over the tokens seen, each stage from where the one that it started from ended."""
    figure, axes = _axes(3.2)
    begins: dict[str, float] = {}
    for name, log in logs.items():
        before = start_from.get(name, "")
        begins[name] = begins[before] + logs[before].n_tokens / 1e6 if before in begins else 0.0
        tokens, losses = zip(*log.curve, strict=True)
        axes.plot([begins[name] + n / 1e6 for n in tokens], losses, label=name, linewidth=1.5, marker=".", markersize=3)
    axes.set_xlabel("million tokens seen")
    axes.set_ylabel("loss a learnt token")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9, frameon=False)
    _save(figure, path)


def draw_figure_4(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Two bars a set with their 95 % intervals; `rows` as `figure4.compared` has them."""
    figure, axes = _axes(3.8)
    for side, (name, label, color) in enumerate((("one", "one stage", ONE), ("two", "two stages", TWO))):
        places = [place + (side - 0.5) * 0.4 for place in range(len(rows))]
        values = [row[name] for row in rows]
        errors = [
            [max(0.0, row[name] - row[f"{name}_low"]) for row in rows],
            [max(0.0, row[f"{name}_high"] - row[name]) for row in rows],
        ]
        axes.bar(places, values, 0.38, label=label, color=color)
        axes.errorbar(places, values, yerr=errors, fmt="none", ecolor=INK, elinewidth=1, capsize=2)
    axes.set_xticks(range(len(rows)), [row["set"] for row in rows], rotation=35, ha="right", fontsize=9)
    axes.set_ylabel("micro-F1 or accuracy")
    axes.set_ylim(0, min(1.0, max(row[f"{name}_high"] for row in rows for name in ("one", "two")) + 0.05))
    axes.grid(alpha=0.3, axis="y")
    axes.set_axisbelow(True)
    figure.legend(loc="outside upper center", ncols=2, fontsize=9, frameon=False)
    _save(figure, path)


def _axes(height: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=DPI)
