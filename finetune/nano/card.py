"""The model card, written from what the stages left behind: manifests, logs and scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from finetune.nano.config import NanoConfig, load_mixture
from taiyi.corpora import corpus_row

HEAD = """---
language: [zh, en]
library_name: transformers
pipeline_tag: text-generation
license: other
tags: [biomedical, demonstration]
---

# Taiyi nano

A causal language model of {millions:.1f} million parameters for Chinese and English biomedical text, trained from
scratch on one CPU core. It makes the app's streaming chat and its constrained extraction run
everywhere, offline. **It is a demonstration**: its prose is often wrong, its extraction is far behind the
specialist models beside it and behind any large model.

**Not for** medical advice, diagnosis, treatment, triage, or any decision about a person; not for unsupervised
extraction; not for commercial use (several training corpora forbid it or state no licence). The weights are for
research.

## Model
Stock `LlamaForCausalLM`: hidden size {hidden}, {layers} layers, {heads} heads, tied embeddings, bf16; byte-level BPE of
{entries:,} entries. Chat form: `<|user|>...<|end|><|assistant|>...<|end|>`, also `<|system|>`. Sequences in training:
{length} tokens at most.
"""

RECIPE = """
## Recipe
`python -m finetune.nano all --data DIR --work DIR`; settings in `finetune/nano/config.yaml` and `mixture.yaml`. Muon
for the hidden matrices, AdamW for embeddings and norms, pure bf16 weights with fp32 master copies, seed {seed}. One
core of an Intel Xeon with AMX, shared with other work; no GPU.

| stage | what is learnt | steps | tokens seen (M) | hours | loss at the end | loss on a text, first and second copy |
|---|---|---|---|---|---|---|
{rows}
"""

WHAT = {
    "base": "raw text; one sequence in ten repeats a text or pieces of it",
    "types": "entities, questions and replies, and raw text again",
    "tasks": "every task, replies alone",
}


def model_card(config: NanoConfig, work_dir: Path, n_parameters: int, measured: Mapping[str, Any]) -> str:
    """README.md of the model's folder, in the form of the Hugging Face hub."""
    head = HEAD.format(
        millions=n_parameters / 1e6,
        hidden=config.model["hidden_size"],
        layers=config.model["num_hidden_layers"],
        heads=config.model["num_attention_heads"],
        entries=config.tokenizer["entries"],
        length=max(config.types.length, config.tasks.length),
    )
    recipe = RECIPE.format(seed=config.seed, rows="\n".join(_stage_rows(config, work_dir)))
    return head + recipe + _run_notes(work_dir) + _data(work_dir) + _scores(measured)


def _run_notes(work_dir: Path) -> str:
    """What was particular about this run, as whoever ran it wrote it down in `notes.md`; often nothing."""
    path = work_dir / "notes.md"
    return "\n" + path.read_text(encoding="utf-8").strip() + "\n" if path.exists() else ""


def _stage_rows(config: NanoConfig, work_dir: Path) -> list[str]:
    rows = []
    for stage, what in WHAT.items():
        log = work_dir / stage / "log.jsonl"
        if not log.exists():
            continue
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        settings = getattr(config, stage)
        a_step = settings.sequences * settings.length
        tokens, seconds, step = 0, 0.0, 0
        for line in lines:
            if line["step"] > step:
                tokens += (line["step"] - step) * a_step
                seconds += (line["step"] - step) * a_step / line["tokens_per_s"]
                step = line["step"]
        last = lines[-1]
        copies = f"{last['copy_first']:.2f}, {last['copy_second']:.2f}"
        row = (stage, what, last["step"], f"{tokens / 1e6:.1f}", f"{seconds / 3600:.2f}", f"{last['loss']:.2f}", copies)
        rows.append(_row(row))
    return rows


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _data(work_dir: Path) -> str:
    """Raw sources and corpora with counts, licences as their sources state them, and what the leak filter took."""
    raw = json.loads((work_dir / "raw" / "manifest.json").read_text(encoding="utf-8"))
    lines = [
        "",
        "## Data",
        "Texts that stand in a test set were dropped before training (fingerprints of segments: a fifth of an",
        "annotated text, one in twenty of raw text); so were texts that open like a BC5CDR development document. A",
        "tenth of each corpus without a development part is set aside to report on, seven in a hundred to tune on, by",
        "a hash of the text (`taiyi/corpora/parts.py`).",
        "",
        "| raw text | texts | characters (M) | tokens (M) | dropped as leaks |",
        "|---|---|---|---|---|",
    ]
    lines += [
        _row((name, row["texts"], f"{row['chars'] / 1e6:.2f}", f"{row['tokens'] / 1e6:.2f}", row["leaked"]))
        for name, row in sorted(raw.items())
    ]
    lines += [
        "",
        "| corpus | texts | questions | dropped as leaks | weight in stage tasks | source | licence as stated |",
        "|---|---|---|---|---|---|---|",
    ]
    manifest: dict[str, Any] = {}
    for stage in ("types", "tasks"):
        path = work_dir / "instructions" / f"{stage}.json"
        if path.exists():
            manifest |= json.loads(path.read_text(encoding="utf-8"))
    for name, use in load_mixture()["tasks"].items():
        if name in manifest:
            counts, row = manifest[name], corpus_row(name)
            cells = (name, counts["texts"], counts["examples"], counts["leaked"], use.weight)
            lines.append(_row((*cells, row["source"], row["licence"])))
    return "\n".join(lines) + "\n"


def _scores(measured: Mapping[str, Any]) -> str:
    lines = ["", "## Scores", ""]
    if not measured["scores"]:
        return "\n".join([*lines, "Not measured yet.", ""])
    lines += [
        "Greedy decoding; `python -m finetune.nano score --data DIR --work DIR --model DIR` measures them again.",
        "One seed. Samples fixed by it: passages of up to 900 characters, or queries. `end_bias` was chosen on parts",
        "set aside to tune on, not on those reported.",
        "",
        "| task | language | set | part | metric | value | passages or queries |",
        "|---|---|---|---|---|---|---|",
    ]
    keys = ("task", "lang", "set", "part", "metric")
    lines += [_row((*(row[key] for key in keys), f"{row['value']:.3f}", row["n"])) for row in measured["scores"]]
    lines += ["", "### What the constraint changes", ""]
    lines += [
        "The same weights and prompts with and without the grammar. Speeds: by turns, passage by passage, on a core",
        "that other work shared; read them as ratios. An ungrounded mention does not stand in the text as",
        "written: the app shows it apart, and F1 leaves it out; strict F1 counts it as wrong.",
        "",
        "| set | decoding | end bias | F1 (QIC: accuracy) | precision | recall | strict F1 | ungrounded | cut off "
        "| tokens/s | s a passage | n |",
        "|---" * 12 + "|",
    ]
    for row in measured["constraint"]:
        shares = ("value", "precision", "recall", "strict", "ungrounded", "cut_off")
        figures = [f"{row[key]:.3f}" for key in shares]
        speeds = (f"{row['steps_per_s']:.0f}", f"{row['seconds']:.2f}")
        lines.append(_row((row["set"], row["decoding"], row["end_bias"], *figures, *speeds, row["n"])))
    return "\n".join(lines) + "\n"
