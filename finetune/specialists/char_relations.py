"""Training of the reader of Chinese relations: encoded texts with their triples in, both networks out.

A text is whole where all its triples are annotated. Of the others only a share is, by chance: what is not annotated
there may hold all the same. Its loss is the likelihood of just that, -log(1 - share * p) (Elkan, Noto 2008, "Learning
classifiers from only positive and unlabeled data", whose assumption it is that those annotated are picked at random).
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from finetune.specialists.typed_relations import UNRELATED, Triple
from taiyi.predictors.readers.char_relations import names_of
from taiyi.predictors.readers.char_relations_input import Candidate, Pairs, collate, pairs_of
from taiyi.predictors.readers.char_relations_network import NameSpans, PairNetwork, Sizes
from taiyi.predictors.readers.nested_spans_network import SpanNetwork
from taiyi.predictors.readers.pair_features import Place

HEADS = 0
"""The channel of heads."""


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A text with its characters as the encoder leaves them (code points, width), and its triples; `whole` where these
    are all there are."""

    text: str
    encoded: Tensor
    triples: frozenset[Triple]
    whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """The pairs of a text to learn from, and the number of each one's type."""

    example: Example
    pairs: Pairs
    targets: tuple[int, ...]


def places_of(text: str, surfaces: Sequence[str]) -> dict[str, list[Place]]:
    """Where each name stands; places inside a longer one of the names count only where there is no other."""
    found = {surface: list(_places(text, surface)) for surface in surfaces}
    every = [place for places in found.values() for place in places]

    def free(places: list[Place]) -> list[Place]:
        return [(s, e) for s, e in places if not any(a <= s and e <= b and (a, b) != (s, e) for a, b in every)]

    return {surface: free(places) or places for surface, places in found.items()}


def _places(text: str, surface: str) -> Iterator[Place]:
    start = text.find(surface)
    while start >= 0:
        yield start, start + len(surface)
        start = text.find(surface, start + 1)


def gold_spans(example: Example, channel_by_label: Mapping[str, int], longest: int) -> list[tuple[int, int, int]]:
    """(channel, first character, length - 1) of the heads and tails of an example."""
    places = places_of(example.text, sorted({name for _, *names in example.triples for name in names}))
    spans = {
        (channel, start, end - start - 1)
        for label, head, tail in example.triples
        for channel, name in ((HEADS, head), (channel_by_label[label], tail))
        for start, end in places[name]
        if end - start <= longest
    }
    return sorted(spans)


def names_loss(logits: Tensor, gold: tuple[Tensor, ...], share: Tensor | None) -> Tensor:
    """The loss of spans, summed; `gold` are the indices of the annotated ones. `share` (channels,): how many of the
    names of a channel are annotated, None for all."""
    if share is None:
        return functional.softplus(logits).sum() - logits[gold].sum()
    other = -torch.log1p(-share[:, None, None] * logits.sigmoid())
    return other.sum() - other[gold].sum() + functional.softplus(-logits[gold]).sum()


def pairs_loss(logits: Tensor, targets: Tensor, share: float | None) -> Tensor:
    """The loss of pairs, summed. `share`: how many of the related pairs are annotated, None for all."""
    log_chances = logits.log_softmax(-1)
    if share is None:
        return functional.nll_loss(log_chances, targets, reduction="sum")
    named = targets != UNRELATED
    related = 1 - log_chances[~named, UNRELATED].exp()
    return -log_chances[named, targets[named]].sum() - torch.log1p(-share * related).sum()


def begun_names(sizes: Sizes, entities: SpanNetwork, config: Mapping[str, Any]) -> NameSpans:
    """A network that starts as the entity reader's head: each channel as the label that the settings name for it."""
    names, head, width = NameSpans(sizes, config["dropout"]), entities.head, sizes.head_width
    starts = [entities.labels.index(label) for label in config["start"]]
    with torch.no_grad():
        for own, other in ((names.ends.weight, head.ends.weight), (names.ends.bias, head.ends.bias)):
            rows = other.view(len(entities.labels), 2 * width + 2, -1)[starts]
            own.copy_(rows.reshape(own.shape))
        names.lengths.copy_(head.lengths.weight[: sizes.max_name_chars, starts].T)
        names.bias.copy_(head.bias[starts] - 1)  # fewer of the mentions are in a relation
    return names


def train_names(
    examples: Sequence[Example],
    names: NameSpans,
    channel_by_label: Mapping[str, int],
    config: Mapping[str, Any],
    seed: int,
) -> NameSpans:
    """`names`, trained. Every epoch sees all whole texts and `partial` of the others."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    shares = torch.tensor([config["share_of_heads"]] + [config["share"]] * (names.n_channels - 1))
    longest = names.sizes.max_name_chars
    gold = {example: gold_spans(example, channel_by_label, longest) for example in examples}

    def loss(group: Sequence[Example]) -> Tensor:
        encoded = nn.utils.rnn.pad_sequence([e.encoded.float() for e in group], batch_first=True)
        logits = names(encoded, torch.tensor([len(e.text) for e in group]))
        rows = [(n, *span) for n, example in enumerate(group) for span in gold[example]]
        places = tuple(torch.tensor(rows, dtype=torch.long).reshape(-1, 4).T)
        return names_loss(logits, places, None if group[0].whole else shares)

    epochs = [groups_of(examples, config, rng, lambda e: e) for _ in range(config["epochs"])]
    descend(names, epochs, loss, config)
    return names


def learnt_pairs(
    examples: Sequence[Example], names: NameSpans, labels: Sequence[str], limits: Mapping[str, Mapping[str, Any]]
) -> list[Learnt]:
    """The pairs of what `names` finds and of the annotated names, of each text that has any."""
    names.eval()
    found = []
    for example in examples:
        heads, tails = names_of(example.text, example.encoded, names, limits)
        pairs = pairs_of(
            example.text,
            _with(example.text, heads, {head for _, head, _ in example.triples}),
            _with(example.text, tails, {tail for _, _, tail in example.triples}),
        )
        number_by_pair = {pair: number for number, pair in _numbered(example, labels)}
        targets = (number_by_pair.get((head.surface, tail.surface), UNRELATED) for head, tail in pairs.names)
        if pairs.places:
            found.append(Learnt(example, pairs, tuple(targets)))
    return found


def _numbered(example: Example, labels: Sequence[str]) -> list[tuple[int, tuple[str, str]]]:
    """The number of its type and each related pair; of several types the first, which comes last here."""
    rows = [(1 + labels.index(label), (head, tail)) for label, head, tail in example.triples]
    return sorted(rows, reverse=True)


def _with(text: str, found: Sequence[Candidate], surfaces: set[str]) -> list[Candidate]:
    """The candidates and, of `surfaces`, those that are missing among them, in the order of the text."""
    missing = sorted(surfaces - {name.surface for name in found})
    more = [Candidate(surface, tuple(_places(text, surface)), ()) for surface in missing]
    return sorted([*found, *more], key=lambda name: name.places)


def train_pairs(learnt: Sequence[Learnt], sizes: Sizes, config: Mapping[str, Any], seed: int) -> PairNetwork:
    """A network of pairs. Every epoch sees all whole texts and `partial` of the others."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    network = PairNetwork(sizes, config["dropout"])

    def loss(group: Sequence[Learnt]) -> Tensor:
        whole = group[0].example.whole
        batch = collate([(row.example.encoded, row.pairs) for row in group], [not whole] * len(group))
        targets = torch.tensor([target for row in group for target in row.targets])
        return pairs_loss(network(batch), targets, None if whole else config["share"])

    epochs = [groups_of(learnt, config, rng, lambda row: row.example) for _ in range(config["epochs"])]
    descend(network, epochs, loss, config)
    return network


def groups_of(
    rows: Sequence[Row], config: Mapping[str, Any], rng: random.Random, example_of: Callable[[Row], Example]
) -> list[list[Row]]:
    """The batches of an epoch, of at most `batch_chars` characters with padding; whole texts apart from others."""
    whole = [row for row in rows if example_of(row).whole]
    others = [row for row in rows if not example_of(row).whole]
    groups: list[list[Row]] = []
    for part in (whole, rng.sample(others, round(config["partial"] * len(others)))):
        group: list[Row] = []
        for row in sorted(part, key=lambda row: len(example_of(row).text) + 12 * rng.random()):
            if group and (len(group) + 1) * len(example_of(row).text) > config["batch_chars"]:
                groups.append(group)
                group = []
            group.append(row)
        groups += [group] if group else []
    rng.shuffle(groups)
    return groups


def descend(
    module: nn.Module,
    epochs: Sequence[Sequence[Sequence[Any]]],
    loss_of: Callable[[Any], Tensor],
    config: Mapping[str, Any],
) -> None:
    """Train `module` on batches with `loss_of` a batch, divided by its rows: AdamW, the rate growing over 30 steps and
    falling in a line over the last two thirds."""
    optimizer = torch.optim.AdamW(module.parameters(), lr=config["rate"], weight_decay=0.02)
    total, step = sum(map(len, epochs)), 0
    module.train()
    for n, groups in enumerate(epochs, 1):
        losses = 0.0
        for group in groups:
            for parameters in optimizer.param_groups:
                parameters["lr"] = config["rate"] * min(1.0, (step + 1) / 30, 1.5 * (total - step) / total)
            loss = loss_of(group) / len(group)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(module.parameters(), 5.0)
            optimizer.step()
            losses += float(loss.detach())
            step += 1
        print(f"epoch {n}: loss {losses / len(groups):.3f}", file=sys.stderr, flush=True)
    module.eval()
