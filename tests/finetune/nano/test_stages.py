"""The stages in their order, on made texts: from instructions to weights, each from the one before it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from finetune.data.build import FILES
from finetune.data.instruction import Instruction, write_instructions
from finetune.nano.config import NanoConfig, RawSource
from finetune.nano.pack import save_tokens
from finetune.nano.stages import pack_instructions, stage_batches, train_stage
from finetune.nano.train import StageConfig, TrainingStoppedError, step_of
from taiyi.conversation import Message

RAW = ("zh_chinaxiv_biomed_fulltext", "en_rct_abstracts")
BASE = StageConfig(steps=4, sequences=2, length=48, adam_lr=0.003, muon_lr=0.01, save_every=2)
FIRST = replace(BASE, steps=2, start_from="base", types=(1,), replay=0.5)


def _instruction(n: int) -> Instruction:
    messages = (Message("user", f"Mark Chemical: aspirin {n}"), Message("assistant", f"{{aspirin|Chemical}} {n}"))
    return Instruction(f"bc5cdr:{n}", "bc5cdr", "entities", "en", 1, "mark", messages, {})


@pytest.fixture
def work(tokenizer: Any, tmp_path: Path) -> tuple[NanoConfig, Path]:
    """A configuration of two short stages, and a work folder with what they learn from."""
    settings = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2}
    settings |= {"intermediate_size": 64, "max_position_embeddings": 256}
    raw = {name: RawSource(1000, 1.0) for name in RAW}
    config = replace(NanoConfig.load(), model=settings, raw=raw, length=60, stages={"base": BASE, "stage1": FIRST})
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    (tmp_path / "raw").mkdir()
    for name in RAW:
        save_tokens(np.arange(5, 400, dtype=np.uint16), tmp_path / "raw" / f"{name}.npy")
    (tmp_path / "instructions").mkdir()
    for (kind, part), name in FILES.items():
        rows = [_instruction(n) for n in range(3)] if (kind, part) == (1, "train") else []
        write_instructions(tmp_path / "instructions" / name, rows)
    pack_instructions(config, tmp_path)
    return config, tmp_path


def test_each_stage_goes_on_from_the_weights_of_the_one_before(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    train_stage(config, "base", folder)
    train_stage(config, "stage1", folder, stop_after=1)
    train_stage(config, "stage1", folder)
    base, first = (torch.load(folder / name / "checkpoint.pt", weights_only=True) for name in ("base", "stage1"))
    assert (base["step"], first["step"]) == (4, 2)
    weights = zip(base["optimizer"]["masters"], first["optimizer"]["masters"], strict=True)
    far = [float((before - after).norm() / before.norm()) for before, after in weights]
    assert 0 < max(far) < 0.5
    logged = [json.loads(line) for line in (folder / "stage1" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row.get("step") for row in logged] == [None, 1, 2]


def test_a_stage_waits_for_the_end_of_the_one_before(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    with pytest.raises(TrainingStoppedError, match=r"base stands at step 0 of 4 .* python -m finetune.nano base"):
        train_stage(config, "stage1", folder)
    train_stage(config, "base", folder, stop_after=2)
    with pytest.raises(TrainingStoppedError, match="base stands at step 2 of 4"):
        train_stage(config, "stage1", folder)
    assert step_of(folder / "base" / "checkpoint.pt") == 2
    assert not (folder / "stage1").exists()


def test_what_is_packed_already_stays(work: tuple[NanoConfig, Path]) -> None:
    config, folder = work
    before = (folder / "tokens" / "bc5cdr.npz").stat().st_mtime_ns
    pack_instructions(config, folder)
    assert (folder / "tokens" / "bc5cdr.npz").stat().st_mtime_ns == before
    counts = json.loads((folder / "tokens" / "manifest.json").read_text(encoding="utf-8"))
    assert counts["bc5cdr"]["conversations"] == 3


def test_another_order_gives_other_conversations(work: tuple[NanoConfig, Path], tokenizer: Any) -> None:
    config, folder = work
    first, again, other = (
        stage_batches(config, replace(FIRST, replay=0.0, length=200, order=order), folder, tokenizer)
        for order in (0, 0, 1)
    )
    drawn = [np.stack([batches(step)[0] for step in range(3)]) for batches in (first, again, other)]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
