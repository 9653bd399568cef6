"""The training of the networks that name the classes of a text."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from finetune.specialists.averaging import TrainingSettings, batches, train
from taiyi.predictors.readers.token_input import Tokens
from taiyi.predictors.readers.token_network import Classifier, Encoder, collate


@dataclass(frozen=True, slots=True)
class Row:
    """A text with, for each class, 1 where it holds."""

    tokens: Tokens
    target: NDArray[np.float32]


def train_classifier(
    rows: Sequence[Row],
    encoder: Encoder,
    settings: TrainingSettings,
    *,
    several: bool,
    seed: int,
    report: Callable[[int, Classifier], None] = lambda epoch, network: None,
) -> Classifier:
    """A classifier with averaged weights that begins as a copy of `encoder`; with `several` each class holds or not by
    itself, else one of them does."""
    torch.manual_seed(seed)
    network = Classifier(encoder.config, len(rows[0].target), settings.dropout)
    network.encoder.load_state_dict(encoder.state_dict())

    def loss_of(network: Classifier, group: list[Row]) -> Tensor:
        batch = collate([row.tokens for row in group])
        hidden = batch.hashed[..., : settings.unseen_tables]
        hidden.masked_fill_(torch.rand(hidden.shape) < settings.unseen, 0)
        gold = torch.from_numpy(np.stack([row.target for row in group]))
        with torch.autocast("cpu", torch.bfloat16):  # LSTMs step 1.8 times as fast
            logits = network(batch)
        if several:
            return functional.binary_cross_entropy_with_logits(logits.float(), gold)
        return functional.cross_entropy(logits.float(), gold, label_smoothing=0.05)

    def epoch(rng: random.Random) -> Iterator[list[Row]]:
        return batches(rows, lambda row: "", lambda row: len(row.tokens), settings.batch_tokens, rng)

    return train(network, epoch, loss_of, settings, seed=seed, report=report)


@torch.inference_mode()
def logits_of(network: nn.Module, texts: Sequence[Tokens]) -> Tensor:
    """*Shape:* (texts, classes)."""
    groups = [texts[start : start + 64] for start in range(0, len(texts), 64)]
    return torch.cat([network(collate(group)) for group in groups])
