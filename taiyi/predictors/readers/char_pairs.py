"""What holds between two short texts, by networks over their characters. See `short_texts` for the files.

The card's `labels` stand in the order of the networks'; its `settings` also hold `compared_width` and `temperature`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from taiyi.card import Card
from taiyi.predictors.readers.nested_spans_input import CharTable
from taiyi.predictors.readers.nested_spans_network import NetworkConfig
from taiyi.predictors.readers.short_texts import Members, load_chars, load_members, network_config
from taiyi.predictors.readers.short_texts_network import PairClassifier, batch_of, shared_features

MAX_CHARS = 512
PAIRS_AT_ONCE = 32


class CharPairs:
    """Loaded weights. Reading changes nothing in it: several threads may. Of longer texts the first `max_chars` are
    compared."""

    max_chars = MAX_CHARS

    def __init__(
        self, network: Members, config: NetworkConfig, table: CharTable, labels: Sequence[str], temperature: float
    ) -> None:
        self._network = network.eval()
        self._config = config
        self._table = table
        self._labels = tuple(labels)
        self._temperature = temperature

    def compare(self, text: str, other: str, labels: Sequence[str]) -> list[tuple[str, float]]:
        """(label, probability) of each of `labels`, the likeliest first."""
        scores = self.scores([(text, other)])[0].tolist()
        rows = [row for row in zip(self._labels, scores, strict=True) if row[0] in labels]
        return sorted(rows, key=lambda row: -row[1])

    @torch.inference_mode()
    def scores(self, pairs: Sequence[tuple[str, str]]) -> Tensor:
        """Calibrated probabilities. *Shape:* (pairs, labels)."""
        logits = []
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            group = pairs[start : start + PAIRS_AT_ONCE]
            one, two = ([self._table.ids(pair[side][:MAX_CHARS]) for pair in group] for side in (0, 1))
            features = [shared_features(a, b) for a, b in zip(one + two, two + one, strict=True)]
            logits.append(self._network(batch_of(one + two, self._config, features)))
        return (torch.cat(logits) / self._temperature).softmax(-1)


def load(folder: Path, card: Card) -> CharPairs:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    config, settings = network_config(card), card.settings
    members = [PairClassifier(config, len(card.labels), settings["compared_width"]) for _ in range(settings["members"])]
    return CharPairs(
        load_members(folder, members), config, load_chars(folder), tuple(card.labels), settings["temperature"]
    )
