"""The encoder of the English readers: made once from raw text, then taken from its file."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
import torch
import yaml

from finetune.specialists import english_encoder
from finetune.specialists.english_encoder import CONFIG_FILE, recipe_lines, sources
from finetune.specialists.english_pretraining import PretrainingConfig
from finetune.specialists.word_vectors import VectorConfig

CONFIG = {
    "vectors": {"lang": "en", "sources": ["en_made"], "n_words": 8, "width": 4, "min_pair_count": 0.1},
    "encoder": {"widths": [4, 4, 4, 4, 4], "char_width": 4, "char_features": 4, "hidden": 4},
    "pretraining": {"minutes": 0.002, "batch": 2, "length": 6, "sample": 4, "width": 4},
    "shrink": 0.5,
}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """One raw file, and no test set."""
    text = "zinc caused nausea in mice and iron caused rash in rats and lead caused fever in cats " * 8
    (tmp_path / "raw").mkdir()
    lines = json.dumps({"text": text}) + "\n" + json.dumps({"text": text.replace("and", "but")}) + "\n"
    (tmp_path / "raw" / "en_made.jsonl.xz").write_bytes(lzma.compress(lines.encode()))
    (tmp_path / "test_fingerprints.tsv.xz").write_bytes(lzma.compress(b""))
    return tmp_path


def test_the_encoder_is_made_once_and_then_read(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english_encoder, "_config", lambda: CONFIG)
    words, made = english_encoder.english_encoder(data_dir, data_dir / "work", seed=1)
    assert {"zinc", "nausea"} & set(words)
    assert len(words) == 8
    (data_dir / "raw" / "en_made.jsonl.xz").unlink()
    again_words, again = english_encoder.english_encoder(data_dir, data_dir / "work", seed=2)
    assert words == again_words
    assert all(torch.equal(a, b) for a, b in zip(made.state_dict().values(), again.state_dict().values(), strict=True))
    assert again.vectors[1:].abs().sum(1).all()
    assert next(again.parameters()).dtype == torch.float32
    kept = torch.load(data_dir / "work" / "encoder-en.pt")
    assert torch.equal(again.state_dict()["layers.0.rightward.weight_hh_l0"],
                       kept["layers.0.rightward.weight_hh_l0"].float() * 0.5)  # fmt: skip
    assert torch.equal(again.state_dict()["chars.table.weight"], kept["chars.table.weight"].float())


def test_the_shipped_settings_are_complete_and_shown() -> None:
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    assert VectorConfig(**config["vectors"]).lang == "en"
    assert PretrainingConfig(**config["pretraining"]).minutes > 0
    assert sources() == tuple(config["vectors"]["sources"])
    assert [line.split(":")[0].strip() for line in recipe_lines()] == ["encoder", "pretraining", "shrink"]
