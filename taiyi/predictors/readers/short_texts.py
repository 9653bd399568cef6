"""What the readers of short Chinese texts have in common: characters, weights of several networks, and their mean.

A folder holds `network.safetensors` (float16) and `chars.txt`; the card's `settings` hold `network` (sizes) and
`members` (how many networks are averaged).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from taiyi.card import Card
from taiyi.predictors.readers.nested_spans_input import CharTable
from taiyi.predictors.readers.nested_spans_network import N_SPECIAL_CHARS, NetworkConfig

NETWORK_FILE, CHARS_FILE = "network.safetensors", "chars.txt"


class Members(nn.Module):
    """Networks that answer together: the logarithm of the mean of their probabilities."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(networks)

    def forward(self, *inputs: Any) -> Tensor:
        each = torch.stack([member(*inputs).log_softmax(-1) for member in self.members])
        return each.logsumexp(0) - math.log(len(self.members))


def network_config(card: Card) -> NetworkConfig:
    """The sizes that a card names."""
    sizes = card.settings["network"]
    return NetworkConfig(**{**sizes, "dilations": tuple(sizes["dilations"])})


def load_members(folder: Path, members: Sequence[nn.Module]) -> Members:
    """The networks of a folder. Raises ValueError where weights and card don't fit each other."""
    network = Members(members)
    try:
        network.load_state_dict({name: value.float() for name, value in load_file(folder / NETWORK_FILE).items()})
    except (SafetensorError, RuntimeError) as error:
        raise ValueError(f"{NETWORK_FILE} does not fit the card: {error}") from error
    return network.eval()


def load_chars(folder: Path) -> CharTable:
    """The characters that a folder's networks know."""
    chars = (folder / CHARS_FILE).read_text(encoding="utf-8").split("\n")
    return CharTable(chars, N_SPECIAL_CHARS)
