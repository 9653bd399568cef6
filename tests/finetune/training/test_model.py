"""The model of a stage: steps of NF4 QLoRA on every architecture, whole weights, and bases that cannot be trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from finetune.training.collate import collate
from finetune.training.config import LoraSettings
from finetune.training.learnt_head import loss_sum
from finetune.training.model import load_stage_model
from finetune.training.plan import stage_data
from taiyi.engine.loading import load_tokenizer
from taiyi.errors import InputError, ModelError
from tests.finetune.training.made_run import make_config, make_trainer, weights

CPU = torch.device("cpu")


def content(weight: torch.Tensor) -> torch.Tensor:
    """What a weight holds: the bytes of packed NF4, which read as bf16 may be no numbers; else values, whose precision
    bitsandbytes changes for biases."""
    packed = type(weight).__name__ == "Params4bit"
    return weight.detach().view(torch.uint8).clone() if packed else weight.detach().float().clone()


@pytest.mark.parametrize(("family", "n_linear"), [("qwen2", 14), ("qwen3", 14), ("glm4", 12), ("llama", 14)])
def test_steps_of_nf4_qlora_move_the_adapter_and_nothing_else(
    family: str, n_linear: int, base_of: Callable[[str], Path], prepared: Path, tmp_path: Path
) -> None:
    """With the paper's rank, in bf16, checkpointed, as on a GPU. GLM-4 has two of its layers' matrices in one."""
    config = make_config(
        base_of(family),
        prepared,
        tmp_path,
        method="qlora",
        lora=LoraSettings(),
        max_steps=2,
        gradient_checkpointing=True,
        precision="bf16",
    )
    trainer = make_trainer(config)
    frozen = {name: content(weight) for name, weight in trainer.model.named_parameters() if not weight.requires_grad}
    assert sum(type(weight).__name__ == "Params4bit" for weight in trainer.model.parameters()) == n_linear
    trainer.run()
    now = dict(trainer.model.named_parameters())
    assert all(torch.equal(before, content(now[name])) for name, before in frozen.items())
    moved = [weight for name, weight in weights(tmp_path / "best").items() if "lora_B" in name]
    assert len(moved) == n_linear
    assert all(weight.abs().max() > 0 for weight in moved)


def test_an_evaluation_leaves_the_gradients_of_an_nf4_base_as_they_were(
    base_of: Callable[[str], Path], prepared: Path, tmp_path: Path
) -> None:
    config = make_config(base_of("llama"), prepared, tmp_path, method="qlora", lora=LoraSettings(dropout=0.0))
    data = stage_data(config, load_tokenizer(config.base), quiet=True)
    batch = collate([data.train[0]])
    model = load_stage_model(config, CPU)
    head = model.get_output_embeddings()

    def gradients() -> list[torch.Tensor]:
        model.train()
        model.zero_grad()
        loss_sum(model, batch, head)[0].backward()
        return [weight.grad.clone() for weight in model.parameters() if weight.grad is not None]

    before = gradients()
    model.eval()
    with torch.no_grad():
        loss_sum(model, batch, head)
    assert all(map(torch.equal, before, gradients()))


def test_whole_weights_are_trained_in_fp32_and_saved_as_a_model(
    base_of: Callable[[str], Path], prepared: Path, tmp_path: Path
) -> None:
    config = make_config(base_of("llama"), prepared, tmp_path, method="full", max_steps=2)
    trainer = make_trainer(config)
    assert all(weight.requires_grad and weight.dtype == torch.float32 for weight in trainer.model.parameters())
    trainer.run()
    again = load_stage_model(make_config(tmp_path / "best", prepared, tmp_path, method="full"), CPU)
    assert all(map(torch.equal, trainer.model.parameters(), again.parameters()))


def test_adapters_on_layers_that_are_not_there_are_refused(
    base_of: Callable[[str], Path], prepared: Path, tmp_path: Path
) -> None:
    config = make_config(base_of("llama"), prepared, tmp_path, lora=LoraSettings(targets=("c_attn",)))
    with pytest.raises(InputError, match=r"lora\.targets is \('c_attn',\), which does not fit"):
        load_stage_model(config, CPU)


def test_a_base_that_cannot_be_read_is_said_so(base_of: Callable[[str], Path], prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text((base_of("llama") / "config.json").read_text())
    with pytest.raises(ModelError, match="could not be loaded"):
        load_stage_model(make_config(tmp_path, prepared, tmp_path / "out"), CPU)
