"""The measuring verbs, from checkpoints to the files that the card is made of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finetune.nano.config import NanoConfig
from finetune.nano.export import SHIPPED
from finetune.nano.figure4 import ONE_STAGE, TWO_STAGES
from finetune.nano.measuring import measure
from finetune.nano.model import build_model
from finetune.nano.train import StageConfig, train

COMPARED = (*TWO_STAGES, ONE_STAGE)
STAGES = (*COMPARED, SHIPPED)


@pytest.fixture
def work(tokenizer: Any, tmp_path: Path) -> tuple[NanoConfig, Path]:
    """A work folder with four stages after a step each, of a model that reads a prompt in bytes."""
    settings = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2}
    settings |= {"intermediate_size": 64, "max_position_embeddings": 2048}
    stage = StageConfig(1, 1, 8, 0.001, 0.001)
    config = replace(NanoConfig.load(), model=settings, stages=dict.fromkeys(STAGES, stage))
    folder = tmp_path / "work"
    tokenizer.save_pretrained(folder / "tokenizer")
    ids = np.arange(5, 14)[None, :]
    for name in STAGES:
        train(
            build_model(settings, tokenizer, config.seed), stage, lambda step: (ids[:, :-1], ids[:, 1:]), folder / name
        )
    return config, folder


def test_two_stages_and_one_are_compared_on_the_same_examples(work: tuple[NanoConfig, Path], query_data: Path) -> None:
    """Both are the same weights here, so that their difference is nought."""
    config, folder = work
    measure("figure4", config, query_data, folder, sample=2)
    found = json.loads((folder / "figure4.json").read_text(encoding="utf-8"))
    assert found["steps"] == dict.fromkeys(COMPARED, 1)
    (row,) = found["sets"]
    assert (row["set"], row["n"], row["difference"]) == ("kuake-qic", 2, 0.0)
    for name in (TWO_STAGES[-1], ONE_STAGE):
        biases = json.loads((folder / name / "biases.json").read_text(encoding="utf-8"))
        assert (biases["step"], set(biases["end_bias"])) == (1, {"classify"})


def test_the_scores_say_which_weights_they_are_of(work: tuple[NanoConfig, Path], query_data: Path) -> None:
    config, folder = work
    measure("tune", config, query_data, folder)
    measure("score", config, query_data, folder, sample=2)
    told = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert (told["step"], told["sample"]) == (1, 2)
    assert [row["set"] for row in told["scores"]] == ["kuake-qic"]
    assert (folder / SHIPPED / "runs" / "step-1" / "2" / "grammar" / "scores.json").is_file()
