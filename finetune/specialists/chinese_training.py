"""The training loop of the Chinese reader: windows with gold spans in, a network with averaged weights out."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from finetune.nano.optimizer import MasterOptimizer
from finetune.specialists.chinese_lexicon import Spans
from taiyi.predictors.readers.nested_spans import Window, collate
from taiyi.predictors.readers.nested_spans_network import (
    IMPOSSIBLE,
    MASK,
    Batch,
    NetworkConfig,
    SpanHead,
    SpanNetwork,
)

MAIN = "main"


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """`minutes` of this process's time on the processor. `hidden_share` of the characters are hidden, `aside_weight`
    weighs the losses of other annotations, `average` is the decay of the averaged weights."""

    minutes: float = 14.0
    batch_chars: int = 3072
    dropout: float = 0.2
    hidden_share: float = 0.05
    adam_lr: float = 2e-3
    muon_lr: float = 0.01
    aside_weight: float = 0.5
    average: float = 0.996


@dataclass(frozen=True, slots=True)
class GoldWindow(Window):
    """A window with its annotation: `gold` maps a head to its spans (n, 3): label, first, last."""

    gold: Mapping[str, Spans]


def gold_places(windows: Sequence[GoldWindow], head: str) -> Tensor:
    """The gold spans of a batch. *Shape:* (4, spans): window, label, first, last."""
    rows = [np.column_stack([np.full(len(w.gold[head]), i), w.gold[head]]) for i, w in enumerate(windows)]
    return torch.from_numpy(np.concatenate(rows)).T


def circle_loss(logits: Tensor, gold: Tensor) -> Tensor:
    """Every gold span above 0, every other below, softly; summed over a sentence's spans inside the logarithm, so that
    the few mentions are not drowned by the many others. Su et al. 2022, arXiv:2208.02955.

    *Shape:* (batch, labels, first, last), (4, spans).
    """
    places = tuple(gold)
    away = logits.index_put(places, torch.tensor(IMPOSSIBLE)).flatten(2).logsumexp(-1)
    sheet = torch.zeros(logits.shape[:2])
    near = sheet.index_put(places[:2], (-logits[places]).clamp(max=30).exp(), accumulate=True)
    return (functional.softplus(away) + near.log1p()).mean()


def batches(windows: Sequence[GoldWindow], batch_chars: int, rng: random.Random) -> Iterator[list[GoldWindow]]:
    """Windows of like length together, for ever; every window once before any comes twice."""
    while True:
        order = sorted(windows, key=lambda window: (len(window.ids) + rng.randint(0, 7)) // 8)
        groups: list[list[GoldWindow]] = [[]]
        for window in order:
            if groups[-1] and (len(groups[-1]) + 1) * len(window.ids) > batch_chars:
                groups.append([])
            groups[-1].append(window)
        rng.shuffle(groups)
        yield from groups


class Learner(nn.Module):
    """The network with one more head for each further annotation in the same labels; MAIN is what is shipped."""

    def __init__(self, network: SpanNetwork, aside: Iterable[str], dropout: float) -> None:
        super().__init__()
        self.network = network
        heads = {name: SpanHead(network.config, len(network.labels), dropout) for name in sorted(aside)}
        self.aside = nn.ModuleDict(heads)

    def losses(self, windows: Sequence[GoldWindow], batch: Batch) -> dict[str, Tensor]:
        """The loss of each head whose annotation these windows have."""
        hidden = self.network.encoder(batch)
        out = {}
        for name in windows[0].gold:
            logits = (self.network.head if name == MAIN else self.aside[name])(hidden, batch)
            out[name] = circle_loss(logits, gold_places(windows, name))
        return out


def train_network(
    windows: Sequence[GoldWindow],
    labels: Sequence[str],
    encoder: Mapping[str, Tensor],
    network: NetworkConfig,
    config: TrainingConfig,
    seed: int,
    checkpoint: Path,
) -> SpanNetwork:
    """A network that has learnt from `windows` for as long as `config` says.

    The averaged weights so far are written to `checkpoint` from time to time.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = SpanNetwork(network, labels, config.dropout)
    model.encoder.load_state_dict({k: v for k, v in encoder.items() if k != "features.weight"}, strict=False)
    nn.init.zeros_(model.encoder.features.weight)
    learner = Learner(model, set(windows[0].gold) - {MAIN}, config.dropout).bfloat16()
    optimizer = MasterOptimizer(learner, adam_lr=config.adam_lr, muon_lr=config.muon_lr)
    average = {name: value.float() for name, value in model.state_dict().items()}
    groups = batches(windows, config.batch_chars, rng)
    begin, total, step, mean = time.process_time(), config.minutes * 60, 0, 0.0
    while (share := (time.process_time() - begin) / total) < 1:
        step += 1
        group = next(groups)
        batch = collate(group, network)
        batch.chars[(torch.rand(batch.chars.shape) < config.hidden_share) & (batch.chars > 0)] = MASK
        losses = learner.losses(group, batch)
        sum((1.0 if name == MAIN else config.aside_weight) * loss for name, loss in losses.items()).backward()
        optimizer.step(min(1.0, step / 100) * min(1.0, (1 - share) / 0.6), 5.0)
        decay = min(config.average, step / (step + 10))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                average[name].lerp_(value.float(), 1 - decay)
        mean += (float(losses[MAIN].detach()) - mean) / min(step, 100)
        if step % 100 == 0:
            used = time.process_time() - begin
            print(f"step {step} loss {mean:.4f} {used:.0f} s", file=sys.stderr, flush=True)
            torch.save(average, checkpoint)
    done = SpanNetwork(network, labels).eval()
    done.load_state_dict(average)
    return done
