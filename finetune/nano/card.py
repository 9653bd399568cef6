"""The model card, from what the stages left behind: manifests, logs, scores; its words are in `card_sections/`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from finetune.nano.card_scores import figure_4_section, filled, scores_section, speed_section, wrapped
from finetune.nano.config import NanoConfig
from finetune.nano.figure4 import FIGURE_4_DATA
from finetune.nano.logs import StageLog, read_log
from finetune.nano.pictures import FIGURE_4_FILE, LOSS_FILE, draw_figure_4, draw_losses
from finetune.specialists.card_sections import table
from taiyi.corpora import corpus_row

SIZES_FILE = "sizes.json"
WHAT = {
    "base": "raw text, some of it twice or followed by pieces of it",
    "stage1": "single tasks (the paper's type 1), and a little raw text",
    "stage2": "questions and dialogues (type 2), single tasks beside them",
    "continued": "the same over other conversations: these weights ship",
    "one_stage": "both types at once, from the same base: the other arm of Figure 4, which does not ship",
}


def model_card(config: NanoConfig, work_dir: Path, about: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    """README.md of the model's folder, in the form of the Hugging Face hub; `about` is the content of `taiyi.yaml` and
    `measured` as `export.read_measured` has it."""
    logs = read_logs(config, work_dir)
    compared = _read_json(work_dir / FIGURE_4_DATA)
    sizes = _read_json(work_dir / SIZES_FILE)
    return filled(
        "main",
        millions=f"{about['n_parameters'] / 1e6:.1f}",
        hidden=config.model["hidden_size"],
        layers=config.model["num_hidden_layers"],
        heads=config.model["num_attention_heads"],
        entries=f"{config.tokenizer['entries']:,}",
        length=config.length,
        seed=config.seed,
        unable=_unable(about["unable"]),
        hardware=_hardware(logs),
        stages=_stages(logs),
        loss_picture=f"![Loss of each stage over the tokens seen]({LOSS_FILE})" if logs else "",
        run_notes=_run_notes(work_dir),
        data="\n\n".join(_data(work_dir)),
        scores=scores_section(measured),
        figure_4=figure_4_section(compared) if compared else "",
        speed=speed_section(sizes) if sizes else "",
    )


def copy_pictures(config: NanoConfig, work_dir: Path, folder: Path) -> None:
    """Draw what the card shows into `folder`."""
    logs = read_logs(config, work_dir)
    if logs:
        draw_losses(logs, {name: stage.start_from for name, stage in config.stages.items()}, folder / LOSS_FILE)
    if compared := _read_json(work_dir / FIGURE_4_DATA):
        draw_figure_4(compared["sets"], folder / FIGURE_4_FILE)


def read_logs(config: NanoConfig, work_dir: Path) -> dict[str, StageLog]:
    """The logs of the stages that were begun, in their order."""
    found = {name: read_log(work_dir / name, stage) for name, stage in config.stages.items()}
    return {name: log for name, log in found.items() if log is not None}


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _unable(tasks: list[str]) -> str:
    return wrapped(f"What it was not trained on or does badly is switched off in `taiyi.yaml`: {', '.join(tasks)}.")


def _hardware(logs: Mapping[str, StageLog]) -> str:
    said = {f"{log.hardware}, {log.threads} threads" for log in logs.values() if log.hardware and log.threads}
    return f"Trained on {' and '.join(sorted(said))}; no GPU." if said else "Trained on a CPU; no GPU."


def _stages(logs: Mapping[str, StageLog]) -> str:
    rows = []
    for name, log in logs.items():
        copies = [f"{log.last[key]:.2f}" for key in ("copy_first", "copy_second") if key in log.last]
        figures = (f"{log.n_tokens / 1e6:.1f}", f"{log.seconds / 3600:.2f}", f"{log.last['loss']:.2f}")
        rows.append((name, WHAT.get(name, ""), f"{log.last['step']:,}", *figures, ", ".join(copies)))
    columns = ("stage", "what is learnt", "steps", "tokens seen (M)", "hours", "loss at the end")
    return table((*columns, "loss on a text, first and second copy"), rows)


def _run_notes(work_dir: Path) -> str:
    """What was particular about this run, as whoever ran it wrote it down in `notes.md`; often nothing."""
    path = work_dir / "notes.md"
    return "\n" + path.read_text(encoding="utf-8").strip() + "\n" if path.exists() else ""


def _data(work_dir: Path) -> Iterator[str]:
    """Raw sources and corpora with counts, licences as their sources state them, and what the leak filter took."""
    raw = _read_json(work_dir / "raw" / "manifest.json") or {}
    rows = [
        (name, f"{row['texts']:,}", f"{row['chars'] / 1e6:.2f}", f"{row['tokens'] / 1e6:.2f}", f"{row['leaked']:,}")
        for name, row in sorted(raw.items())
    ]
    yield table(("raw text", "texts", "characters (M)", "tokens (M)", "dropped as leaks"), rows)
    made = _read_json(work_dir / "instructions" / "report.json")
    if made:
        mixture = _read_json(work_dir / "instructions" / "manifest.json")["settings"]["mixture_rows"]
        yield _corpora(made, mixture)
        yield "Documents left out because they stand in a part that is scored:"
        yield _leaks(made)


def _corpora(made: Mapping[str, Any], mixture: Mapping[str, Any]) -> str:
    columns = ("corpus", "task", "type", "documents", "held out", "dropped as leaks", "instructions", "weight")
    rows = []
    for counts, row in zip(made["sources"], mixture["rows"], strict=True):
        known = corpus_row(row["corpus"])
        numbers = (f"{n:,}" for n in (counts["documents"], counts["held_out"], sum(counts["leaks"].values())))
        cells = (counts["corpus"], counts["task"], str(counts["type"]), *numbers, f"{counts['train']:,}")
        rows.append((*cells, f"{row['weight']:g}", known["source"], known["licence"]))
    return table((*columns, "source", "licence as stated"), rows)


def _leaks(made: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{found['documents']:,}", ", ".join(f"{corpus} {n:,}" for corpus, n in found["by_corpus"].items()))
        for name, found in made["leaks"].items()
    ]
    return table(("part", "documents", "by corpus"), rows)
