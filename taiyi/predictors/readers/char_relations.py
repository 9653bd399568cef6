"""Relations of several types in Chinese texts: heads and tails are found for their own sake, then each two are judged.

A folder holds `relations.safetensors`: `names.*`, the weights of NameSpans, and `pairs.N.*`, those of each PairNetwork;
of several the mean of their probabilities counts. The card's `labels` stand in the order of the types. Its `settings`
hold

- `encoder`: the folder beside it of the entity reader whose encoder both networks build on,
- `sizes`: see `Sizes`,
- `passage_chars`: relations are looked for within passages of so many characters,
- `candidates`: for `heads` and for `tails` the `least` logit of a name, and how many there are at `most`,
- `score`: the weights of the logistic function of `Pair.features` that is a pair's score, and `threshold`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from taiyi.card import CARD_FILE, Card, read_card
from taiyi.document import Span
from taiyi.predictors.readers import nested_spans
from taiyi.predictors.readers.char_relations_input import N_FEATURES, Candidate, Pairs, candidates, collate, pairs_of
from taiyi.predictors.readers.char_relations_network import NameSpans, PairNetwork, Sizes
from taiyi.predictors.readers.nested_spans_input import cut
from taiyi.predictors.readers.pair_features import Name
from taiyi.predictors.readers.pair_relations import Found, Pair, score_of
from taiyi.predictors.readers.typed_relations import Passage
from taiyi.tasks.relation import nearest_pair

WEIGHTS_FILE = "relations.safetensors"
ENCODER_KIND = "nested_spans"


class Encoder(Protocol):
    """Who makes vectors of characters."""

    def encoded(self, texts: Sequence[str]) -> list[Tensor]:
        """For each text (code points, width): its characters in their context."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair of names of a passage with its likeliest type and score."""

    passage: Passage
    pair: Pair
    label: str
    score: float

    @property
    def surfaces(self) -> tuple[str, str]:
        """Head and tail, as they are written."""
        head, tail = (self.passage.text[slice(*name.places[0])] for name in (self.pair.head, self.pair.tail))
        return head, tail

    def found(self) -> Found:
        """The relation, between the places that are nearest to each other."""
        places = ([Span(*place) for place in name.places] for name in (self.pair.head, self.pair.tail))
        head, tail = nearest_pair(*places)
        return Found(self.label, self.passage.whole(head), self.passage.whole(tail), self.score)


class CharRelations:
    """Loaded weights. Reading changes nothing in it: several threads may."""

    def __init__(
        self,
        encoder: Encoder,
        names: NameSpans,
        networks: Sequence[PairNetwork],
        labels: Sequence[str],
        settings: Mapping[str, Any],
    ) -> None:
        self._encoder = encoder
        self._names = names.eval()
        self._networks = [network.eval() for network in networks]
        self._labels = tuple(labels)
        self._settings = settings

    def relations(self, text: str, labels: Sequence[str]) -> list[Found]:
        """Of each pair its likeliest type, where that is one of `labels` and sure enough, unless a surer one takes its
        place (see `without_rivals`). Two names are related once, by their surest passage."""
        weights, threshold = self._settings["score"], self._settings["threshold"]
        judged = (Judged(*row, score=score_of(row[1], weights)) for row in self.pairs(text))
        sure = [row for row in judged if row.score >= threshold]
        best: dict[tuple[str, str, str], Judged] = {}
        for row in without_rivals(sure):
            key = row.label, *row.surfaces
            if row.label in labels and (key not in best or best[key].score < row.score):
                best[key] = row
        return [row.found() for row in best.values()]

    def pairs(self, text: str) -> Iterator[tuple[Passage, Pair, str]]:
        """Every pair of names that is looked at, with its likeliest type."""
        for start, end in cut(text, self._settings["passage_chars"]):
            passage = Passage(start, text[start:end], ())
            (encoded,) = self._encoder.encoded([passage.text])
            found = pairs_of(passage.text, *self.names(passage.text, encoded))
            if found.places:
                yield from self._judged(passage, encoded, found)

    def names(self, text: str, encoded: Tensor) -> tuple[list[Candidate], list[Candidate]]:
        """What may be a head and what may be a tail in a passage."""
        return names_of(text, encoded, self._names, self._settings["candidates"])

    def _judged(self, passage: Passage, encoded: Tensor, found: Pairs) -> Iterator[tuple[Passage, Pair, str]]:
        batch = collate([(encoded, found)], [False])
        with torch.inference_mode():
            chances = torch.stack([network(batch).double().softmax(-1) for network in self._networks]).mean(0)
        sure, best = chances[:, 1:].max(-1)
        log_odds = torch.logit(sure, eps=1e-9).tolist()
        for (head, tail), type_, odds in zip(found.names, best.tolist(), log_odds, strict=True):
            ends = Name("head", head.places), Name("tail", tail.places)
            yield passage, Pair(*ends, odds, _sureness(head), _sureness(tail)), self._labels[type_]


def names_of(
    text: str, encoded: Tensor, spans: NameSpans, limits: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Candidate], list[Candidate]]:
    """What `spans` takes for heads and for tails in a text of at least one character. `limits`: see `candidates` of the
    card's settings."""
    with torch.inference_mode():
        (logits,) = spans(encoded[None].float(), torch.tensor([len(text)]))
    heads, tails = (
        candidates(text, part, limits[role]["least"], limits[role]["most"])
        for role, part in (("heads", logits[:1]), ("tails", logits[1:]))
    )
    return heads, tails


def without_rivals(rows: Sequence[Judged]) -> list[Judged]:
    """The surest relations of which no two of one type and passage are the same in one end with one other end inside
    the other, or one the reverse of the other; the surest first."""
    kept: list[Judged] = []
    for row in sorted(rows, key=lambda row: -row.score):
        if not any(_rivals(row, other) for other in kept):
            kept.append(row)
    return kept


def _rivals(one: Judged, other: Judged) -> bool:
    if one.label != other.label or one.passage.start != other.passage.start:
        return False
    (head, tail), (other_head, other_tail) = one.surfaces, other.surfaces
    if (head, tail) == (other_tail, other_head):
        return True
    return (head == other_head and _inside(tail, other_tail)) or (tail == other_tail and _inside(head, other_head))


def _inside(one: str, other: str) -> bool:
    """Whether one of two spellings is a part of the other."""
    return one in other or other in one


def _sureness(name: Candidate) -> float:
    """The logarithm of the probability of a name's surest place."""
    return -math.log1p(math.exp(-max(name.logits)))


def encoder_of(folder: Path, name: str) -> nested_spans.NestedSpanReader:
    """The entity reader `name` beside `folder`. Raises ValueError where there is none."""
    beside = folder.parent / name
    if not (beside / CARD_FILE).is_file():
        raise ValueError(f"it reads what the specialist {name} has encoded, which is not beside it")
    card = read_card(beside)
    if card.kind != ENCODER_KIND:
        raise ValueError(f"the specialist {name} is a {card.kind}, which encodes no characters")
    return nested_spans.load(beside, card)


def load(folder: Path, card: Card) -> CharRelations:
    """The reader of a folder. Raises OSError, KeyError, ValueError or RuntimeError for missing or broken files."""
    settings = card.settings
    encoder = encoder_of(folder, settings["encoder"])
    try:
        saved = {name: weight.float() for name, weight in load_file(folder / WEIGHTS_FILE).items()}
    except SafetensorError as error:
        raise ValueError(f"{WEIGHTS_FILE} can't be read: {error}") from error
    sizes = Sizes(n_types=len(card.labels), n_features=N_FEATURES, **settings["sizes"])
    names, networks = NameSpans(sizes), [PairNetwork(sizes) for _ in range(settings["networks"])]
    parts = {"names": names, **{f"pairs.{n}": network for n, network in enumerate(networks)}}
    for prefix, part in parts.items():
        start = f"{prefix}."
        part.load_state_dict({key.removeprefix(start): w for key, w in saved.items() if key.startswith(start)})
    return CharRelations(encoder, names, networks, tuple(card.labels), settings)
