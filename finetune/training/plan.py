"""What a stage will do, from its settings and data alone: tokens, rows, steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.training.config import StageConfig
from finetune.training.packing import RowDataset
from finetune.training.tokens import Encoder, TokenCounts, Tokenized, tokenized
from taiyi.errors import InputError


@dataclass(frozen=True, slots=True)
class StageData:
    """The rows of a stage: to learn from, and set aside; `sha256` by file name."""

    train: RowDataset
    dev: RowDataset | None
    counts: TokenCounts
    sha256: dict[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A stage in figures. `global_batch` is rows a step, over all processes and passes."""

    conversations: int
    skipped: int
    cut: int
    tokens: int
    learnt: int
    rows: int
    full: float
    processes: int
    global_batch: int
    steps: int

    def lines(self) -> list[str]:
        """The plan for a reader, a line a fact."""
        lines = [
            f"{self.conversations:,} conversations, {self.tokens:,} tokens, of which {self.learnt:,} are learnt",
            f"{self.rows:,} rows, {self.full:.1%} full, {self.conversations / self.rows:.1f} conversations a row",
            f"{self.steps:,} steps of {self.global_batch:,} rows on {self.processes} process(es)",
        ]
        if self.skipped:
            lines.insert(1, f"{self.skipped:,} conversations are longer than the window and skipped (too_long: cut)")
        if self.cut:
            lines.insert(1, f"{self.cut:,} conversations lose their last turns to the window")
        return lines


def stage_data(config: StageConfig, tokenizer: Any, *, quiet: bool = False) -> StageData:
    """The stage's token files, made where they are not there yet, as rows.

    Raises InputError for files that are missing or hold nothing to learn, and ModelError for a tokenizer without a
    usable chat template.
    """
    encoder = Encoder(tokenizer, config.base, max_length=config.max_length, too_long=config.too_long)
    folder = Path(config.data)
    train = {name: tokenized(folder / name, encoder, quiet=quiet) for name in _names(config, "train")}
    if not sum(map(len, train.values())):
        raise InputError(
            f"{folder} has nothing to learn from in {', '.join(train)} for a window of {config.max_length}."
        )
    dev = {
        name: tokenized(folder / name, encoder, quiet=quiet)
        for name in _names(config, "dev")
        if (folder / name).is_file()
    }
    return StageData(
        train=_rows(config, train),
        dev=_rows(config, dev) if sum(map(len, dev.values())) else None,
        counts=sum((file.counts for file in train.values()), TokenCounts()),
        sha256={name: file.source_sha256 for name, file in (train | dev).items()},
    )


def plan(config: StageConfig, data: StageData, processes: int) -> Plan:
    """The stage in figures. Raises InputError where `global_batch` is not what it comes to."""
    rows = len(data.train)
    global_batch = config.batch_per_device * config.accumulation * processes
    if config.global_batch not in (None, global_batch):
        raise InputError(
            f"global_batch is {config.global_batch}, but batch_per_device {config.batch_per_device} × accumulation "
            f"{config.accumulation} × {processes} process(es) are {global_batch}. Change one of them."
        )
    # As Trainer counts: a device's last batch and a step's last passes may be smaller.
    passes = math.ceil(rows / (config.batch_per_device * processes))
    per_epoch = math.ceil(passes / config.accumulation)
    counts = data.counts
    return Plan(
        conversations=counts.conversations - counts.skipped,
        skipped=counts.skipped,
        cut=counts.cut,
        tokens=counts.tokens,
        learnt=counts.learnt,
        rows=rows,
        full=counts.tokens / (rows * config.max_length),
        processes=processes,
        global_batch=global_batch,
        steps=config.max_steps or math.ceil(config.epochs * per_epoch),
    )


def _names(config: StageConfig, part: str) -> list[str]:
    return [f"type{number}.{part}.jsonl" for number in sorted(set(config.types))]


def _rows(config: StageConfig, files: dict[str, Tokenized]) -> RowDataset:
    return RowDataset(list(files.values()), capacity=config.max_length, packing=config.packing, seed=config.seed)
