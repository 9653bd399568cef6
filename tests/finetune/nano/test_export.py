"""The model's folder: it loads, says what it is, and appears whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finetune.nano.config import NanoConfig
from finetune.nano.export import SHIPPED, export, stage_model
from finetune.nano.model import build_model
from finetune.nano.train import StageConfig, train
from taiyi.card import read_card
from taiyi.corpora import corpus_row
from taiyi.errors import InputError

MODEL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 256,
}
FIGURE = {"metric": "micro-F1, text and type", "value": 0.5, "low": 0.4, "high": 0.6}
MEASURED = {
    "step": 1,
    "sample": 3,
    "scores": [{"task": "entities", "lang": "en", "set": "ncbi-disease", "part": "dev", **FIGURE, "n": 3}],
    "sets": [
        {"set": "ncbi-disease", "part": "dev", "n": 3, "note": "A substitute.", "signature": "rule:x|n:3"}
        | {"figures": [FIGURE], "errors": {"missing": 4, "border": 1}, "unparsed": 2}
    ],
    "constraint": [
        {"set": "ncbi-disease", "decoding": "grammar", "bias": 0.5, "gain": 0.1, "gain_low": -0.1, "gain_high": 0.3}
        | {"value": 0.5, "strict": 0.5, "low": 0.4, "high": 0.6, "precision": 0.5, "recall": 0.5, "ungrounded": 0.0}
        | {"unparsed": 0.0, "cut_off": 0.0, "tokens_per_s": 90.0, "seconds": 0.2, "n": 3}
    ],
}
BIASES = {"step": 1, "end_bias": {"relations": {"en": 1.0}}, "mark_bias": {"entities": {"en": 0.5}}}
ARMS = {"one": 0.3, "one_low": 0.2, "one_high": 0.4, "two": 0.5, "two_low": 0.4, "two_high": 0.6}
FIGURE_4 = {
    "steps": {"stage1": 1, "stage2": 1, "one_stage": 2},
    "sets": [{"set": "ncbi-disease", "metric": "micro-F1", "n": 3, **ARMS, "difference": 0.2, "low": 0.1, "high": 0.3}],
}


@pytest.fixture
def work(tokenizer: Any, tmp_path: Path) -> tuple[NanoConfig, Path]:
    """A work folder after one step of training."""
    stages = {SHIPPED: StageConfig(1, 1, 8, 0.001, 0.001)}
    config = replace(NanoConfig.load(), model=MODEL, stages=stages)
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    ids = np.arange(5, 14)[None, :]
    train(
        build_model(MODEL, tokenizer, config.seed),
        stages[SHIPPED],
        lambda step: (ids[:, :-1], ids[:, 1:].copy()),
        tmp_path / SHIPPED,
        measure=lambda model: {"copy_first": 6.0, "copy_second": 5.0},
    )
    (tmp_path / "raw").mkdir()
    counts = {"texts": 1, "chars": 10, "tokens": 5, "leaked": 0}
    _write(tmp_path / "raw" / "manifest.json", {"made": counts})
    return config, tmp_path


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_the_folder_loads_as_any_model_does(work: tuple[NanoConfig, Path]) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    config, folder = work
    export(config, folder, folder / "nano")
    model = AutoModelForCausalLM.from_pretrained(folder / "nano")
    tokenizer = AutoTokenizer.from_pretrained(folder / "nano")
    assert model.config.vocab_size == len(tokenizer)
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id
    assert str(model.dtype) == "torch.bfloat16"
    assert "<|assistant|>" in tokenizer.chat_template


def test_the_cards_hold_what_was_measured(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    export(config, folder, folder / "nano")
    assert read_card(folder / "nano").scores == ()
    assert "Not measured yet." in (folder / "nano" / "README.md").read_text(encoding="utf-8")
    for name, content in (("scores.json", MEASURED), (f"{SHIPPED}/biases.json", BIASES), ("figure4.json", FIGURE_4)):
        _write(folder / name, content)
    export(config, folder, folder / "nano")
    card = read_card(folder / "nano")
    assert (card.scores[0].value, card.scores[0].low, card.scores[0].high) == (0.5, 0.4, 0.6)
    assert (card.end_bias, card.mark_bias) == (BIASES["end_bias"], BIASES["mark_bias"])
    assert card.templates["entities"] == {"en": "mark", "zh": "mark"}
    assert card.n_parameters
    text = (folder / "nano" / "README.md").read_text(encoding="utf-8")
    for said in (
        "## What it must not be used for",
        "| ncbi-disease | grammar | 0.5 |",
        "- A substitute.",
        "| ncbi-disease | 4 | 0 | 1 | 0 | 2 | 3 |",
        "is repeated here on every set",
        "alone on 0 of 1 sets",
        f"| {SHIPPED} |",
    ):
        assert said in text
    assert "$" not in text
    assert all((folder / "nano" / name).is_file() for name in ("loss.png", "figure4.png"))


def test_figures_of_other_weights_are_refused(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    _write(folder / "scores.json", MEASURED | {"step": 9})
    with pytest.raises(InputError, match=f"measured at step 9 and the checkpoint of {SHIPPED} is at step 1"):
        export(config, folder, folder / "nano")


def test_the_card_names_the_corpora_with_licence_weight_and_leaks(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    source = {"corpus": "bc5cdr", "task": "entities", "type": 1, "documents": 500, "held_out": 0, "train": 4684}
    leaks = {"biored": {"documents": 10, "by_corpus": {"bc5cdr": 10}}}
    _write(folder / "instructions" / "report.json", {"sources": [source | {"leaks": {"biored": 10}}], "leaks": leaks})
    rows = {"mixture_rows": {"rows": [{"corpus": "bc5cdr", "weight": 20}]}}
    _write(folder / "instructions" / "manifest.json", {"settings": rows})
    export(config, folder, folder / "nano")
    text = (folder / "nano" / "README.md").read_text(encoding="utf-8")
    known = corpus_row("bc5cdr")
    shown = f"| bc5cdr | entities | 1 | 500 | 0 | 10 | 4,684 | 20 | {known['source']} | {known['licence']} |"
    assert shown in text
    assert "| biored | 10 | bc5cdr 10 |" in text


def test_a_stage_without_weights_is_named(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    with pytest.raises(InputError, match=r"finetune\.nano one_stage"):
        stage_model(config, folder, "one_stage")


def test_a_stage_has_its_folder_to_be_measured_in(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    made = stage_model(config, folder, SHIPPED)
    assert made == stage_model(config, folder, SHIPPED) == folder / SHIPPED / "models" / "step-1"
    card = read_card(made)
    assert (card.scores, card.mark_bias, card.templates["entities"]["zh"]) == ((), {}, "mark")


def test_nothing_is_left_beside_the_folder(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    for _ in range(2):
        export(config, folder, folder / "out" / "nano")
    assert [path.name for path in (folder / "out").iterdir()] == ["nano"]
