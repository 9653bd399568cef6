"""Shapes counted without weights, beside published and counted numbers of parameters."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoConfig, AutoModelForCausalLM

from finetune.data.shapes import count_shape, known_shapes, shape_of
from taiyi.errors import ModelError

PUBLISHED = {
    "Qwen/Qwen3-0.6B": 596_049_920,
    "Qwen/Qwen3-1.7B": 1_720_574_976,
    "Qwen/Qwen3-4B": 4_022_468_096,
    "Qwen/Qwen2.5-7B-Instruct": 7_615_616_512,
    "Qwen/Qwen3-8B": 8_190_735_360,
    "zai-org/GLM-4-9B-0414": 9_400_279_040,
    "Qwen/Qwen3-14B": 14_768_307_200,
}
"""Numbers of parameters that the models' pages on the hub give (of their safetensors files)."""


def test_the_shapes_written_down_have_as_many_parameters_as_their_models() -> None:
    assert {name: shape_of(name).n_parameters for name in known_shapes()} == PUBLISHED


@pytest.mark.parametrize("tied", [True, False])
def test_a_shape_counts_what_the_model_has(tied: bool) -> None:
    """Two blocks of width 8: queries 4 × 4, keys 2 × 4, gated layer 12; by hand.

    Linear weights of a block: 8·16 + 2·8·8 + 16·8 + 3·8·12 = 672; ends: 24 + 2·16 + 24 + 3·20 = 140. Elsewhere: two
    norms of 8 and two of 4 a block, one of 8 at the end, and embeddings of 30 × 8, once or twice.
    """
    config = AutoConfig.for_model(
        "qwen3",
        hidden_size=8,
        intermediate_size=12,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=4,
        vocab_size=30,
        tie_word_embeddings=tied,
    )
    shape = count_shape(config, "made")
    assert (shape.queries, shape.keys, shape.n_linear) == (16, 8, 7)
    assert (shape.in_linear, shape.linear_ends) == (2 * 672, 2 * 140)
    assert shape.elsewhere == 2 * (16 + 8) + 8 + 240 * (1 if tied else 2)
    assert shape.n_parameters == AutoModelForCausalLM.from_config(config).num_parameters()


def test_a_base_without_a_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"The shape of the base {tmp_path} is not known"):
        shape_of(str(tmp_path))
