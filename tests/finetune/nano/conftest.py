"""A tokenizer and a model small enough to train inside a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finetune.nano.model import build_model
from finetune.nano.tokenizer import train_tokenizer

TEXTS = (
    "Aspirin relieved the headache; ibuprofen did not.",
    "患者服用阿司匹林后头痛缓解，血压正常。",
    "Patients with diabetes were given metformin for 12 weeks.",
    "糖尿病患者口服二甲双胍十二周。\n疾病：糖尿病；头痛",
)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    return train_tokenizer(TEXTS * 3, 420)


@pytest.fixture
def tiny_model(tokenizer: Any) -> Any:
    settings = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 256,
    }
    return build_model(settings, tokenizer, seed=3)


@pytest.fixture
def query_data(tmp_path: Path) -> Path:
    """A training file of KUAKE-QIC with 60 queries of our own, of one class, some of them in each part."""
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [{"id": f"s{n}", "query": f"咳嗽第{n}天吃什么药", "label": "治疗方案"} for n in range(60)]
    (folder / "KUAKE-QIC_train.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return folder
