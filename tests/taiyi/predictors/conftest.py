"""Small specialists with random weights, written as the recipes write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import save_file

from taiyi.predictors.readers.token_input import READERS
from taiyi.predictors.readers.token_network import EncoderConfig, Ensemble, Tagger

WORDS = ["the", "aspirin", "headache", "头", "痛"]


def encoder_config(lang: str) -> EncoderConfig:
    widths = (5,) * len(READERS[lang].tables)
    return EncoderConfig(lang, len(WORDS), 6, widths, char_width=4, char_features=6, hidden=7)


def write_specialist(folder: Path, network: torch.nn.Module, card: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    state = network.weights() if isinstance(network, Ensemble) else network.state_dict()
    save_file({name: value.half() for name, value in state.items()}, folder / "network.safetensors")
    (folder / "words.txt").write_text("\n".join(WORDS), encoding="utf-8")
    (folder / "taiyi.yaml").write_text(yaml.safe_dump(card, allow_unicode=True), encoding="utf-8")


def entity_card(lang: str) -> dict[str, Any]:
    """Two schemes: the narrow one names Chemical and Disease, the wide one Gene besides."""
    heads = [
        {"name": "narrow", "labels": ["Chemical", "Disease"]},
        {"name": "wide", "labels": ["Chemical", "Disease", "Gene"]},
    ]
    for head in heads:
        head["score"] = {"weights": [1.0, 0.0, 0.0, 0.0], "bias": dict.fromkeys(head["labels"], 0.5)}  # type: ignore[assignment]
        head["threshold"] = 0.0  # type: ignore[assignment]
    settings = {"encoder": encoder_config(lang).to_dict(), "window_tokens": 32, "heads": heads}
    labels = {"Chemical": "Chemical", "Disease": "Disease", "Gene": "Gene"}
    return {"kind": "token_tagger", "task": "entities", "lang": lang, "labels": labels, "settings": settings}


def class_card(lang: str, several: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "encoder": encoder_config(lang).to_dict(),
        "members": 2,
        "several": several,
        "temperature": 1.5,
    }
    if several:
        settings["threshold"] = 0.3
    labels = {
        "治疗": {"en": "Treatment", "zh": "治疗"},
        "病因": {"en": "Cause", "zh": "病因"},
        "其他": {"en": "Other", "zh": "其他"},
    }
    return {"kind": "token_classes", "task": "classify", "lang": lang, "labels": labels, "settings": settings}


@pytest.fixture
def specialists_dir(tmp_path: Path) -> Path:
    """Entities and hallmark-like classes in English, query classes in Chinese; the weights are random."""
    torch.manual_seed(3)
    tags = {"narrow": 9, "wide": 13}
    write_specialist(tmp_path / "entities", Tagger(encoder_config("en"), tags), entity_card("en"))
    write_specialist(tmp_path / "several", Ensemble(encoder_config("en"), 3, 2), class_card("en", True))
    write_specialist(tmp_path / "single", Ensemble(encoder_config("zh"), 3, 2), class_card("zh", False))
    (tmp_path / "not-a-specialist").mkdir()
    return tmp_path
