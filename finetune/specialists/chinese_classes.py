"""The class specialists for short Chinese texts: a corpus of texts with one class each in, calibrated networks out.

Settings: `intent_zh.yaml`, `criteria_zh.yaml`; the encoder they begin with: `chinese_short_texts.yaml`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from finetune.specialists import class_ngrams
from finetune.specialists.averaging import TrainingSettings, batches, train
from finetune.specialists.chinese_short_texts import ENCODER_RECIPE, Pretrained, pretrained
from finetune.specialists.corpus_parts import Parts
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from finetune.specialists.text_classes import calibrated, divided, scores_of, targets_of
from taiyi.corpora import corpus_row
from taiyi.document import Document
from taiyi.predictors.readers.char_classes import MAX_CHARS, members_of
from taiyi.predictors.readers.nested_spans_input import CharTable, Ids
from taiyi.predictors.readers.nested_spans_network import MASK, N_SPECIAL_CHARS, Batch
from taiyi.predictors.readers.short_texts import CHARS_FILE, NETWORK_FILE, Members
from taiyi.predictors.readers.short_texts_network import GramClassifier, TextClassifier, batch_of

LABEL_SMOOTHING = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """A text in characters and the number of its class."""

    ids: Ids
    target: int


def hide_chars(batch: Batch, share: float) -> Batch:
    """`batch` with a `share` of its characters hidden, so that no single one decides."""
    batch.chars[(torch.rand(batch.chars.shape) < share) & (batch.chars > 0)] = MASK
    return batch


def train_member(
    rows: Sequence[Row], n_classes: int, start: Pretrained, settings: TrainingSettings, seed: int
) -> TextClassifier:
    """A classifier with averaged weights, from the encoder `start` on."""
    torch.manual_seed(seed)
    network = TextClassifier(start.config, n_classes, settings.dropout)
    network.encoder.load_state_dict({name: value.float() for name, value in start.weights.items()})

    def loss_of(network: TextClassifier, group: list[Row]) -> Tensor:
        batch = hide_chars(batch_of([row.ids for row in group], start.config), settings.unseen)
        gold = torch.tensor([row.target for row in group])
        return functional.cross_entropy(network(batch), gold, label_smoothing=LABEL_SMOOTHING)

    def epoch(rng: random.Random) -> Iterator[list[Row]]:
        return batches(rows, lambda row: "", lambda row: len(row.ids), settings.batch_tokens, rng)

    return train(network, epoch, loss_of, settings, seed=seed)


def fit_grams(model: GramClassifier, rows: Sequence[Row], start: Pretrained, penalty: float) -> None:
    """The weights of a logistic regression with `penalty` times half their squares."""
    grams = model.rows(batch_of([row.ids for row in rows], start.config).chars)
    found = [[row for row in own if row >= 0] for own in grams.tolist()]
    classes = functional.one_hot(torch.tensor([row.target for row in rows]), len(model.bias))
    class_ngrams.fit(model, found, classes.float(), penalty, several=False)


@torch.inference_mode()
def logits_of(network: Members, texts: Sequence[Ids], start: Pretrained) -> Tensor:
    """*Shape:* (texts, classes)."""
    groups = [texts[n : n + 64] for n in range(0, len(texts), 64)]
    return torch.cat([network(batch_of(group, start.config)) for group in groups])


def ids_of(documents: Sequence[Document], table: CharTable) -> list[Ids]:
    """The texts in characters, as far as the reader reads at once."""
    return [table.ids(document.text[:MAX_CHARS]) for document in documents]


def train_specialist(
    config_file: Path, data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None
) -> None:
    """Train, calibrate, score and write the specialist that `config_file` describes."""
    config = yaml.safe_load(config_file.read_text(encoding="utf-8"))
    start = pretrained(data_dir, work_dir, seed, limit)
    parts, reported = divided(config, data_dir, limit)
    labels = list(english_names(config))
    targets = targets_of(parts.train, labels).argmax(-1).tolist()
    texts = ids_of(parts.train, CharTable(start.chars, N_SPECIAL_CHARS))
    rows = [Row(ids, target) for ids, target in zip(texts, targets, strict=True)]
    settings = TrainingSettings(**config["training"])
    members = members_of(start.config, len(labels), config["members"], config["grams"]["rows"])
    for n, member in enumerate(members):
        kept = work_dir / f"{config['command']}-{seed + n}.pt"
        if not kept.exists():
            if isinstance(member, GramClassifier):
                fit_grams(member, rows, start, config["grams"]["penalty"])
            else:
                member = train_member(rows, len(labels), start, settings, seed + n)
            torch.save(member.state_dict(), kept)
        members[n].load_state_dict(torch.load(kept))
    finish(Members(members), start, config, parts, reported, seed, out_dir)


def english_names(config: Mapping[str, Any]) -> dict[str, str]:
    """The classes of the corpus in the order of its row, and their English names: those of its files, or those that
    the settings show."""
    row = corpus_row(config["corpus"])
    if "classes" in row:
        return {ours: theirs for theirs, ours in row["classes"].items()}
    return dict(zip(row["labels"], config["shown"], strict=True))


def finish(
    network: Members,
    start: Pretrained,
    config: Mapping[str, Any],
    parts: Parts,
    reported: Sequence[Document],
    seed: int,
    out_dir: Path,
) -> None:
    """Calibrate on the tuning part, score on the reported one, and write weights and cards."""
    half = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    network.load_state_dict({name: value.float() for name, value in half.items()})
    network.eval()
    names, table = english_names(config), CharTable(start.chars, N_SPECIAL_CHARS)
    labels = list(names)
    tuned = logits_of(network, ids_of(parts.tune, table), start)
    fitted = calibrated(tuned, targets_of(parts.tune, labels), several=False)
    logits = logits_of(network, ids_of(reported, table), start)
    scores, reliable = scores_of(logits, targets_of(reported, labels), labels, fitted)
    base = {"task": "classify", "lang": "zh", "set": config["corpus"], "part": "report"}
    card = {
        "name": config["names"],
        "kind": "char_classes",
        "task": "classify",
        "lang": "zh",
        "labels": {label: {"en": english, "zh": label} for label, english in names.items()},
        "scores": [{**base, "metric": m, "value": round(v, 4), "n": len(reported)} for m, v in scores.items()],
        "notes": config["notes"],
        "n_parameters": sum(weight.numel() for weight in network.parameters()),
        "settings": {"network": start.sizes(), "members": config["members"],
                     "gram_rows": config["grams"]["rows"], "temperature": fitted["temperature"], "seed": seed},
    }  # fmt: skip
    texts = {
        "command": config["command"],
        "what": config["notes"]["en"] + "\n\nClasses: " + "; ".join(labels) + ".",
        "data": data_rows({config["corpus"]: {**parts.counts, "reported": len(reported)}}),
        "raw": ", ".join(start.sources),
        "recipe": recipe_text(config),
        "calibration": reliability_table(reliable, f"{config['corpus']}, report part"),
        "limits": config["limits"],
    }
    write_cards(out_dir, card, texts)
    save_file(half, out_dir / NETWORK_FILE)
    (out_dir / CHARS_FILE).write_text("\n".join(start.chars), encoding="utf-8")
    print(scores, file=sys.stderr)


def recipe_text(config: Mapping[str, Any]) -> str:
    """The recipe in a few lines, with its settings."""
    return (
        f"{ENCODER_RECIPE} Then it learns the classes: the strongest and the mean of each feature and four learnt "
        "glances decide. AdamW, averaged weights, some characters hidden. Beside it stands a logistic regression over "
        "hashed characters, pairs and triples; the probabilities of all networks and of this are averaged. Scores: a "
        "softmax under one temperature, fitted on the tuning part.\n\n"
        f"    {config['training']}\n    grams: {config['grams']}\n\n{config.get('steps', '')}".rstrip()
    )
