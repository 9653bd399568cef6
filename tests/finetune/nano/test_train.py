"""The loop: what it learns from, and that an interrupted run equals one that was not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from finetune.nano.head import HeadLoss
from finetune.nano.model import build_model, copy_losses
from finetune.nano.pack import RawBatches
from finetune.nano.train import IGNORED, Batch, StageConfig, TrainingStoppedError, loss_of, train

CONFIG = StageConfig(steps=6, sequences=2, length=24, adam_lr=0.003, muon_lr=0.01, warmup=2, decay=0.5, save_every=2)


@pytest.fixture
def batches(tokenizer: Any) -> RawBatches:
    tokens = np.arange(5, 205, dtype=np.uint16)
    return RawBatches([(tokens, 1.0)], [5], sequences=2, length=24, repeated=0.5, seed=7)


def _weights(folder: Path) -> list[torch.Tensor]:
    return torch.load(folder / "checkpoint.pt", weights_only=True)["optimizer"]["masters"]


def test_a_run_that_was_stopped_equals_one_that_was_not(
    tiny_model: Any, tokenizer: Any, batches: RawBatches, tmp_path: Path
) -> None:
    settings = tiny_model.config
    train(tiny_model, CONFIG, batches, tmp_path / "whole")
    for stop_after in (3, None):
        fresh = type(tiny_model)(settings).to(torch.bfloat16)
        if stop_after is not None:
            sizes = {
                name: getattr(settings, name)
                for name in ("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads")
            }
            more = {"intermediate_size": 64, "max_position_embeddings": 256}
            fresh = build_model(sizes | more, tokenizer, seed=3)
        train(fresh, CONFIG, batches, tmp_path / "halves", stop_after=stop_after)
    for whole, halves in zip(_weights(tmp_path / "whole"), _weights(tmp_path / "halves"), strict=True):
        assert torch.equal(whole, halves)


def test_the_checkpoint_stays_when_the_loss_is_no_number(tiny_model: Any, batches: RawBatches, tmp_path: Path) -> None:
    train(tiny_model, CONFIG, batches, tmp_path, stop_after=2)
    before = (tmp_path / "checkpoint.pt").read_bytes()

    def broken_batch(step: int) -> Batch:
        with torch.no_grad():
            tiny_model.model.norm.weight.fill_(float("nan"))
        return batches(step)

    with pytest.raises(TrainingStoppedError, match="lower the learning rates"):
        train(tiny_model, CONFIG, broken_batch, tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_nothing_is_changed_where_the_gradient_is_no_number(
    tiny_model: Any, batches: RawBatches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finite loss may have such a gradient; the next checkpoint must not hold what it would do to the weights."""
    train(tiny_model, CONFIG, batches, tmp_path, stop_after=2)
    before = _weights(tmp_path)
    backward = torch.Tensor.backward

    def broken(self: torch.Tensor) -> None:
        backward(self)
        tiny_model.model.norm.weight.grad.fill_(float("inf"))

    monkeypatch.setattr(torch.Tensor, "backward", broken)
    with pytest.raises(TrainingStoppedError, match=r"gradient's norm is .* at step 2"):
        train(tiny_model, CONFIG, batches, tmp_path)
    monkeypatch.undo()
    assert all(torch.equal(a, b) for a, b in zip(before, _weights(tmp_path), strict=True))


def test_a_full_disk_leaves_the_last_checkpoint_and_says_so(
    tiny_model: Any, batches: RawBatches, tmp_path: Path
) -> None:
    train(tiny_model, CONFIG, batches, tmp_path, stop_after=2)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    (tmp_path / "checkpoint.tmp").symlink_to("/dev/full")
    with pytest.raises(TrainingStoppedError, match=r"checkpoint of step 4 can't be written.*step 2 is kept; make room"):
        train(tiny_model, CONFIG, batches, tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    train(tiny_model, CONFIG, batches, tmp_path)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["step"] == CONFIG.steps


def test_a_run_that_is_killed_while_it_writes_goes_on(tmp_path: Path) -> None:
    """`kill -9` at moments spread over a run; each new start goes on from a whole checkpoint, and the end is the same
    as that of a run that nobody disturbed."""
    root = Path(__file__).parents[3]
    script, env = Path(__file__).with_name("killed_run.py"), os.environ | {"PYTHONPATH": str(root)}
    subprocess.run([sys.executable, script, tmp_path / "whole"], check=True, env=env)
    for delay in (0.02, 0.1, 0.4):
        run = subprocess.Popen([sys.executable, script, tmp_path / "killed"], stdout=subprocess.PIPE, env=env)
        assert run.stdout is not None and run.stdout.readline()
        time.sleep(delay)
        run.kill()
        run.wait()
    subprocess.run([sys.executable, script, tmp_path / "killed"], check=True, env=env)
    for undisturbed, killed in zip(_weights(tmp_path / "whole"), _weights(tmp_path / "killed"), strict=True):
        assert torch.equal(undisturbed, killed)


def test_the_log_tells_loss_speed_and_what_was_measured(tiny_model: Any, batches: RawBatches, tmp_path: Path) -> None:
    probe = torch.arange(5, 25).tile(2, 2)

    def measure(model: Any) -> dict[str, float]:
        first, second = copy_losses(model, probe)
        return {"first": first, "second": second}

    train(tiny_model, CONFIG, batches, tmp_path, measure=measure)
    first, *rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert first["hardware"] and first["threads"] == torch.get_num_threads()
    assert [row["step"] for row in rows] == [2, 4, 6]
    assert all(row["loss"] > 0 and row["tokens_per_s"] > 0 and row["first"] > 0 for row in rows)


def test_rates_rise_then_fall_to_nothing() -> None:
    """Warm-up over 2 of 6 steps, decay over the last 3: 1/2, 1, 1, 1, 2/3, 1/3."""
    assert [CONFIG.rate(step) for step in range(6)] == pytest.approx([1 / 2, 1, 1, 1, 2 / 3, 1 / 3])


def test_the_loss_in_pieces_is_the_usual_one_with_its_gradients() -> None:
    torch.manual_seed(0)
    hidden, matrix = torch.randn(700, 8, requires_grad=True), torch.randn(40, 8, requires_grad=True)
    labels = torch.randint(0, 40, (700,))
    usual = torch.nn.functional.cross_entropy(hidden @ matrix.t(), labels)
    wanted = torch.autograd.grad(usual, (hidden, matrix))
    found = torch.autograd.grad(HeadLoss.apply(hidden, matrix, labels), (hidden, matrix))
    assert HeadLoss.apply(hidden, matrix, labels).item() == pytest.approx(usual.item(), rel=1e-5)
    for ours, theirs in zip(found, wanted, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


def test_only_places_with_a_label_count(tiny_model: Any) -> None:
    ids = np.arange(5, 29, dtype=np.int64)[None, :]
    labels = np.full_like(ids, IGNORED)
    labels[0, 3] = ids[0, 4]
    with torch.no_grad():
        scores = tiny_model(input_ids=torch.from_numpy(ids)).logits[0, 3].float()
        loss = float(loss_of(tiny_model, (ids, labels)))
    assert loss == pytest.approx(float(-scores.log_softmax(0)[ids[0, 4]]), abs=0.02)
