"""The estimate beside what tiny models really take: bytes of weights, adapters, optimizer states and activations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from finetune.data.estimate import (
    GIB,
    Precision,
    block_bytes,
    estimate_lines,
    memory,
    operations,
    trained_parameters,
    weight_bytes,
)
from finetune.data.shapes import Shape, count_shape
from finetune.training.config import StageConfig
from finetune.training.model import load_stage_model

CONFIG = AutoConfig.for_model(
    "qwen3",
    hidden_size=64,
    intermediate_size=160,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=32,
    vocab_size=120,
    tie_word_embeddings=False,
)
SHAPE = count_shape(CONFIG, "tiny")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a tiny Qwen3 of random weights."""
    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(CONFIG).save_pretrained(folder)
    return str(folder)


def stage(base: str = "tiny", **changes: Any) -> StageConfig:
    return StageConfig(
        **{"base": base, "data": "data", "out": "out", "batch_per_device": 2, "max_length": 64, **changes}
    )


def size(tensors: Any) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def quantization_constants(model: Any) -> int:
    """Bytes of the constants beside NF4 weights: 8-bit maxima and, of the second quantization, those of 32 bits."""
    states = [parameter.quant_state for parameter in model.parameters() if hasattr(parameter, "quant_state")]
    return size([state.absmax for state in states] + [state.state2.absmax for state in states])


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
@pytest.mark.parametrize("method", ["qlora", "lora"])
def test_base_and_adapter_take_the_bytes_that_are_estimated(method: str, precision: Precision, base: str) -> None:
    """Within a hundredth: the last block of 64 of a small matrix is rarely full."""
    config = stage(base, method=method, precision=precision, lora={"rank": 8})
    model = load_stage_model(config, torch.device("cpu"))
    adapter = [parameter for parameter in model.parameters() if parameter.requires_grad]
    frozen = [parameter for parameter in model.parameters() if not parameter.requires_grad]
    found = memory(SHAPE, config, 0.2, precision)
    assert size(adapter) == found.adapter
    assert sum(parameter.numel() for parameter in adapter) == trained_parameters(SHAPE, config)
    assert size(frozen) + quantization_constants(model) == pytest.approx(
        weight_bytes(SHAPE, method, precision), rel=0.01
    )


def test_adamw_keeps_the_states_that_are_estimated(base: str) -> None:
    config = stage(base, method="full", precision="fp32")
    model = load_stage_model(config, torch.device("cpu"))
    optimizer = torch.optim.AdamW(model.parameters())
    model(input_ids=torch.ones(1, 4, dtype=torch.long)).logits.sum().backward()
    optimizer.step()
    states = [value for state in optimizer.state.values() for name, value in state.items() if name != "step"]
    found = memory(SHAPE, config, 0.2, "fp32")
    assert size(states) == found.optimizer
    assert size(parameter.grad for parameter in model.parameters()) == found.gradients
    assert size(model.parameters()) == found.weights


def kept(model: Any, rows: int, bf16: bool) -> int:
    """Bytes that autograd keeps for a pass over so many rows of 64 tokens, weights left out."""
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    sizes: dict[int, int] = {}
    alive = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            sizes[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)  # so that no other takes its place
        return tensor

    ids = torch.ones(rows, 64, dtype=torch.long)
    positions = torch.arange(64).expand(rows, 64)
    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
        torch.autocast("cpu", torch.bfloat16, enabled=bf16),
    ):
        model(input_ids=ids, position_ids=positions, use_cache=False)
    return sum(sizes.values())


@pytest.mark.parametrize(
    ("method", "precision"),
    [("lora", "bf16"), ("full", "bf16"), ("qlora", "fp32"), ("lora", "fp32"), ("full", "fp32")],
)
def test_a_block_keeps_the_activations_that_are_estimated(method: str, precision: Precision, base: str) -> None:
    """What two rows more keep in two blocks, without what lies outside of them (found with one block).

    Without qlora in bf16: on a CPU peft 0.21 does not see autocast and casts the inputs of NF4 layers to fp32.
    """
    config = stage(base, method=method, precision=precision, lora={"rank": 8})
    both = load_stage_model(config, torch.device("cpu")).train()
    growth = [kept(both, rows, precision == "bf16") for rows in (2, 4)]
    layers = both.get_decoder().layers if method == "full" else both.base_model.model.get_decoder().layers
    del layers[1]
    alone = [kept(both, rows, precision == "bf16") for rows in (2, 4)]
    a_token = ((growth[1] - growth[0]) - (alone[1] - alone[0])) / 128
    assert a_token == pytest.approx(block_bytes(SHAPE, config, precision), rel=0.05)


def test_checkpointing_keeps_one_block_and_the_inputs_of_all() -> None:
    """128 tokens, two blocks, hidden 64: inputs in fp32 take 128 × 2 × 64 × 4 bytes."""
    without = memory(SHAPE, stage(gradient_checkpointing=False), 0.2).activations
    assert memory(SHAPE, stage(), 0.2).activations == without / 2 + 128 * 2 * 64 * 4


def test_scores_are_those_of_learnt_tokens() -> None:
    """A quarter of 128 tokens, 120 scores, 10 bytes each."""
    assert memory(SHAPE, stage(), 0.25).scores == 32 * 120 * 10


def test_operations_of_one_block_are_those_worked_out_by_hand() -> None:
    """One linear weight of 100, no attention: forward and backward 2 × 2 × 100 a token, twice computed 2 × 100 more;
    an adapter of rank 1 with ends 20: three passes and its own gradients, 4 × 2 × 20; the head, 5 × 7, for learnt
    tokens: 2 × 2 × 35."""
    shape = Shape("made", 1, 5, 0, 0, 0, 7, in_linear=100, linear_ends=20, n_linear=1, elsewhere=35)
    config = stage(lora={"rank": 1})
    assert operations(shape, config, 10, 3) == 10 * 600 + 10 * 160 + 3 * 140
    whole = stage(method="full", gradient_checkpointing=False)
    assert operations(shape, whole, 10, 3) == 10 * 600 + 3 * 210


def test_the_lines_say_that_they_are_computed_and_at_what_rate(base: str) -> None:
    """3,600,000 tokens twice at 1,000 a second on two devices are an hour."""
    first, second, third = estimate_lines(
        stage(base, epochs=2), 3_600_000, 900_000, processes=2, tokens_per_second=1000
    )
    assert "computed and not measured" in first
    assert second.startswith(f"memory of a device: {memory(SHAPE, stage(), 0.25).total / GIB:.1f} GiB (weights ")
    assert third.startswith(
        "time: 1 hours where each of 2 devices keeps up 1,000 tokens a second (3,600,000 tokens × 2"
    )
    assert "keeps up 100 TFLOP/s" in estimate_lines(stage(base), 1000, 100)[2]


def test_a_base_of_unknown_shape_can_be_trained_without_an_estimate(tmp_path: Path) -> None:
    (line,) = estimate_lines(stage(str(tmp_path)), 1000, 100)
    assert line.startswith(f"The shape of the base {tmp_path} is not known, so nothing can be estimated")


def test_the_paper_s_stage_on_a_model_of_its_size_fits_one_device_of_40_gib() -> None:
    """Qwen2.5-7B, rank 64, 12 rows of 1,024 tokens: the shipped settings of stage 1."""
    config = StageConfig.load(Path(__file__).parents[3] / "finetune" / "configs" / "stage1.yaml")
    (line,) = [line for line in estimate_lines(config, 60_000_000, 12_000_000) if line.startswith("memory")]
    assert 15 < float(line.split()[4]) < 40
