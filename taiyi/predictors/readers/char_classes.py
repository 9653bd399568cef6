"""The class of a short text, by networks over its characters. See `short_texts` for the files.

The card's `labels` stand in the order of the networks' classes; its `settings` also hold the
`temperature` and `gram_rows`: the rows of a linear model over grams, 0 where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from taiyi.card import Card
from taiyi.predictors.readers.nested_spans_input import CharTable
from taiyi.predictors.readers.nested_spans_network import NetworkConfig
from taiyi.predictors.readers.short_texts import Members, load_chars, load_members, network_config
from taiyi.predictors.readers.short_texts_network import GramClassifier, TextClassifier, batch_of

MAX_CHARS = 256
"""A longer text is read in parts of this many characters."""
PARTS_AT_ONCE = 32


class CharClasses:
    """Loaded weights. Reading changes nothing in it: several threads may."""

    def __init__(
        self, network: Members, config: NetworkConfig, table: CharTable, labels: Sequence[str], temperature: float
    ) -> None:
        self._network = network.eval()
        self._config = config
        self._table = table
        self._labels = tuple(labels)
        self._temperature = temperature

    def labels(self, text: str) -> list[tuple[str, float, bool]]:
        """(class, probability, whether it holds) of every class, the likeliest first: that one holds. The parts of a
        long text are averaged."""
        scores = self.scores([text[n : n + MAX_CHARS] for n in range(0, len(text), MAX_CHARS)]).mean(0).tolist()
        best = max(scores)
        rows = [(label, score, score == best) for label, score in zip(self._labels, scores, strict=True)]
        return sorted(rows, key=lambda row: -row[1])

    @torch.inference_mode()
    def scores(self, texts: Sequence[str]) -> Tensor:
        """Calibrated probabilities. *Shape:* (texts, classes)."""
        ids = [self._table.ids(text) for text in texts]
        groups = [ids[n : n + PARTS_AT_ONCE] for n in range(0, len(ids), PARTS_AT_ONCE)]
        logits = torch.cat([self._network(batch_of(group, self._config)) for group in groups])
        return (logits / self._temperature).softmax(-1)


def members_of(config: NetworkConfig, n_classes: int, n_networks: int, gram_rows: int) -> list[nn.Module]:
    """Networks over characters in context, and one over grams with so many rows; none where that is 0."""
    networks: list[nn.Module] = [TextClassifier(config, n_classes) for _ in range(n_networks)]
    return [*networks, GramClassifier(gram_rows, n_classes)] if gram_rows else networks


def load(folder: Path, card: Card) -> CharClasses:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    config, settings = network_config(card), card.settings
    network = load_members(folder, members_of(config, len(card.labels), settings["members"], settings["gram_rows"]))
    return CharClasses(network, config, load_chars(folder), tuple(card.labels), settings["temperature"])
