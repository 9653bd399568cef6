"""The encoder that the English readers begin with: word vectors and weights, both learnt from raw text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
import yaml

from finetune.specialists.english_pretraining import PretrainingConfig, cached_encoder
from finetune.specialists.word_vectors import VectorConfig, cached_vectors
from taiyi.predictors.readers.token_network import Encoder, EncoderConfig

CONFIG_FILE = Path(__file__).with_suffix(".yaml")


@cache
def _config() -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    return config


def english_encoder(data_dir: Path, work_dir: Path, seed: int) -> tuple[list[str], Encoder]:
    """The words that have vectors, and the encoder after it has guessed words of raw text; both are kept in `work_dir`
    for the next time."""
    config = _config()
    vector_config = VectorConfig(**config["vectors"])
    words, vectors = cached_vectors(data_dir, work_dir / "vectors-en.npz", vector_config, seed)
    sizes = EncoderConfig("en", *vectors.shape, **{**config["encoder"], "widths": tuple(config["encoder"]["widths"])})
    torch.manual_seed(seed)
    encoder = Encoder(sizes)
    encoder.vectors[1:] = torch.from_numpy(vectors)
    pretraining = PretrainingConfig(**config["pretraining"])
    path = work_dir / "encoder-en.pt"
    pretrained = cached_encoder(encoder, words, pretraining, vector_config, data_dir, path, seed)
    return words, shrunk(pretrained, config["shrink"])


def shrunk(encoder: Encoder, factor: float) -> Encoder:
    """The encoder with the weights of its LSTMs times `factor`.

    Guessing words lets them grow until the gates are mostly open or shut, and shut gates pass no gradient: a tagger
    learns from such an encoder more slowly than from a fresh one.
    """
    with torch.no_grad():
        for weight in encoder.layers.parameters():
            weight.mul_(factor)
    return encoder


def sources() -> tuple[str, ...]:
    """The files of raw text."""
    return tuple(_config()["vectors"]["sources"])


def recipe_lines() -> list[str]:
    """The settings as a card shows them."""
    return [f"    {key}: {_config()[key]}" for key in ("encoder", "pretraining", "shrink")]
