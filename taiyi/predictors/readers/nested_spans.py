"""Entities that may nest: every span of a sentence is scored for every label by a small network over characters.

A folder holds `network.safetensors`, `lexicon.npz` and `chars.txt`; the card's `settings` hold `network` (sizes),
`window_chars`, `max_name_chars`, and for each of `labels`, in the order of the weights, the `scale` and `shift` that
turn a logit into a probability, and the `threshold` from which a mention is returned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from taiyi.card import Card
from taiyi.predictors.readers.nested_spans_input import (
    Bytes,
    CharTable,
    Ids,
    Lexicon,
    bigram_rows,
    char_features,
    windows,
)
from taiyi.predictors.readers.nested_spans_network import N_SPECIAL_CHARS, Batch, NetworkConfig, SpanNetwork

NETWORK_FILE, LEXICON_FILE, CHARS_FILE = "network.safetensors", "lexicon.npz", "chars.txt"
BATCH_WINDOWS = 32

Found = tuple[int, int, str, float]


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of a text as the network sees it: character ids, and the lexicon matches within: `first` and `last`
    character (n,), `values` (n, width)."""

    ids: Ids
    first: Ids
    last: Ids
    values: Bytes


def collate(parts: Sequence[Window], config: NetworkConfig) -> Batch:
    """Windows as one padded batch."""
    longest = max(len(part.ids) for part in parts)
    chars = np.zeros((len(parts), longest), dtype=np.int64)
    features = np.zeros((len(parts), longest, config.n_features), dtype=np.uint8)
    for row, part in enumerate(parts):
        chars[row, : len(part.ids)] = part.ids
        features[row, : len(part.ids)] = char_features(len(part.ids), part.first, part.last, part.values)
    matches = [np.stack([np.full(len(p.first), row), p.first, p.last], 1) for row, p in enumerate(parts)]
    return Batch(
        chars=torch.from_numpy(chars),
        bigrams=torch.from_numpy(bigram_rows(chars, config.n_bigrams)),
        lengths=torch.tensor([len(part.ids) for part in parts]),
        features=torch.from_numpy(features) / 255,
        matches=torch.from_numpy(np.concatenate(matches)),
        match_features=torch.from_numpy(np.concatenate([part.values for part in parts])) / 255,
    )


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a label's logit becomes a probability, and from which probability on a mention is returned."""

    scale: float = 1.0
    shift: float = 0.0
    threshold: float = 0.5

    def probability(self, logit: float) -> float:
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.scale * logit + self.shift))))

    @property
    def least_logit(self) -> float:
        """The logit of the threshold."""
        return (math.log(self.threshold / (1 - self.threshold)) - self.shift) / self.scale


def without_crossings(rows: Sequence[Found]) -> list[Found]:
    """The likeliest mentions of which none crosses another (one inside the other is fine), in the order of the text."""
    kept: list[Found] = []
    for row in sorted(rows, key=lambda row: (-row[3], row[0], row[1], row[2])):
        start, end = row[:2]
        if not any(start < a < end < b or a < start < b < end for a, b, _, _ in kept if a < end and start < b):
            kept.append(row)
    return sorted(kept, key=lambda row: (row[0], -row[1], row[2]))


class NestedSpanReader:
    """Network, lexicon and characters of one folder. It holds no state of a text, so threads may share it."""

    def __init__(
        self, network: SpanNetwork, lexicon: Lexicon, chars: Sequence[str], calibrations: Mapping[str, Calibration],
        window_chars: int,
    ) -> None:  # fmt: skip
        self.network = network.eval()
        self._lexicon = lexicon
        self._table = CharTable(chars, N_SPECIAL_CHARS)
        self._calibrations = calibrations
        self._window_chars = window_chars

    def entities(self, text: str, labels: Sequence[str]) -> list[Found]:
        """(start, end, label, probability) of each mention of `labels`; code points of `text`, end exclusive."""
        wanted = set(labels)
        least = {label: calibration.least_logit for label, calibration in self._calibrations.items()}
        rows = [
            (start, end, label, self._calibrations[label].probability(logit))
            for start, end, label, logit in self.candidates(text, least)
            if label in wanted and text[start:end].strip()
        ]
        return without_crossings(rows)

    def candidates(self, text: str, least: Mapping[str, float]) -> list[Found]:
        """(start, end, label, logit) of every span whose logit is at least its label's in `least`."""
        parts = self._windows(text)
        order = sorted(range(len(parts)), key=lambda n: len(parts[n][2].ids))
        bounds = torch.tensor([least[label] for label in self.network.labels])[:, None, None]
        found: list[Found] = []
        for begin in range(0, len(order), BATCH_WINDOWS):
            group = [parts[n] for n in order[begin : begin + BATCH_WINDOWS]]
            with torch.inference_mode():
                logits = self.network(collate([part for _, _, part in group], self.network.config))
                places = (logits >= bounds).nonzero()
                values = logits[tuple(places.T)].tolist()
            for (row, label, first, last), logit in zip(places.tolist(), values, strict=True):
                offset, seam, _ = group[row]
                start, end = offset + first, offset + last + 1
                if seam is None or start < seam < end:
                    found.append((start, end, self.network.labels[label], logit))
        return found

    def encoded(self, texts: Sequence[str]) -> list[Tensor]:
        """The characters of each text in their context, as other readers may build on them; a text is one window.

        *Shape:* (len(text), width) each. Raises ValueError for an empty text.
        """
        if not all(texts):
            raise ValueError("an empty text has no characters to encode")
        parts = []
        for text in texts:
            ids = self._table.ids(text)
            found = self._lexicon.find(ids)
            parts.append(Window(ids, found.first, found.last, self._lexicon.values[found.row]))
        with torch.inference_mode():
            hidden = self.network.encoder(collate(parts, self.network.config))
        return [rows[: len(text)] for rows, text in zip(hidden, texts, strict=True)]

    def _windows(self, text: str) -> list[tuple[int, int | None, Window]]:
        """(offset, seam, window): a window over a seam between two others is there for the mentions across it alone."""
        ids = self._table.ids(text)
        found = self._lexicon.find(ids)
        values = self._lexicon.values[found.row]
        parts = []
        for start, end, seam in windows(text, self._window_chars):
            own = (found.first >= start) & (found.last < end)
            window = Window(ids[start:end], found.first[own] - start, found.last[own] - start, values[own])
            parts.append((start, seam, window))
        return parts


def load(folder: Path, card: Card) -> NestedSpanReader:
    """The reader of a folder. Raises OSError, KeyError, ValueError or RuntimeError for missing or broken files."""
    try:
        weights = load_file(folder / NETWORK_FILE)
        with np.load(folder / LEXICON_FILE) as saved:
            keys, values = saved["keys"], saved["values"]
    except (SafetensorError, BadZipFile) as error:
        raise ValueError(f"{folder}: a file of weights is damaged: {error}") from error
    settings = card.settings
    sizes = settings["network"]
    labels: Mapping[str, Mapping[str, float]] = settings["labels"]
    config = NetworkConfig(**{**sizes, "dilations": tuple(sizes["dilations"])})
    network = SpanNetwork(config, tuple(labels))
    network.load_state_dict({name: value.float() for name, value in weights.items()})
    lexicon = Lexicon(keys, values, settings["max_name_chars"])
    chars = (folder / CHARS_FILE).read_text(encoding="utf-8").rstrip("\n").split("\n")
    calibrations = {label: Calibration(**numbers) for label, numbers in labels.items()}
    return NestedSpanReader(network, lexicon, chars, calibrations, settings["window_chars"])
