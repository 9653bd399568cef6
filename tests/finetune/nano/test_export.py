"""The model's folder: it loads, says what it is, and appears whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finetune.nano.config import NanoConfig
from finetune.nano.export import export
from finetune.nano.model import build_model
from finetune.nano.train import StageConfig, train
from taiyi.card import read_card

MODEL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 256,
}
SCORES = {
    "scores": [
        {"task": "entities", "lang": "en", "set": "made", "part": "dev", "metric": "micro-F1", "value": 0.5, "n": 3}
    ],
    "end_bias": {"entities": {"en": 1.0}},
    "constraint": [
        {"set": "made", "decoding": "grammar", "end_bias": 1.0, "value": 0.5, "precision": 0.5, "recall": 0.5}
        | {"strict": 0.5, "ungrounded": 0.0, "cut_off": 0.0, "steps_per_s": 90.0, "seconds": 0.2, "n": 3}
    ],
}


@pytest.fixture
def work(tokenizer: Any, tmp_path: Path) -> tuple[NanoConfig, Path]:
    """A work folder after one step of training."""
    config = replace(NanoConfig.load(), model=MODEL, tasks=StageConfig(1, 1, 8, 0.001, 0.001))
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    ids = np.arange(5, 14)[None, :]
    train(
        build_model(MODEL, tokenizer, config.seed),
        config.tasks,
        lambda step: (ids[:, :-1], ids[:, 1:].copy()),
        tmp_path / "tasks",
        measure=lambda model: {"copy_first": 6.0, "copy_second": 5.0},
    )
    (tmp_path / "raw").mkdir()
    counts = {"texts": 1, "chars": 10, "tokens": 5, "leaked": 0}
    (tmp_path / "raw" / "manifest.json").write_text(json.dumps({"made": counts}), encoding="utf-8")
    return config, tmp_path


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


def test_the_card_holds_what_was_measured(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    export(config, folder, folder / "nano")
    assert read_card(folder / "nano").scores == ()
    (folder / "scores.json").write_text(json.dumps(SCORES), encoding="utf-8")
    export(config, folder, folder / "nano")
    card = read_card(folder / "nano")
    assert (card.scores[0].value, card.end_bias["entities"]["en"]) == (0.5, 1.0)
    assert card.n_parameters
    text = (folder / "nano" / "README.md").read_text(encoding="utf-8")
    assert "| made | grammar |" in text
    assert "medical advice" in text


def test_nothing_is_left_beside_the_folder(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    for _ in range(2):
        export(config, folder, folder / "out" / "nano")
    assert [path.name for path in (folder / "out").iterdir()] == ["nano"]
