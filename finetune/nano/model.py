"""The model: a stock Llama of a few million parameters, with the embedding used for output too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch


def build_model(settings: Mapping[str, Any], tokenizer: Any, seed: int) -> Any:
    """A `LlamaForCausalLM` in bf16 with random weights fixed by `seed`, its special tokens those of `tokenizer`."""
    from transformers import LlamaConfig, LlamaForCausalLM

    settings = dict(settings)
    config = LlamaConfig(
        **settings,
        vocab_size=len(tokenizer),
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        attn_implementation="sdpa",
    )
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    model = LlamaForCausalLM(config)
    torch.random.set_rng_state(state)
    return model.to(torch.bfloat16)


def copy_losses(model: Any, rows: torch.Tensor) -> tuple[float, float]:
    """Mean loss on the first and on the second copy; `rows` (n, 2k) hold the same k tokens twice.

    While the two are equal the model can't copy; extraction begins when the second falls below the first.
    """
    with torch.no_grad():
        rows = rows.to(model.device)
        scores = model(input_ids=rows, use_cache=False).logits[:, :-1].float()
    losses = torch.nn.functional.cross_entropy(scores.transpose(1, 2), rows[:, 1:], reduction="none")
    half = rows.shape[1] // 2
    return float(losses[:, 1 : half - 1].mean()), float(losses[:, half:].mean())
