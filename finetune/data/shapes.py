"""What of a model's architecture memory and time depend on, counted on a copy without weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from taiyi.errors import ModelError

SHAPES_FILE = Path(__file__).parent / "shapes.yaml"


@dataclass(frozen=True, slots=True)
class Shape:
    """Counts of a decoder-only language model. Widths are numbers per token: `queries` and `keys` all heads together.

    `in_linear` are the weights of the blocks' linear layers (what NF4 stores and adapters stand beside), `linear_ends`
    the sum of their inputs and outputs and `n_linear` how many they are in one block; `elsewhere` are all other
    parameters: embeddings, output head, norms, biases. Tied embeddings count once.
    """

    name: str
    n_layers: int
    hidden: int
    queries: int
    keys: int
    intermediate: int
    vocabulary: int
    in_linear: int
    linear_ends: int
    n_linear: int
    elsewhere: int

    @property
    def n_parameters(self) -> int:
        """All parameters."""
        return self.in_linear + self.elsewhere

    @property
    def in_head(self) -> int:
        """The weights that make scores of hidden states, tied or not."""
        return self.vocabulary * self.hidden


def shape_of(base: str) -> Shape:
    """The shape of a model folder, of a name of `shapes.yaml`, or of a hub name whose config is at hand.

    Raises ModelError where there is no config or it is of no language model.
    """
    from transformers import AutoConfig

    known = known_shapes()
    try:
        if base in known and not Path(base).is_dir():
            fields = dict(known[base])
            return count_shape(AutoConfig.for_model(fields.pop("model_type"), **fields), base)
        return count_shape(AutoConfig.from_pretrained(base), base)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"The shape of the base {base} is not known, so nothing can be estimated: {reason}") from error


@cache
def known_shapes() -> dict[str, dict[str, Any]]:
    """The rows of `shapes.yaml`."""
    return dict(yaml.safe_load(SHAPES_FILE.read_text(encoding="utf-8")))


def count_shape(config: Any, name: str) -> Shape:
    """The shape of the model that a transformers config describes; no memory is taken."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    head = model.get_output_embeddings()
    linear = [module for module in model.modules() if isinstance(module, torch.nn.Linear) and module is not head]
    in_linear = sum(module.weight.numel() for module in linear)
    heads = config.num_attention_heads
    head_size = getattr(config, "head_dim", None) or config.hidden_size // heads
    return Shape(
        name=name,
        n_layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        queries=heads * head_size,
        keys=(getattr(config, "num_key_value_heads", None) or heads) * head_size,
        intermediate=config.intermediate_size,
        vocabulary=config.vocab_size,
        in_linear=in_linear,
        linear_ends=sum(module.in_features + module.out_features for module in linear),
        n_linear=len(linear) // config.num_hidden_layers,
        elsewhere=sum(parameter.numel() for parameter in model.parameters()) - in_linear,
    )
