"""What a merged model says of itself: `taiyi.yaml` for the app, `README.md` for people, in the form of the hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from eval.judging import METRICS
from eval.sets import eval_set
from finetune.training.finished import FinishedStage
from finetune.training.scores import CHOSEN, card_for_tuned
from taiyi.card import CARD_FILE

FRONT = """\
---
library_name: transformers
pipeline_tag: text-generation
tags: [biomedical]
license: other
---"""
USE = """\
```
python app.py --model FOLDER
python -m eval run --model FOLDER --predictor llm --data DIR --out RUN
```"""
NOT_FOR = """\
Not for medical advice, diagnosis, treatment, triage, or any decision about a person. The licences of the base and of
the corpora hold for these weights, too."""
NOTES = {
    "en": "Fine-tuned and merged with python -m finetune. What it writes may be wrong.",
    "zh": "由 python -m finetune 微调并合并。其所写内容可能有误。",
}
SHOWN: tuple[str, ...] = (
    "method",
    "types",
    "learn_rate",
    "warmup",
    "schedule",
    "epochs",
    "max_steps",
    "batch_per_device",
)
SHOWN += ("accumulation", "max_length", "packing", "precision", "seed")


def write_card(stage: FinishedStage, folder: Path, n_parameters: int) -> None:
    """Write both files into the merged model's folder.

    Of the base's own card stays what training does not change for the better: how long a text it may read at once,
    and what it can't do. Its scores and biases go; the scores are those that chose the checkpoint.
    """
    base = card_for_tuned(str(stage.base))
    about = {
        "name": {lang: _name(stage, base.name(lang, stage.base.name)) for lang in ("en", "zh")},
        "n_parameters": n_parameters,
        "scores": _scores(stage),
        "unable": list(base.unable),
        "window_chars": {task: dict(by_lang) for task, by_lang in base.window_chars.items()},
        "notes": NOTES,
    }
    text = yaml.safe_dump(about, allow_unicode=True, sort_keys=False, width=120)
    (folder / CARD_FILE).write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(_readme(stage, about), encoding="utf-8")


def _name(stage: FinishedStage, base: str) -> str:
    return f"{base}, {stage.folder.name}"


def _scores(stage: FinishedStage) -> list[dict[str, Any]]:
    """A row for each dev set, as `taiyi.card.Score` has it; the shares in [0, 1] that chose the checkpoint."""
    rows = []
    for name, value in stage.best.get("scores", {}).items():
        if name == CHOSEN:
            continue
        row = eval_set(name)
        replies = stage.folder / "replies" / f"step-{stage.best['step']}" / f"{name}.jsonl"
        n = len(replies.read_bytes().splitlines()) if replies.is_file() else stage.settings["scores"]["sample"]
        rows.append(
            {
                "task": row.task,
                "lang": row.lang,
                "set": name,
                "part": "dev, chosen by",
                "metric": METRICS[row.metric].name,
                "value": round(value, 4),
                "n": n,
            }
        )
    return rows


def _readme(stage: FinishedStage, about: Mapping[str, Any]) -> str:
    settings = stage.settings
    lora = ", ".join(f"{key} {value}" for key, value in settings["lora"].items())
    before = f" It continued the stage in `{settings['start_from']}`." if settings.get("start_from") else ""
    rows = [(name, settings[name]) for name in SHOWN if settings.get(name) is not None]
    scores = [(r["set"], r["metric"], f"{r['value']:.4f}", r["n"]) for r in about["scores"]]
    sections = (
        FRONT,
        f"# {about['name']['en']}",
        f"`{settings['base']}` with the LoRA adapter of the stage `{stage.folder.name}`, step {stage.best['step']}, "
        f"merged: {about['n_parameters']:,} parameters in bf16, each the base's plus the low-rank product, added in "
        f"fp32 and rounded once.{before}",
        NOT_FOR,
        USE,
        "## Scores",
        "They chose the checkpoint, so they flatter it a little." if scores else "No task was scored in training.",
        _table(("set", "metric", "dev", "n"), scores) if scores else "",
        "## Training",
        _table(("setting", "value"), [*rows, ("lora", lora)]),
        "## Made of",
        _table(("file", "SHA-256"), _hashes(stage)),
    )
    return "\n\n".join(filter(None, sections)) + "\n"


def _hashes(stage: FinishedStage) -> Iterable[tuple[str, str]]:
    yield from ((f"data: {name}", digest) for name, digest in stage.made_of["data"].items())
    yield from ((f"base: {part}", digest) for part, digest in stage.made_of["base"].items())


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in lines)
