"""Classes of a text: one network over tokens, a text at a time or, where several classes may hold, by sentence.

A folder holds `network.safetensors` (float16) and `words.txt`. The card's `labels` stand in the order of the network's
classes; its `settings` hold `encoder` (sizes), `members` (how many networks are averaged) and those of `class_scores`.
Where they hold `ngrams`, a model of `class_ngrams` with so many `rows` stands beside the networks, and the logits are
the weighted sum of theirs and its own (`weights`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from taiyi.card import Card
from taiyi.predictors.readers import class_ngrams
from taiyi.predictors.readers.class_ngrams import NgramModel
from taiyi.predictors.readers.class_scores import named, probabilities
from taiyi.predictors.readers.token_input import READERS, TokenReader, Tokens
from taiyi.predictors.readers.token_network import EncoderConfig, Ensemble, collate
from taiyi.segment import sentence_ends

WEIGHTS_FILE = "network.safetensors"
WORDS_FILE = "words.txt"
TEXTS_AT_ONCE = 32
MAX_TOKENS = 256
"""A longer sentence is read in parts of this many tokens."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is read at once."""

    text: str
    tokens: Tokens


class TokenClasses:
    """Loaded weights. Reading changes nothing in it: several threads may."""

    def __init__(
        self,
        network: Ensemble,
        reader: TokenReader,
        labels: Sequence[str],
        settings: Mapping[str, Any],
        lang: str,
        ngrams: NgramModel | None = None,
    ) -> None:
        self._network = network.eval()
        self._ngrams = ngrams
        self._read = reader
        self._labels = tuple(labels)
        self._settings = settings
        self._lang = lang

    def labels(self, text: str) -> list[tuple[str, float, bool]]:
        """(class, probability, whether it holds) of every class, the likeliest first: see `class_scores.named`."""
        return named(self.scores(self._pieces(text)), self._labels, self._settings)

    @torch.inference_mode()
    def scores(self, pieces: Sequence[Piece]) -> Tensor:
        """Calibrated probabilities. *Shape:* (pieces, classes)."""
        groups = [pieces[n : n + TEXTS_AT_ONCE] for n in range(0, len(pieces), TEXTS_AT_ONCE)]
        logits = torch.cat([self._network(collate([piece.tokens for piece in group])) for group in groups])
        if self._ngrams is not None:
            beside = class_ngrams.logits_of(self._ngrams, [piece.text for piece in pieces])
            logits = weighted(logits, beside, self._settings["ngrams"]["weights"])
        return probabilities(logits, self._settings)

    def _pieces(self, text: str) -> list[Piece]:
        """Sentences where several classes may hold, else the whole text; none longer than MAX_TOKENS."""
        ends = sentence_ends(text, self._lang) if self._settings["several"] else [len(text)]
        pieces = []
        start = 0
        for end in ends:
            pieces += self._parts(text[start:end])
            start = end
        return pieces or [Piece("", self._read(""))]

    def _parts(self, text: str) -> list[Piece]:
        tokens = self._read(text)
        parts = [tokens.part(n, n + MAX_TOKENS) for n in range(0, len(tokens), MAX_TOKENS)]
        return [Piece(text[part.places[0][0] : part.places[-1][1]], part) for part in parts]


def weighted(of_network: Tensor, of_ngrams: Tensor, weights: Sequence[float]) -> Tensor:
    """The logits of a network and those of the model over n-grams beside it as one. *Shape:* all (texts, classes)."""
    network_weight, ngrams_weight = weights
    return network_weight * of_network + ngrams_weight * of_ngrams


def load(folder: Path, card: Card) -> TokenClasses:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    settings, labels = card.settings, tuple(card.labels)
    config = EncoderConfig(**{**settings["encoder"], "widths": tuple(settings["encoder"]["widths"])})
    words = (folder / WORDS_FILE).read_text(encoding="utf-8").split("\n")
    network = Ensemble(config, len(labels), settings["members"])
    try:
        network.load_weights(load_file(folder / WEIGHTS_FILE))
    except (SafetensorError, RuntimeError, KeyError) as error:
        raise ValueError(f"{WEIGHTS_FILE} does not fit the card: {error}") from error
    ngrams = None
    if "ngrams" in settings:
        ngrams = class_ngrams.load_model(folder, settings["ngrams"]["rows"], len(labels))
    return TokenClasses(network, READERS[config.lang](words), labels, settings, card.lang, ngrams)
