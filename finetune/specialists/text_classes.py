"""The class specialists: a corpus of texts with classes in, a calibrated network with its card out.

Settings: `hallmarks_en.yaml`. With `several` more than one class may hold, or none; else one does.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor

from eval.metrics import Counts, ReliabilityRow, accuracy, calibration_error, label_counts, micro_f1, reliability
from finetune.specialists import class_ngrams
from finetune.specialists.averaging import TrainingSettings
from finetune.specialists.calibration import common_threshold, fitted_logistic, fitted_temperature
from finetune.specialists.class_network import Row, logits_of, train_classifier
from finetune.specialists.corpus_parts import LeakFilter, Parts, documents_of
from finetune.specialists.english_encoder import english_encoder, recipe_lines, sources
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from taiyi.corpora import corpus_row
from taiyi.corpora.parts import part_of
from taiyi.document import Document
from taiyi.predictors.readers.class_ngrams import NgramModel
from taiyi.predictors.readers.class_ngrams import logits_of as ngram_logits_of
from taiyi.predictors.readers.token_classes import WEIGHTS_FILE, WORDS_FILE, weighted
from taiyi.predictors.readers.token_input import READERS
from taiyi.predictors.readers.token_network import Ensemble

NGRAMS_RECIPE = """\
Beside it stands a logistic regression over hashed words (in the singular, without stop words) and their runs of four
and five characters. The logits of both are added; what each counts was fitted on the tuning part."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A network and the words that it knows; where a model over n-grams stands beside it, what the logits of both count
    in their sum."""

    network: Ensemble
    words: Sequence[str]
    ngrams: NgramModel | None = None
    weights: tuple[float, ...] = (1.0, 0.0)

    def logits(self, documents: Sequence[Document]) -> Tensor:
        """*Shape:* (texts, classes)."""
        read = READERS[self.network.config.lang](self.words)
        logits = logits_of(self.network, [read(document.text) for document in documents])
        if self.ngrams is None:
            return logits
        return weighted(logits, ngram_logits_of(self.ngrams, [document.text for document in documents]), self.weights)

    def with_ngrams(self, ngrams: NgramModel, tune: Sequence[Document], targets: Tensor) -> Trained:
        """The same with `ngrams` beside the network, and the weights of both as a logistic regression on texts that
        neither was trained on has them. *Shape:* `targets` (texts, classes)."""
        beside = ngram_logits_of(ngrams, [document.text for document in tune])
        both = torch.stack([self.logits(tune).flatten(), beside.flatten()], -1)
        fitted = fitted_logistic(both, targets.flatten(), [0.5, 0.5]).tolist()
        return replace(self, ngrams=ngrams, weights=tuple(round(weight, 3) for weight in fitted))


def targets_of(documents: Sequence[Document], labels: Sequence[str]) -> Tensor:
    """1 where a class holds. *Shape:* (texts, classes)."""
    held = [{label.name for label in document.labels} for document in documents]
    return torch.tensor([[float(label in own) for label in labels] for own in held])


def source_of(document: Document) -> str:
    """What texts that belong together share: sentences are numbered `PMID_s3`."""
    return document.id.rsplit("_s", 1)[0]


def divided(config: Mapping[str, Any], data_dir: Path, limit: int | None) -> tuple[Parts, list[Document]]:
    """What is trained and tuned on, without leaks, and what is reported on. Sentences of one abstract stay together."""
    documents = documents_of(config["corpus"], "train", data_dir, limit)
    if config["reported"] == "report":
        reported = [document for document in documents if part_of(document.text) == "report"]
        documents = [document for document in documents if part_of(document.text) != "report"]
        keys = [document.text for document in documents]
    else:
        reported = documents_of(config["corpus"], config["reported"], data_dir, limit)
        keys = [source_of(document) for document in documents]
    return LeakFilter(data_dir, reported).divided(config["corpus"], documents, keys), reported


def calibrated(logits: Tensor, targets: Tensor, several: bool) -> dict[str, Any]:
    """Temperature and, where several classes may hold, their threshold; fitted on the tuning part."""
    temperature = fitted_temperature(logits, targets, several)
    settings: dict[str, Any] = {"several": several, "temperature": temperature}
    if several:
        settings["threshold"] = common_threshold((logits / temperature).sigmoid(), targets)
    return settings


def scores_of(
    logits: Tensor, targets: Tensor, labels: Sequence[str], settings: dict[str, Any]
) -> tuple[dict[str, float], list[ReliabilityRow]]:
    """The corpus's own metric and the calibration error of the scores on one part, and how reliable the scores are."""
    logits = logits / settings["temperature"]
    gold = [[label for label, held in zip(labels, row, strict=True) if held] for row in (targets > 0).tolist()]
    if settings["several"]:
        scores = logits.sigmoid()
        held = scores >= settings["threshold"]
        found = [[label for label, one in zip(labels, row, strict=True) if one] for row in held.tolist()]
        value = {"micro-F1": micro_f1(label_counts(gold, found))}
        flat, right = scores.flatten().tolist(), (targets > 0).flatten().tolist()
    else:
        best = logits.softmax(-1).max(-1)
        named = [[labels[n]] for n in best.indices.tolist()]
        right_share = accuracy([row[0] for row in gold], [row[0] for row in named])
        value = {"accuracy": right_share, "macro-F1": macro_f1(gold, named, labels)}
        flat, right = best.values.tolist(), (targets.argmax(-1) == best.indices).tolist()
    return value | {"expected calibration error": calibration_error(flat, right)}, reliability(flat, right)


def macro_f1(gold: Sequence[Sequence[str]], named: Sequence[Sequence[str]], labels: Sequence[str]) -> float:
    """The mean F1 of the classes that are there or are named."""
    counts = [
        label_counts([{label} & set(row) for row in gold], [{label} & set(row) for row in named]) for label in labels
    ]
    values = [micro_f1(count) for count in counts if count != Counts()]
    return sum(values) / len(values)


def train_specialist(
    config_file: Path, data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None
) -> None:
    """Train, calibrate, score and write the specialist that `config_file` describes."""
    config = yaml.safe_load(config_file.read_text(encoding="utf-8"))
    row = corpus_row(config["corpus"])
    labels = row["labels"]
    words, encoder = english_encoder(data_dir, work_dir, seed)
    read = READERS[row["lang"]](words)
    parts, reported = divided(config, data_dir, limit)
    tokens = [read(document.text) for document in parts.train]
    targets = targets_of(parts.train, labels)
    rows = [Row(t, y.numpy()) for t, y in zip(tokens, targets, strict=True) if len(t)]
    settings = TrainingSettings(**config["training"])
    network = Ensemble(encoder.config, len(labels), config["members"])
    for n, member in enumerate(network.members):
        kept = work_dir / f"{config['command']}-{seed + n}.pt"
        if not kept.exists():
            learnt = train_classifier(rows, encoder, settings, several=config["several"], seed=seed + n)
            torch.save(learnt.state_dict(), kept)
        member.load_state_dict(torch.load(kept))
    network.load_weights({name: value.contiguous() for name, value in network.weights().items()})
    trained = Trained(network.eval(), words)
    if "ngrams" in config:
        texts = [document.text for document in parts.train]
        ngrams = class_ngrams.fitted_model(texts, targets, config["ngrams"], several=config["several"])
        trained = trained.with_ngrams(ngrams, parts.tune, targets_of(parts.tune, labels))
    finish(trained, config, parts, reported, seed, out_dir)


def finish(
    trained: Trained,
    config: Mapping[str, Any],
    parts: Parts,
    reported: Sequence[Document],
    seed: int,
    out_dir: Path,
) -> None:
    """Calibrate on the tuning part, score on the reported one, and write weights and cards."""
    row = corpus_row(config["corpus"])
    lang, labels = row["lang"], row["labels"]
    fitted = calibrated(trained.logits(parts.tune), targets_of(parts.tune, labels), config["several"])
    scores, reliable = scores_of(trained.logits(reported), targets_of(reported, labels), labels, fitted)
    base = {"task": "classify", "lang": lang, "set": config["corpus"], "part": config["reported"]}
    shown = config.get("shown", labels)
    card = {
        "name": config["names"],
        "kind": "token_classes",
        "task": "classify",
        "lang": lang,
        "labels": {label: {"en": en, "zh": label} for label, en in zip(labels, shown, strict=True)},
        "scores": [{**base, "metric": m, "value": round(v, 4), "n": len(reported)} for m, v in scores.items()],
        "notes": config["notes"],
        "n_parameters": n_parameters(trained),
        "settings": {**model_settings(trained), **fitted, "seed": seed},
    }
    texts = {
        "command": config["command"],
        "what": config["notes"]["en"] + "\n\nClasses: " + "; ".join(labels) + ".",
        "data": data_rows({config["corpus"]: {**parts.counts, "reported": len(reported)}}),
        "raw": ", ".join(sources()),
        "recipe": recipe_text(config),
        "calibration": reliability_table(reliable, f"{config['corpus']}, {config['reported']} part"),
        "limits": config["limits"],
    }
    write_cards(out_dir, card, texts)
    save_weights(trained, out_dir)
    print(scores, file=sys.stderr)


def n_parameters(trained: Trained) -> int:
    """Learnt numbers, without the word vectors."""
    networks = [trained.network] if trained.ngrams is None else [trained.network, trained.ngrams]
    return sum(weight.numel() for network in networks for weight in network.parameters())


def model_settings(trained: Trained) -> dict[str, Any]:
    """The sizes that the reader needs, as plain values."""
    network = trained.network
    settings: dict[str, Any] = {"encoder": network.config.to_dict(), "members": len(network.members)}
    if trained.ngrams is not None:
        settings["ngrams"] = {"rows": trained.ngrams.n_rows, "weights": list(trained.weights)}
    return settings


def save_weights(trained: Trained, out_dir: Path) -> None:
    """Write what the reader reads, in float16."""
    save_file({name: value.contiguous() for name, value in trained.network.weights().items()}, out_dir / WEIGHTS_FILE)
    (out_dir / WORDS_FILE).write_text("\n".join(trained.words), encoding="utf-8")
    if trained.ngrams is not None:
        class_ngrams.save(trained.ngrams, out_dir)


def recipe_text(config: Mapping[str, Any]) -> str:
    """The recipe in a few lines, with its settings."""
    text = (
        "Fixed word vectors (mutual information with neighbours, factorized), hashed tables and character filters,\n"
        "two layers of LSTMs that read both ways and guessed words of raw text before; the strongest and the mean\n"
        "of each feature over the tokens, alone and in context, decide; the logits of networks from several seeds are\n"
        "averaged. AdamW, averaged weights. Scores: "
        + ("a sigmoid each, with a common threshold, " if config["several"] else "a softmax ")
        + "under one temperature,\nfitted on the tuning part."
    )
    lines = [*recipe_lines(), f"    training: {config['training']}"]
    if "ngrams" in config:
        text += f"\n\n{NGRAMS_RECIPE}"
        lines.append(f"    ngrams: {config['ngrams']}")
    return "\n".join([text, "", *lines])
