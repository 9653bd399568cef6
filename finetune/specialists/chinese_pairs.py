"""The specialists for pairs of short Chinese texts: corpora of pairs with one set of labels in, networks out.

Settings: `questions_zh.yaml`, `queries_zh.yaml`, `titles_zh.yaml`; the encoder that they begin with:
`chinese_short_texts.yaml`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from finetune.overlap import Fingerprints
from finetune.specialists.averaging import TrainingSettings, batches, train
from finetune.specialists.calibration import fitted_temperature
from finetune.specialists.chinese_classes import hide_chars
from finetune.specialists.chinese_short_texts import ENCODER_RECIPE, Pretrained, pretrained, reported_texts, texts_of
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from finetune.specialists.text_classes import scores_of
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import normal_form, part_of
from taiyi.predictors.readers.char_pairs import MAX_CHARS
from taiyi.predictors.readers.nested_spans_input import CharTable, Ids
from taiyi.predictors.readers.nested_spans_network import N_SPECIAL_CHARS
from taiyi.predictors.readers.short_texts import CHARS_FILE, NETWORK_FILE, Members
from taiyi.predictors.readers.short_texts_network import Features, PairClassifier, batch_of, shared_features
from taiyi.tasks.base import Example

LABEL_SMOOTHING = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """Two texts in characters, the features of each beside the other, and the number of what holds."""

    ids: tuple[Ids, Ids]
    features: tuple[Features, Features]
    target: int

    def __len__(self) -> int:
        return max(map(len, self.ids))


@dataclass(frozen=True, slots=True)
class Parts:
    """The pairs of a corpus that are trained, tuned and reported on; `counts` says how many, and what fell out."""

    train: tuple[Example, ...]
    tune: tuple[Example, ...]
    report: tuple[Example, ...]
    counts: dict[str, int]


def parts_of(name: str, data_dir: Path, aside: set[str], limit: int | None = None) -> Parts:
    """The pairs of a corpus, divided by the first text. No text of a training or tuning pair is one of those `aside`
    (normal forms), whichever corpus that is of, or a leak."""
    prints = Fingerprints.of_tests(data_dir)
    examples = list(islice(read_corpus(name, "train", data_dir), limit))
    report = [example for example in examples if part_of(example.request.text) == "report"]
    others = [example for example in examples if part_of(example.request.text) != "report"]
    clean = [example for example in others if not any(map(prints.leaked, texts_of(example)))]
    apart = [example for example in clean if not {normal_form(text) for text in texts_of(example)} & aside]
    tune = [example for example in apart if part_of(example.request.text) == "tune"]
    tuned = {normal_form(text) for example in tune for text in texts_of(example)}
    train = [
        example
        for example in apart
        if part_of(example.request.text) == "train" and not {normal_form(text) for text in texts_of(example)} & tuned
    ]
    counts = {
        "pairs": len(examples),
        "in_a_test_set": len(others) - len(clean),
        "in_a_reported_part": len(clean) - len(apart),
        "in_a_tuning_part": len(apart) - len(tune) - len(train),
        "train": len(train),
        "tune": len(tune),
        "reported": len(report),
    }
    print(f"{name}: {counts}", file=sys.stderr, flush=True)
    return Parts(tuple(train), tuple(tune), tuple(report), counts)


def rows_of(examples: Sequence[Example], labels: Sequence[str], table: CharTable) -> list[Row]:
    """What the network reads of `examples`."""
    rows = []
    for example in examples:
        one, two = (table.ids(text[:MAX_CHARS]) for text in (example.request.text, example.request.text_b))
        features = shared_features(one, two), shared_features(two, one)
        rows.append(Row((one, two), features, labels.index(example.gold.labels[0].name)))
    return rows


def logits_in(network: torch.nn.Module, group: Sequence[Row], start: Pretrained, hidden: float = 0.0) -> Tensor:
    """*Shape:* (pairs, labels)."""
    texts = [row.ids[side] for side in (0, 1) for row in group]
    features = [row.features[side] for side in (0, 1) for row in group]
    logits: Tensor = network(hide_chars(batch_of(texts, start.config, features), hidden))
    return logits


def train_member(rows: Sequence[Row], config: Mapping[str, Any], start: Pretrained, seed: int) -> PairClassifier:
    """A network with averaged weights, from the encoder `start` on. Half precision where that is enough: on a CPU a
    step takes two thirds of the time."""
    torch.manual_seed(seed)
    settings = TrainingSettings(**config["training"])
    network = network_of(config, start, settings.dropout)
    network.encoder.load_state_dict({name: value.float() for name, value in start.weights.items()})

    def loss_of(network: PairClassifier, group: list[Row]) -> Tensor:
        gold = torch.tensor([row.target for row in group])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = logits_in(network, group, start, settings.unseen)
        return functional.cross_entropy(logits.float(), gold, label_smoothing=LABEL_SMOOTHING)

    def epoch(rng: random.Random) -> Iterator[list[Row]]:
        return batches(rows, lambda row: "", len, settings.batch_tokens, rng)

    return train(network, epoch, loss_of, settings, seed=seed)


def network_of(config: Mapping[str, Any], start: Pretrained, dropout: float = 0.0) -> PairClassifier:
    """A network of the sizes that the settings name."""
    return PairClassifier(start.config, len(config["labels"]), config["compared_width"], dropout)


@torch.inference_mode()
def logits_of(network: torch.nn.Module, rows: Sequence[Row], start: Pretrained) -> Tensor:
    """*Shape:* (pairs, labels)."""
    return torch.cat([logits_in(network, rows[n : n + 64], start) for n in range(0, len(rows), 64)])


def one_hot(rows: Sequence[Row], n_labels: int) -> Tensor:
    """*Shape:* (pairs, labels)."""
    return functional.one_hot(torch.tensor([row.target for row in rows]), n_labels).float()


def train_specialist(
    config_file: Path, data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None
) -> None:
    """Train, calibrate, score and write the specialist that `config_file` describes."""
    config = yaml.safe_load(config_file.read_text(encoding="utf-8"))
    start = pretrained(data_dir, work_dir, seed, limit)
    table = CharTable(start.chars, N_SPECIAL_CHARS)
    aside = reported_texts(config["aside"], data_dir)
    parts = {name: parts_of(name, data_dir, aside, limit) for name in config["corpora"]}
    members = []
    for n in range(config["members"]):
        kept = work_dir / f"{config['command']}-{seed + n}.pt"
        if not kept.exists():
            rows = [row for part in parts.values() for row in rows_of(part.train, config["labels"], table)]
            torch.save(train_member(rows, config, start, seed + n).state_dict(), kept)
        member = network_of(config, start)
        member.load_state_dict(torch.load(kept))
        members.append(member)
    finish(Members(members), start, config, parts, seed, out_dir)


def finish(
    network: Members,
    start: Pretrained,
    config: Mapping[str, Any],
    parts: Mapping[str, Parts],
    seed: int,
    out_dir: Path,
) -> None:
    """Calibrate on the tuning parts, score on the reported ones, and write weights and cards."""
    half = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    network.load_state_dict({name: value.float() for name, value in half.items()})
    network.eval()
    table, labels = CharTable(start.chars, N_SPECIAL_CHARS), config["labels"]
    tuned = [row for part in parts.values() for row in rows_of(part.tune, labels, table)]
    temperature = fitted_temperature(logits_of(network, tuned, start), one_hot(tuned, len(labels)), several=False)
    scores, tables = [], []
    for name, part in parts.items():
        rows = rows_of(part.report, labels, table)
        fitted = {"several": False, "temperature": temperature}
        values, reliable = scores_of(logits_of(network, rows, start), one_hot(rows, len(labels)), labels, fitted)
        base = {"task": "similarity", "lang": "zh", "set": name, "part": "report"}
        scores += [{**base, "metric": m, "value": round(v, 4), "n": len(rows)} for m, v in values.items()]
        tables.append(reliability_table(reliable, f"{name}, report part"))
        print(name, values, file=sys.stderr, flush=True)
    card = {
        "name": config["names"],
        "kind": "char_pairs",
        "task": "similarity",
        "lang": "zh",
        "labels": {label: {"en": en, "zh": label} for label, en in zip(labels, config["shown"], strict=True)},
        "scores": scores,
        "notes": config["notes"],
        "n_parameters": sum(weight.numel() for weight in network.parameters()),
        "settings": {"network": start.sizes(), "compared_width": config["compared_width"],
                     "members": len(network.members), "temperature": temperature, "seed": seed},
    }  # fmt: skip
    texts = {
        "command": config["command"],
        "what": f"{config['notes']['en']}\n\nLabels: {'; '.join(labels)}.",
        "data": data_rows({name: part.counts for name, part in parts.items()}),
        "raw": ", ".join(start.sources),
        "recipe": recipe_text(config),
        "calibration": "\n\n".join(tables),
        "limits": config["limits"],
    }
    write_cards(out_dir, card, texts)
    save_file(half, out_dir / NETWORK_FILE)
    (out_dir / CHARS_FILE).write_text("\n".join(start.chars), encoding="utf-8")


def recipe_text(config: Mapping[str, Any]) -> str:
    """The recipe in a few lines, with its settings."""
    return (
        f"{ENCODER_RECIPE} Then it reads both texts, each character with whether the other text has it and the pairs "
        "and triples around it; the texts are aligned softly and compared where they are aligned. AdamW, averaged "
        "weights, some characters hidden. Scores: a softmax under one temperature, fitted on the tuning parts.\n\n"
        f"    {config['training']}"
    )
