"""Flat entities of several annotation schemes: one network over tokens with a layer of tags for each scheme.

A folder holds `network.safetensors` (float16) and `words.txt`. The card's `settings` hold `encoder` (sizes),
`window_tokens` and `heads`, the narrowest scheme first: `name`, `labels` in the order of the tags, and `score` and
`threshold` (see `score_of`). A request is read by the scheme that has the most of its labels, the first of several, so
that Chemical and Disease alone go to the scheme that was made for these two; what is left goes to the others likewise.
A scheme asked for by its name reads alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from taiyi.card import Card
from taiyi.predictors.readers.tag_decoding import best_tags, mentions_of
from taiyi.predictors.readers.token_input import READERS, TokenReader, Tokens
from taiyi.predictors.readers.token_network import EncoderConfig, Tagger, collate
from taiyi.segment import sentence_ends

WEIGHTS_FILE = "network.safetensors"
WORDS_FILE = "words.txt"
TEXTS_AT_ONCE = 16
N_SCORE_FEATURES = 4
FLOOR = 1e-4
"""A probability that is nearer to 0 or 1 than this counts as this."""


@dataclass(frozen=True, slots=True)
class Mention:
    """What a scheme marked: its place, label, the network's own probability, how many tokens it has, and how often
    its characters stand in the text and how often they were marked with this label."""

    start: int
    end: int
    label: str
    probability: float
    n_tokens: int
    n_marked: int = 1
    n_in_text: int = 1


def score_features(mention: Mention) -> tuple[float, ...]:
    """What a mention's score is made from, besides the bias of its label: the log-odds of the network's probability,
    the share of the name's places that were marked, and the logarithms of their number and of the length in tokens."""
    p = min(max(mention.probability, FLOOR), 1 - FLOOR)
    share = mention.n_marked / max(mention.n_in_text, mention.n_marked)
    return math.log(p / (1 - p)), share, math.log(mention.n_marked), math.log(mention.n_tokens)


def score_of(mention: Mention, weights: Mapping[str, Any]) -> float:
    """The probability that a mention is right: a logistic function of its features, fitted on texts not trained on."""
    logit = weights["bias"][mention.label]
    logit += sum(w * value for w, value in zip(weights["weights"], score_features(mention), strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def windows_of(text: str, tokens: Tokens, limit: int, lang: str) -> list[tuple[int, int]]:
    """Ranges of tokens: whole sentences together up to `limit` tokens; a longer sentence is cut."""
    starts = [start for start, _ in tokens.places]
    ranges: list[tuple[int, int]] = []
    at = 0
    for end in sentence_ends(text, lang):
        stop = at
        while stop < len(starts) and starts[stop] < end:
            stop += 1
        for begin in range(at, stop, limit):
            part = (begin, min(begin + limit, stop))
            if ranges and part[1] - ranges[-1][0] <= limit:
                ranges[-1] = (ranges[-1][0], part[1])
            else:
                ranges.append(part)
        at = stop
    return ranges


class TokenTagger:
    """Loaded weights. Reading changes nothing in it: several threads may."""

    def __init__(self, network: Tagger, reader: TokenReader, settings: Mapping[str, Any], lang: str) -> None:
        self._network = network.eval()
        self._read = reader
        self._settings = settings
        self._lang = lang

    def entities(self, text: str, labels: Sequence[str], scheme: str = "") -> list[tuple[int, int, str, float]]:
        """(start, end, label, probability) of the mentions of `labels`, as the scheme of that name marks them."""
        return [
            (mention.start, mention.end, mention.label, score)
            for head, wanted in self._shares(labels, scheme)
            for mention in self.mentions(text, head)
            if mention.label in wanted and (score := score_of(mention, head["score"])) >= head["threshold"]
        ]

    def _shares(self, labels: Sequence[str], scheme: str) -> Iterator[tuple[Mapping[str, Any], set[str]]]:
        """Which scheme reads which of `labels`."""
        left = set(labels)
        heads = [head for head in self._settings["heads"] if scheme in ("", head["name"])]
        while left:
            head = max(heads, key=lambda head: len(left & set(head["labels"])))
            yield head, left & set(head["labels"])
            left -= set(head["labels"])

    @torch.inference_mode()
    def mentions(self, text: str, head: Mapping[str, Any]) -> list[Mention]:
        """All that a scheme marks, in the order of the text."""
        tokens = self._read(text)
        parts = [tokens.part(*part) for part in windows_of(text, tokens, self._settings["window_tokens"], self._lang)]
        found: list[Mention] = []
        for first in range(0, len(parts), TEXTS_AT_ONCE):
            group = parts[first : first + TEXTS_AT_ONCE]
            logprobs = self._network(collate(group), head["name"]).log_softmax(-1).numpy()
            for part, rows in zip(group, logprobs, strict=True):
                own = rows[: len(part)]
                for begin, end, label, logprob in mentions_of(best_tags(own), own, head["labels"]):
                    place = part.places[begin][0], part.places[end][1]
                    found.append(Mention(*place, label, math.exp(logprob), end - begin + 1))
        marked = Counter((text[m.start : m.end], m.label) for m in found)
        stands = {surface: text.count(surface) for surface, _ in marked}
        return [_counted(m, text[m.start : m.end], marked, stands) for m in found]


def _counted(m: Mention, surface: str, marked: Mapping[tuple[str, str], int], stands: Mapping[str, int]) -> Mention:
    return Mention(
        m.start, m.end, m.label, m.probability, m.n_tokens, marked[surface, m.label], max(1, stands[surface])
    )


def load(folder: Path, card: Card) -> TokenTagger:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    config = EncoderConfig(**{**card.settings["encoder"], "widths": tuple(card.settings["encoder"]["widths"])})
    heads = {head["name"]: 1 + 4 * len(head["labels"]) for head in card.settings["heads"]}
    words = (folder / WORDS_FILE).read_text(encoding="utf-8").split("\n")
    network = Tagger(config, heads)
    try:
        weights = load_file(folder / WEIGHTS_FILE)
        network.load_state_dict({name: value.float() for name, value in weights.items()})
    except (SafetensorError, RuntimeError) as error:
        raise ValueError(f"{WEIGHTS_FILE} does not fit the card: {error}") from error
    return TokenTagger(network, READERS[config.lang](words), card.settings, config.lang)
