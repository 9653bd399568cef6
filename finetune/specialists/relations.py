"""The relation specialist: pairs of marked names in, a linear model with calibrated scores and its card out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch.nn import functional

from eval.metrics import Counts, ReliabilityRow, calibration_error, compare, micro_f1, reliability
from finetune.specialists.calibration import best_threshold, fitted_logistic
from finetune.specialists.corpus_parts import LeakFilter, documents_of
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from taiyi.card import CARD_FILE, read_card
from taiyi.document import Document
from taiyi.errors import InputError
from taiyi.predictors.readers import token_tagger
from taiyi.predictors.readers.pair_features import Name, PairReader, candidates, names_of, rows_of
from taiyi.predictors.readers.pair_relations import WEIGHTS_FILE, Pair, PairRelations, score_of

LANG = "en"
CONFIG_FILE = Path(__file__).with_suffix(".yaml")
RECIPE = """\
Names are mentions with the same letters, or a long form with the short form in brackets behind it; a name that the text
negates wherever it stands ("no pancreatitis") is in no pair. Features of a pair: the
words, pairs of words and whole wording between mentions in one sentence and beside them, how far apart the names stand,
how often, how early and whether in the title each is named, and the words of both. They are hashed; a logistic
regression with a quadratic penalty learns them from the marked mentions. Score: a logistic function of its log-odds and
of the logarithms of the two names' surest mentions, fitted, like the threshold, on the tuning part as the entity reader
reads it."""

WITH_DEV = """\
The weights here were trained on the training and the development part; the scores are those of the same recipe without
the development part."""

FittedPair = dict[str, Any]
"""`head`, `tail`, `score` and `threshold` of a relation, as the card has them."""

Surfaces = frozenset[tuple[str, str]]
"""(head, tail) as they are written."""


@dataclass(frozen=True, slots=True)
class Example:
    """A pair of names: the rows of its features, and whether it is related."""

    rows: list[int]
    related: bool


def gold_surfaces(document: Document, label: str) -> Surfaces:
    """Every two spellings that the annotation relates."""
    related = [(document.entity(r.head), document.entity(r.tail)) for r in document.relations if r.label == label]
    return frozenset((document.text_of(head.spans), document.text_of(tail.spans)) for head, tail in related)


def spellings(text: str, head: Name, tail: Name) -> Surfaces:
    """Every two spellings of two names."""
    return frozenset((text[h[0] : h[1]], text[t[0] : t[1]]) for h, t in product(head.places, tail.places))


def examples_of(document: Document, pair: Mapping[str, str], n_rows: int) -> list[Example]:
    """The pairs of the mentions that a document's annotation marks."""
    names = names_of(document.text, [(e.start, e.end, e.label) for e in document.entities])
    reader = PairReader(document.text, names)
    gold = gold_surfaces(document, pair["label"])
    return [
        Example(rows_of(reader.features(head, tail), n_rows), bool(spellings(document.text, head, tail) & gold))
        for head, tail in candidates(document.text, names, pair["head"], pair["tail"])
    ]


def fitted_weights(examples: Sequence[Example], n_rows: int, penalty: float) -> tuple[NDArray[np.float32], float]:
    """The logistic regression with the least loss plus `penalty` times half the squared weights: (rows,) and bias."""
    rows = torch.tensor([row for example in examples for row in example.rows])
    starts = torch.tensor([0, *(len(example.rows) for example in examples[:-1])]).cumsum(0)
    related = torch.tensor([float(example.related) for example in examples])
    weights, bias = torch.zeros(n_rows, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = functional.embedding_bag(rows, weights, starts, mode="sum")[:, 0] + bias
        total = functional.binary_cross_entropy_with_logits(logits, related, reduction="sum")
        total = total + penalty / 2 * weights.square().sum()
        total.backward()
        return total

    optimizer.step(loss)  # type: ignore[arg-type]
    return weights.detach()[:, 0].numpy(), float(bias.detach())


def fitted_pairs(
    documents: Sequence[Document], config: Mapping[str, Any]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (relations, rows), as float16 can hold them, and bias (relations,) of every relation of `config`."""
    fits = []
    for pair in config["pairs"]:
        examples = [example for document in documents for example in examples_of(document, pair, config["rows"])]
        fits.append(fitted_weights(examples, config["rows"], config["penalty"]))
    weights = np.stack([weights for weights, _ in fits]).astype(np.float16).astype(np.float32)
    return weights, np.asarray([bias for _, bias in fits], np.float32)


def found_pairs(reader: PairRelations, documents: Sequence[Document], n: int) -> list[list[tuple[Pair, Surfaces]]]:
    """By document the pairs of the names that the entity reader finds, with their spellings."""
    return [
        [(pair, spellings(document.text, pair.head, pair.tail)) for pair in reader.pairs(document.text, n)]
        for document in documents
    ]


def fitted_score(reader: PairRelations, documents: Sequence[Document], n: int, pair: Mapping[str, str]) -> FittedPair:
    """The relation's row of the card's settings: its score and threshold, fitted on documents not trained on."""
    gold = [gold_surfaces(document, pair["label"]) for document in documents]
    rows = [
        (found, written, own)
        for own, pairs in zip(gold, found_pairs(reader, documents, n), strict=True)
        for found, written in pairs
    ]
    features = torch.tensor([found.features for found, _, _ in rows])
    related = torch.tensor([bool(written & own) for _, written, own in rows])
    weights = [round(w, 4) for w in fitted_logistic(features, related, [1.0, 1.0, 1.0, 0.0]).tolist()]
    judged = [(score_of(found, weights), one in own) for found, written, own in rows for one in written]
    threshold = best_threshold([score for score, _ in judged], [ok for _, ok in judged], sum(map(len, gold)))
    return {"head": pair["head"], "tail": pair["tail"], "score": weights, "threshold": threshold}


def scores_of(
    reader: PairRelations, documents: Sequence[Document], corpus: str, part: str, label: str
) -> tuple[list[dict[str, Any]], list[ReliabilityRow]]:
    """The card's scores on one part, read from the bare text: micro-F1, precision and recall by the spellings of head
    and tail and the type, and the calibration error; and how reliable the scores are."""
    total = Counts()
    judged: list[tuple[float, bool]] = []
    for document in documents:
        gold = gold_surfaces(document, label)
        found = reader.relations(document.text, [label])
        score_by_surfaces = {(document.text_of((r.head,)), document.text_of((r.tail,))): r.score for r in found}
        total += compare(gold, score_by_surfaces)
        judged += [(score, surfaces in gold) for surfaces, score in score_by_surfaces.items()]
    scores, right = [score for score, _ in judged], [ok for _, ok in judged]
    figures = {
        "micro-F1 from bare text, spellings of head and tail": (micro_f1(total), len(documents)),
        "precision from bare text": (total.precision, len(documents)),
        "recall from bare text": (total.recall, len(documents)),
        "expected calibration error": (calibration_error(scores, right), len(scores)),
    }
    base = {"task": "relations", "lang": LANG, "set": corpus, "part": part}
    rows = [{**base, "metric": metric, "value": round(value, 4), "n": n} for metric, (value, n) in figures.items()]
    return rows, reliability(scores, right)


def train_specialist(data_dir: Path, out_dir: Path, mentions_dir: Path, seed: int, limit: int | None) -> None:
    """Train, calibrate, score and write the specialist.

    `mentions_dir` is the entity specialist that finds the names for the calibration and the scores; it must not have
    been trained on the development part. Beside it goes the state that has not seen it either. Raises InputError where
    it is not there.
    """
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    if not (mentions_dir / CARD_FILE).is_file():
        raise InputError(f"There is no entity specialist in {mentions_dir}: make entities-en first.")
    mentions = token_tagger.load(mentions_dir, read_card(mentions_dir))
    reported = documents_of(config["corpus"], "dev", data_dir, limit)
    leaks = LeakFilter(data_dir, reported)
    parts = leaks.divided(config["corpus"], documents_of(config["corpus"], "train", data_dir, limit))
    labels = [pair["label"] for pair in config["pairs"]]
    trained = fitted_pairs(parts.train, config)
    reader = PairRelations(mentions, labels, *trained, config["pairs"])
    fitted = [fitted_score(reader, parts.tune, n, pair) for n, pair in enumerate(config["pairs"])]
    reader = PairRelations(mentions, labels, *trained, fitted)
    rows = [scores_of(reader, reported, config["corpus"], "dev", label) for label in labels]
    settings = {"mentions": config["mentions"], "pairs": fitted, "seed": seed}
    counts = {**parts.counts, "reported": len(reported)}
    with_dev = config["with_dev"]
    final = fitted_pairs([*parts.train, *leaks.untested(reported)], config) if with_dev else trained
    for (weights, bias), folder in ((trained, mentions_dir.parent / config["command"]), (final, out_dir)):
        write_card(config, settings, rows, counts, folder, with_dev=with_dev and folder == out_dir)
        save_file({"weights": weights.astype(np.float16), "bias": bias}, folder / WEIGHTS_FILE)


def write_card(
    config: Mapping[str, Any],
    settings: Mapping[str, Any],
    rows: Sequence[tuple[list[dict[str, Any]], list[ReliabilityRow]]],
    counts: Mapping[str, int],
    out_dir: Path,
    *,
    with_dev: bool,
) -> None:
    """The two cards of the specialist; `with_dev`: of the weights that were trained on the development part, too."""
    card = {
        "name": config["names"],
        "kind": "pair_relations",
        "task": "relations",
        "lang": LANG,
        "labels": config["shown"],
        "scores": [score for scores, _ in rows for score in scores],
        "notes": config["notes"],
        "seen": {config["corpus"]: ["dev"]} if with_dev else {},
        "n_parameters": config["rows"] * len(config["pairs"]),
        "settings": settings,
    }
    texts = {
        "command": config["command"],
        "what": config["notes"]["en"],
        "data": data_rows({config["corpus"]: counts}),
        "raw": "those of the entity reader",
        "recipe": f"{RECIPE}\n\n{WITH_DEV}" if with_dev else RECIPE,
        "calibration": "\n\n".join(reliability_table(reliable, "dev part") for _, reliable in rows),
        "limits": config["limits"],
    }
    write_cards(out_dir, card, texts)
    print(card["scores"], file=sys.stderr)
