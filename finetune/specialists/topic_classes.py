"""The topics of articles: corpora of texts with classes in, a calibrated model over n-grams with its card out.

Settings: `topics_en.yaml`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from eval.metrics import ReliabilityRow
from finetune.specialists.class_ngrams import fitted_model, save
from finetune.specialists.corpus_parts import LeakFilter, Parts, documents_of
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from finetune.specialists.text_classes import calibrated, scores_of, targets_of
from taiyi.corpora import corpus_row
from taiyi.corpora.parts import part_of
from taiyi.document import Document
from taiyi.predictors.readers.class_ngrams import logits_of

LANG = "en"
RECIPE = """\
The words of a text in the singular, without stop words, and those of its first sentence once more are hashed; a
logistic regression with a quadratic penalty learns which topics they speak for. Scores: a sigmoid each, with a common
threshold, under one temperature, fitted on the tuning parts."""


def divided(config: Mapping[str, Any], data_dir: Path, limit: int | None) -> tuple[dict[str, Parts], list[Document]]:
    """What is trained and tuned on of each of the `corpora`, and the part of the first that is reported on.

    An article that stands in several of them, or in the reported part, is known by its id, since other editions spell
    its text in other ways: it counts where it comes first.
    """
    first, *_ = config["corpora"]
    reported = [d for d in documents_of(first, "train", data_dir, limit) if part_of(d.text) == "report"]
    leaks, taken, parts = LeakFilter(data_dir, reported), {document.id for document in reported}, {}
    for name in config["corpora"]:
        documents = documents_of(name, "train", data_dir, limit)
        new = [document for document in documents if document.id not in taken]
        taken |= {document.id for document in new}
        parts[name] = leaks.divided(name, new, [document.id for document in new])
        parts[name].counts["had_before"] = len(documents) - len(new)
    return parts, reported


def train_specialist(config_file: Path, data_dir: Path, out_dir: Path, seed: int, limit: int | None) -> None:
    """Train, calibrate, score and write the specialist that `config_file` describes."""
    config = yaml.safe_load(config_file.read_text(encoding="utf-8"))
    parts, reported = divided(config, data_dir, limit)
    labels = corpus_row(config["corpora"][0])["labels"]
    train = [document for part in parts.values() for document in part.train]
    tune = [document for part in parts.values() for document in part.tune]
    model = fitted_model([d.text for d in train], targets_of(train, labels), config["ngrams"], several=True)
    settings = calibrated(logits_of(model, [d.text for d in tune]), targets_of(tune, labels), several=True)
    logits = logits_of(model, [d.text for d in reported])
    scores, reliable = scores_of(logits, targets_of(reported, labels), labels, settings)
    print(scores, file=sys.stderr)
    write(
        config,
        {"rows": model.n_rows, "pieces": list(model.pieces), **settings, "seed": seed},
        scores,
        reliable,
        parts,
        len(reported),
        out_dir,
    )
    save(model, out_dir)


def write(
    config: Mapping[str, Any],
    settings: Mapping[str, Any],
    scores: Mapping[str, float],
    reliable: Sequence[ReliabilityRow],
    parts: Mapping[str, Parts],
    n_reported: int,
    out_dir: Path,
) -> None:
    """Write both cards."""
    first, *_ = config["corpora"]
    labels = corpus_row(first)["labels"]
    base = {"task": "classify", "lang": LANG, "set": first, "part": "report"}
    card = {
        "name": config["names"],
        "kind": "class_ngrams",
        "task": "classify",
        "lang": LANG,
        "labels": {label: {"en": label, "zh": label} for label in labels},
        "scores": [{**base, "metric": m, "value": round(v, 4), "n": n_reported} for m, v in scores.items()],
        "notes": config["notes"],
        "n_parameters": (settings["rows"] + 1) * len(labels),
        "settings": settings,
    }
    counts = {name: dict(part.counts) for name, part in parts.items()}
    counts[first]["reported"] = n_reported
    texts = {
        "command": config["command"],
        "what": config["notes"]["en"] + "\n\nTopics: " + "; ".join(labels) + ".",
        "data": data_rows(counts),
        "raw": "here none",
        "recipe": f"{RECIPE}\n\n    ngrams: {config['ngrams']}",
        "calibration": reliability_table(reliable, f"{first}, report part"),
        "limits": config["limits"],
    }
    write_cards(out_dir, card, texts)
