"""Classes of a text: one network over tokens, a text at a time or, where several classes may hold, by sentence.

A folder holds `network.safetensors` (float16) and `words.txt`. The card's `labels` stand in the order of the network's
classes; its `settings` hold `encoder` (sizes), `members` (how many networks are averaged), `several` (whether more than
one class may hold, or none), `temperature` and, with `several`, the `threshold` from which on a class holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from taiyi.card import Card
from taiyi.predictors.readers.token_input import READERS, TokenReader, Tokens
from taiyi.predictors.readers.token_network import EncoderConfig, Ensemble, collate
from taiyi.segment import sentence_ends

WEIGHTS_FILE = "network.safetensors"
WORDS_FILE = "words.txt"
TEXTS_AT_ONCE = 32
MAX_TOKENS = 256
"""A longer sentence is read in parts of this many tokens."""


class TokenClasses:
    """Loaded weights. Reading changes nothing in it: several threads may."""

    def __init__(
        self, network: Ensemble, reader: TokenReader, labels: Sequence[str], settings: Mapping[str, Any], lang: str
    ) -> None:
        self._network = network.eval()
        self._read = reader
        self._labels = tuple(labels)
        self._settings = settings
        self._lang = lang

    def labels(self, text: str) -> list[tuple[str, float, bool]]:
        """(class, probability, whether it holds) of every class, the likeliest first.

        Where several may hold, a class holds of a text if it holds of a sentence, and its probability is that of the
        surest sentence; else the parts of a long text are averaged and the likeliest class holds.
        """
        scores = self.scores(self._pieces(text))
        if self._settings["several"]:
            found = scores.amax(0).tolist()
            held = [score >= self._settings["threshold"] for score in found]
        else:
            found = scores.mean(0).tolist()
            held = [score == max(found) for score in found]
        return sorted(zip(self._labels, found, held, strict=True), key=lambda row: -row[1])

    @torch.inference_mode()
    def scores(self, pieces: Sequence[Tokens]) -> Tensor:
        """Calibrated probabilities. *Shape:* (pieces, classes)."""
        groups = [pieces[n : n + TEXTS_AT_ONCE] for n in range(0, len(pieces), TEXTS_AT_ONCE)]
        logits = torch.cat([self._network(collate(group)) for group in groups]) / self._settings["temperature"]
        return logits.sigmoid() if self._settings["several"] else logits.softmax(-1)

    def _pieces(self, text: str) -> list[Tokens]:
        """Sentences where several classes may hold, else the whole text; none longer than MAX_TOKENS."""
        ends = sentence_ends(text, self._lang) if self._settings["several"] else [len(text)]
        pieces = []
        start = 0
        for end in ends:
            tokens = self._read(text[start:end])
            pieces += [tokens.part(n, n + MAX_TOKENS) for n in range(0, len(tokens), MAX_TOKENS)]
            start = end
        return pieces or [self._read(text[:1])]


def load(folder: Path, card: Card) -> TokenClasses:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    config = EncoderConfig(**{**card.settings["encoder"], "widths": tuple(card.settings["encoder"]["widths"])})
    words = (folder / WORDS_FILE).read_text(encoding="utf-8").split("\n")
    network = Ensemble(config, len(card.labels), card.settings["members"])
    try:
        network.load_weights(load_file(folder / WEIGHTS_FILE))
    except (SafetensorError, RuntimeError, KeyError) as error:
        raise ValueError(f"{WEIGHTS_FILE} does not fit the card: {error}") from error
    return TokenClasses(network, READERS[config.lang](words), tuple(card.labels), card.settings, card.lang)
