"""Curves of a stage from its log: `curves.png` and TensorBoard's event files. Both may be drawn again at any time:

    python -m finetune.training.curves OUT [OUT2 ...]

`log.jsonl` has an object a line with `step` and whatever was measured there: numbers, or groups of numbers by name.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taiyi.errors import FormatError, TaiyiError

LOG_FILE, PICTURE_FILE, EVENTS_DIR = "log.jsonl", "curves.png", "tensorboard"
Curve = list[tuple[int, float]]
PANELS: tuple[tuple[str, str], ...] = (
    ("loss", "loss a token"),
    ("learn_rate", "learning rate"),
    ("scores", "dev score"),
)


def read_curves(folder: Path) -> dict[str, Curve]:
    """(step, value) by name, "scores/bc5cdr-chem" for a number in a group, in the order of steps.

    A step that was trained again after an interruption counts once, as it was the last time. Raises FormatError where
    there is no log, or a line is none of it; a torn last line is passed over.
    """
    path = folder / LOG_FILE
    if not path.is_file():
        raise FormatError(f"{folder} has no {LOG_FILE}: it is not the folder of a stage, or nothing was logged yet.")
    found: dict[str, dict[int, float]] = {}
    *lines, _torn = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            step = int(row.pop("step"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"{path}:{number}: this is no line of a log ({error!r}).") from error
        for name, value in _numbers(row):
            found.setdefault(name, {})[step] = value
    return {name: sorted(by_step.items()) for name, by_step in found.items()}


def _numbers(row: Mapping[str, Any], group: str = "") -> list[tuple[str, float]]:
    found = []
    for name, value in row.items():
        if isinstance(value, Mapping):
            found += _numbers(value, f"{group}{name}/")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append((f"{group}{name}", float(value)))
    return found


def draw(folder: Path) -> Path:
    """Write the picture: losses, learning rate and dev scores over the steps, a panel each where there is something."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    curves = read_curves(folder)
    panels = [(name, label, own) for name, label in PANELS if (own := _of_panel(curves, name))]
    figure = Figure(figsize=(7, 0.6 + 2.4 * max(1, len(panels))), layout="constrained")
    FigureCanvasAgg(figure)
    all_axes = figure.subplots(max(1, len(panels)), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, label, own) in zip(all_axes, panels, strict=False):
        for title, curve in own.items():
            steps, values = zip(*curve, strict=True)
            axes.plot(steps, values, label=title, linewidth=1.4, marker="o" if len(steps) < 30 else None, markersize=3)
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        if name != "learn_rate":
            axes.legend(fontsize=8)
    all_axes[-1].set_xlabel("optimizer step")
    figure.suptitle(folder.name)
    figure.savefig(folder / PICTURE_FILE, dpi=130)
    return folder / PICTURE_FILE


def _of_panel(curves: Mapping[str, Curve], panel: str) -> dict[str, Curve]:
    """The curves of a panel by what the legend calls them."""
    if panel == "loss":
        return {title: curves[name] for name, title in (("loss", "training"), ("eval_loss", "dev")) if name in curves}
    if panel == "scores":
        return {name.partition("/")[2]: curve for name, curve in curves.items() if name.startswith("scores/")}
    return {panel: curves[panel]} if panel in curves else {}


def write_events(folder: Path) -> Path:
    """Write TensorBoard's event files anew, a scalar for each curve."""
    from torch.utils.tensorboard import SummaryWriter

    curves = read_curves(folder)
    events = folder / EVENTS_DIR
    shutil.rmtree(events, ignore_errors=True)
    with SummaryWriter(str(events)) as writer:
        for name, curve in curves.items():
            for step, value in curve:
                writer.add_scalar(name, value, step)
    return events


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the curves of the folders named."""
    parser = argparse.ArgumentParser(
        prog="python -m finetune.training.curves",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="OUT", help="folder of a stage")
    try:
        for folder in parser.parse_args(arguments).folders:
            print(draw(folder))
            print(write_events(folder))
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
