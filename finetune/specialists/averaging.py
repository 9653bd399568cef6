"""Training with averaged weights: the loop that our networks on tokens share."""

from __future__ import annotations

import copy
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

Row = TypeVar("Row")
Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """`unseen` is the share of hashed features that are hidden, so that the network learns to do without (of the first
    `unseen_tables`); the rate rises over 100 steps and falls to nothing from a third of the way on; `average` is the
    decay of the averages."""

    epochs: int
    batch_tokens: int = 2500
    learn_rate: float = 2e-3
    weight_decay: float = 0.01
    dropout: float = 0.3
    unseen: float = 0.25
    unseen_tables: int = 1
    average: float = 0.99


def batches(
    rows: Sequence[Row], kind: Callable[[Row], str], length: Callable[[Row], int], limit: int, rng: random.Random
) -> Iterator[list[Row]]:
    """Every row once, those of one kind and like length together (`limit` padded tokens at most), in random order."""
    order = sorted(rows, key=lambda row: (kind(row), length(row) + rng.randint(0, 15)))
    groups: list[list[Row]] = [[]]
    for row in order:
        group = groups[-1]
        longest = max(map(length, [*group, row]))
        if group and (kind(group[0]) != kind(row) or (len(group) + 1) * longest > limit):
            groups.append([])
        groups[-1].append(row)
    rng.shuffle(groups)
    yield from groups


def train(
    network: Network,
    epoch_batches: Callable[[random.Random], Iterator[list[Row]]],
    loss_of: Callable[[Network, list[Row]], Tensor],
    settings: TrainingSettings,
    *,
    seed: int,
    report: Callable[[int, Network], None] = lambda epoch, network: None,
) -> Network:
    """The network with averaged weights. `report(epoch, averaged)` is called after each epoch."""
    rng = random.Random(seed)
    averaged = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.learn_rate, weight_decay=settings.weight_decay)
    total = settings.epochs * sum(1 for _ in epoch_batches(random.Random(seed)))
    step, started = 0, time.process_time()
    for epoch in range(1, settings.epochs + 1):
        network.train()
        losses = 0.0
        for group in epoch_batches(rng):
            step += 1
            for rates in optimizer.param_groups:
                rates["lr"] = settings.learn_rate * min(1.0, step / 100, 1.5 * max(0.0, 1.02 - step / total))
            loss = loss_of(network, group)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            _average(averaged, network, min(settings.average, step / (step + 10)))
            losses += float(loss.detach())
        used = time.process_time() - started
        print(f"epoch {epoch}: {step} steps, loss {losses:.1f}, {used:.0f} s", file=sys.stderr, flush=True)
        report(epoch, averaged)
    return averaged


@torch.no_grad()
def _average(mean: nn.Module, network: nn.Module, decay: float) -> None:
    for ours, theirs in zip(mean.parameters(), network.parameters(), strict=True):
        ours.lerp_(theirs, 1 - decay)
