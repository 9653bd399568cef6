"""The README of a stage's folder: what it is, what it is made of, how good it was, how to load it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finetune.training.config import StageConfig

_SHOWN = (
    "types",
    "method",
    "learn_rate",
    "warmup",
    "schedule",
    "epochs",
    "batch_per_device",
    "accumulation",
    "max_length",
    "too_long",
    "packing",
    "precision",
    "seed",
)


def describe(config: StageConfig, made_of: Mapping[str, Any], best: Mapping[str, Any], steps: int) -> str:
    """The README as Markdown, from the settings, `made_of.json`, the best model's figures and the number of steps."""
    sections = (
        f"# {Path(config.out).name}",
        _opening(config, steps),
        "## Use",
        _use(config),
        "## Best step",
        _best(best),
        "## Settings",
        _settings(config),
        "## Data",
        _data(config, made_of),
        "## Versions",
        _table(("package", "version"), made_of["versions"].items()),
        "## In this folder",
        _FILES,
    )
    return "\n\n".join(sections) + "\n"


_FILES = """\
- `best/`: the weights that were chosen, with tokenizer and chat template; `complete.json` has their step and figures
- `checkpoints/`: the newest states of the run, to go on from; they may be deleted once the stage is finished
- `stage.yaml`: every setting; `made_of.json`: hashes of data and base, versions, and the plan in figures
- `log.jsonl`, `curves.png`, `tensorboard/`: loss, rate and scores over the steps"""


def _opening(config: StageConfig, steps: int) -> str:
    kind = {"qlora": "An adapter trained on the NF4 base", "lora": "An adapter trained on", "full": "Whole weights of"}
    before = f", continuing the stage in `{config.start_from}`" if config.start_from else ""
    return f"{kind[config.method]} `{config.base}`: {steps:,} steps{before}. Loss was on the replies only."


def _use(config: StageConfig) -> str:
    out = config.out
    if config.method == "full":
        return f"```\npython app.py --model {out}/best\n```"
    return (
        f"```\npython app.py --model {config.base} --adapter {out}/best\npython -m finetune merge {out}\n"
        f"python -m finetune check {out}\n```"
    )


def _best(best: Mapping[str, Any]) -> str:
    figures = [("step", str(best["step"]))]
    if "eval_loss" in best:
        figures.append(("loss a learnt token, on what was set aside", f"{best['eval_loss']:.4f}"))
    figures += [(name, f"{figure:.4f}") for name, figure in best.get("scores", {}).items()]
    if len(figures) == 1:
        return f"Step {best['step']}, the last one: nothing was set aside to choose by."
    return _table(("figure", "value"), figures)


def _settings(config: StageConfig) -> str:
    settings = config.to_dict()
    rows = [(name, settings[name]) for name in _SHOWN]
    if config.method != "full":
        rows.append(("lora", ", ".join(f"{key} {value}" for key, value in settings["lora"].items())))
    return _table(("setting", "value"), rows)


def _data(config: StageConfig, made_of: Mapping[str, Any]) -> str:
    going = made_of["plan"]
    facts = (
        f"{going['conversations']:,} conversations of `{config.data}`, {going['tokens']:,} tokens, of which "
        f"{going['learnt']:,} are learnt; {going['skipped']:,} were longer than the window and skipped, "
        f"{going['cut']:,} cut at the end of a turn."
    )
    return f"{facts}\n\n{_table(('file', 'SHA-256'), made_of['data'].items())}"


def _table(head: tuple[str, str], rows: Any) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join(lines)
