"""The specialists for relations of several types: documents in, a softmax over hashed features of pairs of names out.

Settings: `interactions_en.yaml`, `relations_zh.yaml`, each with the recipe module that names its documents.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor
from torch.nn import functional

from eval.bootstrap import interval
from eval.metrics import Counts, ReliabilityRow, calibration_error, compare, micro_f1, reliability
from finetune.specialists.calibration import best_threshold, fitted_logistic
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from finetune.specialists.relations import Surfaces, spellings
from taiyi.document import Document
from taiyi.predictors.readers.marked_text import MarkedText
from taiyi.predictors.readers.pair_features import Name, rows_of
from taiyi.predictors.readers.pair_relations import WEIGHTS_FILE, Found, MentionReader, Pair, score_of
from taiyi.predictors.readers.typed_relations import Passage, TypedRelations, passages

UNRELATED = 0
DRAWS = 1000
PRIOR = [1.0, 1.0, 1.0, 0.0]
"""Of the weights of a score: the pair is related, and both names are right."""
RECIPE = """\
Names are mentions with the same letters, or a long form with the short form in brackets behind it. Features of a pair:
the two names, their labels, their place among the others and how far apart they stand; the tokens between their
nearest mentions and beside them, each other mention one mark, in ones, twos and threes and as a whole, with lists of
names and without. They are hashed; a softmax regression with a quadratic penalty over the types and "not related"
learns them. Score: a logistic function of the log-odds of the likeliest type and of the logarithms of the two names'
surest mentions, fitted, like the threshold, on the tuning part as the entity reader reads it."""

Weights = tuple[NDArray[np.float32], NDArray[np.float32]]
"""(1 + types, rows) and bias (1 + types,), those of "not related" first."""
Triple = tuple[str, str, str]
"""Type, head and tail, as they are written."""
Scored = tuple[list[dict[str, Any]], list[ReliabilityRow]]
"""Rows of the card's scores, and how reliable the scores are."""


@dataclass(frozen=True, slots=True)
class Example:
    """A pair of names: the rows of its features, and the number of its type; 0 for none."""

    rows: list[int]
    target: int


class RelationReader(Protocol):
    """Who relates the names of a text."""

    def relations(self, text: str, labels: Sequence[str]) -> list[Found]:
        """What is related, by the types `labels`."""
        ...

    def pairs(self, text: str) -> Iterator[tuple[Passage, Pair, str]]:
        """Every pair of names that is looked at, with its likeliest type."""
        ...


class MarkedMentions:
    """A reader that finds what is marked in the documents it knows."""

    def __init__(self, documents: Iterable[Document], marked: Mapping[str, str]) -> None:
        self._found = {
            document.text: [(e.start, e.end, marked[e.label], 1.0) for e in document.entities if e.label in marked]
            for document in documents
        }

    def entities(self, text: str, labels: Sequence[str]) -> list[tuple[int, int, str, float]]:
        """The marked mentions of `labels`, all of them sure."""
        return [row for row in self._found[text] if row[2] in labels]


def surfaces_by_type(document: Document, types: Sequence[str], *, directed: bool) -> dict[str, Surfaces]:
    """Every two spellings that the annotation relates, by type; in both orders where those have no direction."""
    found: dict[str, set[tuple[str, str]]] = {label: set() for label in types}
    for relation in document.relations:
        head, tail = (document.text_of(document.entity(end).spans) for end in (relation.head, relation.tail))
        if relation.label in found:
            found[relation.label] |= {(head, tail)} if directed else {(head, tail), (tail, head)}
    return {label: frozenset(pairs) for label, pairs in found.items()}


def type_of(text: str, head: Name, tail: Name, gold: Mapping[str, Surfaces]) -> int:
    """The number of the type of a pair, counted from 1, the first of several; 0 where it is not related."""
    written = spellings(text, head, tail)
    return next((n for n, pairs in enumerate(gold.values(), 1) if written & pairs), UNRELATED)


def examples_of(document: Document, mentions: MentionReader, config: Mapping[str, Any]) -> list[Example]:
    """The pairs of the names that `mentions` finds in a document, with the types that its annotation gives them."""
    gold = surfaces_by_type(document, tuple(config["shown"]), directed=config["directed"])
    labels = tuple({label for ends in config["ends"] for label in ends})
    places = [(start, end, label) for start, end, label, _ in mentions.entities(document.text, labels)]
    return [
        Example(rows_of(reader.features(head, tail), config["rows"]), type_of(passage.text, head, tail, gold))
        for passage in passages(document.text, places, config["passage"], config["lang"])
        for reader in (MarkedText(passage.text, passage.names),)
        for head, tail in passage.pairs(config["ends"], directed=config["directed"])
    ]


def fitted_weights(examples: Sequence[Example], config: Mapping[str, Any]) -> Weights:
    """The softmax regression with the least loss plus `penalty` times half the squared weights, as float16 holds it."""
    rows = torch.tensor([row for example in examples for row in example.rows])
    starts = torch.tensor([0, *(len(example.rows) for example in examples[:-1])]).cumsum(0)
    targets = torch.tensor([example.target for example in examples])
    n_classes = 1 + len(config["shown"])
    weights = torch.zeros(config["rows"], n_classes, requires_grad=True)
    bias = torch.zeros(n_classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=config["steps"], line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = functional.embedding_bag(rows, weights, starts, mode="sum") + bias
        total = functional.cross_entropy(logits, targets, reduction="sum")
        total = total + config["penalty"] / 2 * weights.square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    return weights.detach().T.half().float().contiguous().numpy(), bias.detach().numpy()


def reader_of(mentions: MentionReader, weights: Weights, config: Mapping[str, Any]) -> TypedRelations:
    """The reader before its scores are fitted: every pair has its likeliest type."""
    settings = {**settings_of(config), "score": PRIOR, "threshold": 0.0}
    return TypedRelations(mentions, tuple(config["shown"]), *weights, settings, config["lang"])


def settings_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """What the reader must know of the recipe's settings."""
    return {key: config[key] for key in ("mentions", "passage", "ends", "directed")}


def fitted_score(reader: RelationReader, documents: Sequence[Document], config: Mapping[str, Any]) -> dict[str, Any]:
    """`score` and `threshold` of the card's settings, fitted on documents not trained on."""
    gold = [surfaces_by_type(d, tuple(config["shown"]), directed=config["directed"]) for d in documents]
    rows = [
        (pair, bool(spellings(passage.text, pair.head, pair.tail) & own[label]))
        for document, own in zip(documents, gold, strict=True)
        for passage, pair, label in reader.pairs(document.text)
    ]
    features = torch.tensor([pair.features for pair, _ in rows])
    right = torch.tensor([ok for _, ok in rows])
    weights = [round(weight, 4) for weight in fitted_logistic(features, right, PRIOR).tolist()]
    n_gold = sum(len(triples_of(document, config)) for document in documents)
    threshold = best_threshold([score_of(pair, weights) for pair, _ in rows], [ok for _, ok in rows], n_gold)
    return {"score": weights, "threshold": threshold}


def triples_of(document: Document, config: Mapping[str, Any]) -> set[Triple]:
    """What the annotation relates; where relations have no direction, heads and tails in the order of the alphabet."""
    text_by_id = {entity.id: document.text_of(entity.spans) for entity in document.entities}
    return {_triple(r.label, text_by_id[r.head], text_by_id[r.tail], config) for r in document.relations}


def _triple(label: str, head: str, tail: str, config: Mapping[str, Any]) -> Triple:
    if config["directed"] or head <= tail:
        return label, head, tail
    return label, tail, head


def scores_of(
    reader: RelationReader, documents: Sequence[Document], config: Mapping[str, Any], base: Mapping[str, Any], how: str
) -> Scored:
    """The card's scores on one part: micro-F1, precision and recall by type and spellings, with the names that `how`
    says, the first with a 95 % interval, and the calibration error; and how reliable they are. `base`: set and
    part."""
    counts: list[Counts] = []
    judged: list[tuple[float, bool]] = []
    for document in documents:
        gold = triples_of(document, config)
        score_by_triple: dict[Triple, float] = {}
        for found in reader.relations(document.text, tuple(config["shown"])):
            head, tail = document.text_of((found.head,)), document.text_of((found.tail,))
            triple = _triple(found.label, head, tail, config)
            score_by_triple[triple] = max(found.score, score_by_triple.get(triple, 0.0))
        counts.append(compare(gold, score_by_triple))
        judged += [(score, triple in gold) for triple, score in score_by_triple.items()]
    scores, right = [score for score, _ in judged], [ok for _, ok in judged]
    total = sum(counts, Counts())
    figures = {
        f"micro-F1 {how}, type and spellings": (micro_f1(total), len(documents)),
        f"precision {how}": (total.precision, len(documents)),
        f"recall {how}": (total.recall, len(documents)),
        f"expected calibration error {how}": (calibration_error(scores, right), len(scores)),
    }
    shared = {"task": "relations", "lang": config["lang"], **base}
    rows = [{**shared, "metric": metric, "value": round(value, 4), "n": n} for metric, (value, n) in figures.items()]
    stats = np.array([[c.tp, c.fp, c.fn] for c in counts])
    low, high = interval(stats, lambda sums: micro_f1(Counts(*sums)), DRAWS, seed=0)
    rows[0] |= {"low": round(low, 4), "high": round(high, 4)}
    print(rows, file=sys.stderr, flush=True)
    return rows, reliability(scores, right)


def write_specialist(
    config: Mapping[str, Any],
    weights: Weights,
    fitted: Mapping[str, Any],
    scored: Mapping[str, Scored],
    counts: Mapping[str, Mapping[str, int]],
    out_dir: Path,
    seed: int,
) -> None:
    """Write both cards and the weights. `scored` by what its reliability table is of, `counts` by corpus."""
    card = {
        "name": config["names"],
        "kind": "typed_relations",
        "task": "relations",
        "lang": config["lang"],
        "labels": config["shown"],
        "scores": [row for rows, _ in scored.values() for row in rows],
        "notes": config["notes"],
        "n_parameters": weights[0].size + weights[1].size,
        "settings": {**settings_of(config), **fitted, "seed": seed},
    }
    kept = ("rows", "penalty", "steps")
    texts = {
        "command": config["command"],
        "what": config["notes"]["en"],
        "data": data_rows(counts),
        "raw": "those of the entity reader",
        "recipe": f"{RECIPE}\n\n    " + ", ".join(f"{key}: {config[key]}" for key in kept),
        "calibration": "\n\n".join(reliability_table(reliable, of) for of, (_, reliable) in scored.items()),
        "limits": config["limits"],
    }
    write_cards(out_dir, card, texts)
    save_file({"weights": weights[0].astype(np.float16), "bias": weights[1]}, out_dir / WEIGHTS_FILE)
