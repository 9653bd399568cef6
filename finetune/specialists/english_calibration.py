"""The scores of the English tagger: fitted on a tuning part, measured on a reported one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from eval.metrics import (
    ReliabilityRow,
    calibration_error,
    compare,
    entity_counts,
    mention_items,
    micro_f1,
    place_items,
    reliability,
)
from finetune.specialists.calibration import best_threshold, fitted_logistic
from taiyi.document import Document, Entity, Span
from taiyi.predictors.readers.token_tagger import N_SCORE_FEATURES, Mention, TokenTagger, score_features, score_of

LANG = "en"


def judged(tagger: TokenTagger, documents: Sequence[Document], head: Mapping[str, Any]) -> list[tuple[Mention, bool]]:
    """Every mention that a scheme marks, and whether its type and text are the document's."""
    rows = []
    for document in documents:
        gold = mention_items(document)
        for mention in tagger.mentions(document.text, head):
            rows.append((mention, (mention.label, document.text[mention.start : mention.end]) in gold))
    return rows


def fitted_score(rows: Sequence[tuple[Mention, bool]], labels: Sequence[str]) -> dict[str, Any]:
    """The weights of `score_of`: one for each feature, and a bias for each label."""
    features = torch.tensor(
        [[*score_features(mention), *(float(mention.label == label) for label in labels)] for mention, _ in rows]
    )
    prior = [1.0, *[0.0] * (N_SCORE_FEATURES - 1 + len(labels))]  # the network's own probability
    found = fitted_logistic(features, torch.tensor([ok for _, ok in rows]), prior).tolist()
    n = N_SCORE_FEATURES
    return {
        "weights": [round(weight, 4) for weight in found[:n]],
        "bias": {label: round(bias, 4) for label, bias in zip(labels, found[n:], strict=True)},
    }


def fit_head(tagger: TokenTagger, documents: Sequence[Document], head: Mapping[str, Any]) -> dict[str, Any]:
    """The scheme with its score and threshold, fitted on documents not trained on."""
    rows = judged(tagger, documents, head)
    fitted = {**head, "score": fitted_score(rows, head["labels"])}
    kept: dict[tuple[int, str, str], tuple[float, bool]] = {}
    for n, document in enumerate(documents):
        gold = mention_items(document)
        for mention in tagger.mentions(document.text, head):
            surface = document.text[mention.start : mention.end]
            row = (score_of(mention, fitted["score"]), (mention.label, surface) in gold)
            kept[n, mention.label, surface] = max(row, kept.get((n, mention.label, surface), row))
    n_gold = sum(len(mention_items(document)) for document in documents)
    scores, right = [score for score, _ in kept.values()], [ok for _, ok in kept.values()]
    return {**fitted, "threshold": best_threshold(scores, right, n_gold)}


def read_documents(tagger: TokenTagger, documents: Sequence[Document], labels: Sequence[str]) -> list[Document]:
    """What the reader finds when it is asked for `labels`."""
    found = []
    for document in documents:
        rows = tagger.entities(document.text, labels)
        entities = tuple(
            Entity(f"T{n}", label, (Span(start, end),), score) for n, (start, end, label, score) in enumerate(rows)
        )
        found.append(replace(document, entities=entities))
    return found


def scores_of(
    tagger: TokenTagger, documents: Sequence[Document], corpus: str, part: str, labels: Sequence[str]
) -> tuple[list[dict[str, Any]], list[ReliabilityRow]]:
    """The card's scores on one part: micro-F1 by type and text for each label and for all, by type and place, and the
    calibration error of the scores; and how reliable these are."""
    predicted = read_documents(tagger, documents, labels)
    base = {"task": "entities", "lang": LANG, "set": corpus, "part": part}
    rows = []
    for label in [*labels, None] if len(labels) > 1 else [None]:
        counts = entity_counts(documents, predicted, labels if label is None else [label])
        metric = f"micro-F1{'' if label is None else ' ' + label}, text and type"
        rows.append({**base, "metric": metric, "value": round(micro_f1(counts), 4), "n": len(documents)})
    pairs = zip(documents, predicted, strict=True)
    places = [compare(place_items(gold, labels), place_items(found)) for gold, found in pairs]
    total = sum(places[1:], places[0])
    rows.append({**base, "metric": "micro-F1, place and type", "value": round(micro_f1(total), 4), "n": len(documents)})
    judged_scores = [
        (e.score or 0.0, (e.label, found.text_of(e.spans)) in mention_items(gold))
        for gold, found in zip(documents, predicted, strict=True)
        for e in found.entities
    ]
    scores, right = [score for score, _ in judged_scores], [ok for _, ok in judged_scores]
    error = round(calibration_error(scores, right), 4)
    rows.append({**base, "metric": "expected calibration error", "value": error, "n": len(scores)})
    return rows, reliability(scores, right)
