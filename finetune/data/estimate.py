"""Memory and time of a stage before it is trained: computed from the model's shape and the settings, not measured.

Per device and without sharding (N parameters in the blocks' linear layers, E elsewhere, A of the adapter; one process
holds all of it, as under plain data parallelism). t tokens of a pass = batch_per_device × max_length, l of them learnt.

- weights     qlora: N × (4 bits + 8/64 + 32/(64·256) for the quantization constants, quantized twice: QLoRA,
              arXiv:2305.14314, section 3) + E × 4 bytes, which peft casts to fp32; lora: (N + E) × 2 in bf16, 4 in
              fp32; full: (N + E) × 4, and 2 more for the copies that autocast makes in bf16.
- adapter     A × 4 = rank × (inputs + outputs of the linear layers) × 4.
- gradients   4 bytes a trained parameter.
- optimizer   AdamW's two states: 8 bytes a trained parameter; paged_adamw_8bit for adapters: 2 and the constants of
              blocks of 256 (8/256).
- activations with checkpointing each block's input, t × hidden × 4 (lora in bf16: 2), and what one block keeps while
              its backward pass is made; without, what all blocks keep. What a block keeps is ACTIVATION_BYTES.
- scores      of the learnt tokens alone (`learnt_head`): l × vocabulary × 10 in bf16 (log-probabilities and gradient in
              fp32, gradient in bf16), × 8 in fp32.

Left out: the CUDA context, the allocator's fragmentation, buffers of single kernels such as a layer's dequantized
weights. Time: floating-point operations over the rate that the devices keep up.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from finetune.data.shapes import Shape, shape_of
from finetune.training.config import StageConfig
from taiyi.errors import ModelError

Precision = Literal["bf16", "fp32"]

ACTIVATION_BYTES: dict[tuple[str, Precision], tuple[float, float, float, float, float]] = {
    ("adapter", "bf16"): (38, 14.5, 8.3, 12, 2),
    ("adapter", "fp32"): (48, 20.5, 12.3, 20, 4),
    ("full", "bf16"): (26, 10.5, 10.3, 8, 0),
    ("full", "fp32"): (24, 16.5, 16.3, 16, 0),
}
"""Bytes that autograd keeps of one block for a token, by what is trained and computed in: per number of the hidden
state, the queries, the keys, the gated layer, and of each adapter's rank. Counted on blocks of Qwen3 (which normalises
queries and keys; others keep less) with `torch.autograd.graph.saved_tensors_hooks`; tests count again."""
GIB = 1024**3
EXAMPLE_RATE = 1e14  # operations a second of one device, to show hours by: 100 TFLOP/s


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on one device, by what takes them."""

    weights: float
    adapter: float
    gradients: float
    optimizer: float
    activations: float
    scores: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(float(getattr(self, field.name)) for field in fields(self))


def memory(shape: Shape, config: StageConfig, learnt_share: float, precision: Precision = "bf16") -> Memory:
    """The memory of one device; `learnt_share` of the tokens are learnt."""
    trained = trained_parameters(shape, config)
    tokens = config.batch_per_device * config.max_length
    wide = precision == "fp32"
    return Memory(
        weights=weight_bytes(shape, config.method, precision),
        adapter=0 if config.method == "full" else 4 * trained,
        gradients=4 * trained,
        optimizer=trained * (8 if config.method == "full" else 2 + 8 / 256),
        activations=_activations(shape, config, tokens, precision),
        scores=learnt_share * tokens * shape.vocabulary * (8 if wide else 10),
    )


def trained_parameters(shape: Shape, config: StageConfig) -> int:
    """How many parameters are trained: all, or those of adapters on every linear layer of the blocks."""
    return shape.n_parameters if config.method == "full" else config.lora.rank * shape.linear_ends


def weight_bytes(shape: Shape, method: str, precision: Precision) -> float:
    """The bytes of the base."""
    if method == "qlora":
        return shape.in_linear * (4 + 8 / 64 + 32 / (64 * 256)) / 8 + shape.elsewhere * 4
    if method == "lora":
        return shape.n_parameters * (2 if precision == "bf16" else 4)
    return shape.n_parameters * (6 if precision == "bf16" else 4)


def block_bytes(shape: Shape, config: StageConfig, precision: Precision) -> float:
    """What autograd keeps of one block for one token."""
    trained = "full" if config.method == "full" else "adapter"
    hidden, queries, keys, gated, rank = ACTIVATION_BYTES[trained, precision]
    widths = hidden * shape.hidden + queries * shape.queries + keys * shape.keys + gated * shape.intermediate
    return widths + rank * config.lora.rank * shape.n_linear


def _activations(shape: Shape, config: StageConfig, tokens: int, precision: Precision) -> float:
    block = tokens * block_bytes(shape, config, precision)
    if not config.gradient_checkpointing:
        return shape.n_layers * block
    wide = 2 if config.method == "lora" and precision == "bf16" else 4
    return block + shape.n_layers * tokens * shape.hidden * wide


def operations(shape: Shape, config: StageConfig, tokens: int, learnt: int) -> float:
    """Floating-point operations of one epoch over `tokens`, of which `learnt` are learnt.

    2 a parameter and token for the pass forward, as many for the gradients of its inputs, again for those of trained
    weights, and again for the blocks that are computed twice; attention looks back over half a row on average.
    """
    whole = config.method == "full"
    passes = 2 + whole + config.gradient_checkpointing
    attention = 2 * shape.n_layers * shape.queries * config.max_length
    blocks = passes * (2 * shape.in_linear + attention) * tokens
    adapter = 0 if whole else (passes + 1) * 2 * trained_parameters(shape, config) * tokens
    return blocks + adapter + (2 + whole) * 2 * shape.in_head * learnt


def estimate_lines(
    config: StageConfig,
    tokens: int,
    learnt: int,
    *,
    processes: int = 1,
    precision: Precision = "bf16",
    tokens_per_second: float | None = None,
) -> list[str]:
    """The estimate for a reader: memory by what takes it, operations and time.

    `tokens` and `learnt` are those of one epoch. Where the rate of a device is not known, time is shown for a rate of
    EXAMPLE_RATE; where the base's shape is not, one line says so: a stage can be trained without.
    """
    try:
        shape = shape_of(config.base)
    except ModelError as error:
        return [str(error)]
    found = memory(shape, config, learnt / max(1, tokens), precision)
    parts = ", ".join(f"{field.name} {getattr(found, field.name) / GIB:.2f}" for field in fields(found))
    total = operations(shape, config, tokens, learnt) * config.epochs
    if tokens_per_second is not None:
        hours = tokens * config.epochs / (tokens_per_second * processes) / 3600
        rate = f"{tokens_per_second:,.0f} tokens a second"
    else:
        hours = total / (EXAMPLE_RATE * processes) / 3600
        rate = f"{EXAMPLE_RATE / 1e12:.0f} TFLOP/s"
    devices = "a device" if processes == 1 else f"each of {processes} devices"
    return [
        f"Estimate, computed and not measured: {shape.name}, {shape.n_parameters / 1e9:.2f} billion parameters, "
        f"{config.method}, {precision}",
        f"memory of a device: {found.total / GIB:.1f} GiB ({parts}), and what the CUDA context and kernels take",
        f"time: {hours:.2g} hours where {devices} keeps up {rate} ({tokens:,} tokens × {config.epochs:g} epochs, "
        f"{total:.2g} operations)",
    ]
