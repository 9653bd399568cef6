"""The English entity specialist: one network that learns several annotation schemes side by side.

BC5CDR marks no genes and NCBI no chemicals, so each corpus teaches a layer of tags of its own on one encoder, which has
guessed words of raw text before. It is trained twice: without the development parts, to be scored on them, and then
with them, for the weights that are given out.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from finetune.specialists.averaging import TrainingSettings, batches, train
from finetune.specialists.corpus_parts import LeakFilter, Parts, documents_of
from finetune.specialists.english_calibration import fit_head, scores_of
from finetune.specialists.english_encoder import english_encoder, recipe_lines, sources
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from finetune.specialists.token_windows import LANG, Window, tagged_windows
from taiyi.document import Document
from taiyi.predictors.readers.token_input import READERS
from taiyi.predictors.readers.token_network import Encoder, Tagger, collate
from taiyi.predictors.readers.token_tagger import WEIGHTS_FILE, WORDS_FILE, TokenTagger

CONFIG_FILE = Path(__file__).with_suffix(".yaml")
IGNORED = -100
NAMES = {"en": "Entity reader (English)", "zh": "英文实体识别器"}
WHAT = (
    "Finds chemicals, diseases, genes and proteins, sequence variants, species, cell lines and parts of the body in\n"
    "English text. One network with a layer of tags for each annotation scheme: Chemical and Disease alone are read\n"
    "as BC5CDR marks them, with any other of BioRED's types all as BioRED marks them, parts of the body as in AnatEM."
)
NOTES = {
    "en": "Chemical and Disease alone are read as BC5CDR marks them, with any other type all as BioRED does; parts of "
    "the body as AnatEM does.",
    "zh": "只要求化学物质和疾病时按 BC5CDR 的标注方式识别；要求其他类型时六类都按 BioRED 的方式识别；"
    "身体部位按 AnatEM 的方式识别。",
}
RECIPE = """\
Fixed word vectors (mutual information with neighbours, factorized), hashed tables and character filters, two layers of
LSTMs that read both ways; this encoder first guesses words of raw text. Then begin-inside-end-single tags, decoded so
that every mention is whole: the corpora teach one encoder side by side, a layer of tags each; those of the helpers and
of NCBI are not read from, they help the encoder. AdamW, averaged weights. Score: a logistic function of the network's
probability, the share of the name's places that were marked, their number and the length; mentions below a threshold
are dropped; both fitted on the tuning part."""
FURTHER = """\
The scores below are those of the network that saw no development part; the weights were then trained further with the
development parts, under the same scores and thresholds."""
LIMITS = """\
Flat mentions only: of nested ones the longer is learnt. Abstracts of PubMed are what it has seen; clinical notes, full
texts and web text are read worse. Names that no training text holds are missed more often than known ones. BioRED's
development part shares abstracts with BC5CDR's test part; these were left out of all training."""

Corpora = Mapping[str, Sequence[Document]]
"""Documents by the name of the corpus."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the network learns from: `windows` every epoch, and of each of `samples` about so many tokens besides."""

    windows: Sequence[Window]
    samples: Sequence[tuple[Sequence[Window], float]]

    def epoch(self, rng: random.Random) -> list[Window]:
        """What is read in one epoch, in no order."""
        rows = list(self.windows)
        for windows, n_tokens in self.samples:
            share = n_tokens / max(1, sum(len(window.tokens) for window in windows))
            rows += rng.sample(list(windows), int(min(1.0, share) * len(windows)))
        return rows


def lessons_of(documents: Corpora, config: Mapping[str, Any], words: Sequence[str]) -> Lessons:
    """The windows of all schemes and helpers. Those with a `weight` are sampled: together they bring `sampled` tokens
    for each token of the others, in the ratio of their weights."""
    read = READERS[LANG](words)
    schemes = [*config["heads"], *config["helpers"]]
    windows = {h["name"]: tagged_windows(documents[h["name"]], h, read, config["window_tokens"]) for h in schemes}
    always = [window for head in schemes if "weight" not in head for window in windows[head["name"]]]
    n_tokens = config["sampled"] * sum(len(window.tokens) for window in always)
    weights = {head["name"]: head["weight"] for head in schemes if "weight" in head}
    total = sum(weights.values())
    return Lessons(always, [(windows[name], n_tokens * weight / total) for name, weight in weights.items()])


def train_network(network: Tagger, lessons: Lessons, settings: TrainingSettings, seed: int) -> Tagger:
    """A tagger with averaged weights; every batch is of one scheme."""

    def loss_of(network: Tagger, group: list[Window]) -> Tensor:
        batch = collate([window.tokens for window in group])
        batch.hashed[..., 0].masked_fill_(torch.rand(batch.real.shape) < settings.unseen, 0)
        gold = torch.full(batch.real.shape, IGNORED)
        for n, window in enumerate(group):
            gold[n, : len(window.tags)] = torch.from_numpy(window.tags)
        with torch.autocast("cpu", torch.bfloat16):  # LSTMs step 1.8 times as fast
            logits = network(batch, group[0].head)
        return functional.cross_entropy(logits.float().flatten(0, 1), gold.flatten(), ignore_index=IGNORED)

    def epoch(rng: random.Random) -> Iterator[list[Window]]:
        return batches(lessons.epoch(rng), lambda w: w.head, lambda w: len(w.tokens), settings.batch_tokens, rng)

    return train(network, epoch, loss_of, settings, seed=seed)


def new_network(encoder: Encoder, config: Mapping[str, Any], seed: int) -> Tagger:
    """A tagger on a copy of `encoder`, with a layer for each scheme and helper."""
    torch.manual_seed(seed)
    n_tags = {head["name"]: 1 + 4 * len(head["labels"]) for head in (*config["heads"], *config["helpers"])}
    network = Tagger(encoder.config, n_tags, config["training"]["dropout"])
    network.encoder.load_state_dict(encoder.state_dict())
    return network


def kept_weights(network: Tagger, heads: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
    """What is saved, in float16: the encoder and the layers of `heads`."""
    names = {head["name"] for head in heads}
    return {
        name: value.half().contiguous()
        for name, value in network.state_dict().items()
        if not name.startswith("heads.") or name.split(".")[1] in names
    }


def as_kept(network: Tagger, heads: Sequence[Mapping[str, Any]]) -> Tagger:
    """The network as it will be loaded."""
    kept = Tagger(network.encoder.config, {head["name"]: 1 + 4 * len(head["labels"]) for head in heads})
    kept.load_state_dict({name: value.float() for name, value in kept_weights(network, heads).items()})
    return kept


def train_specialist(data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None) -> None:
    """Train, calibrate, score and write the specialist; its state that saw no development part goes to
    `work_dir`/entities-en, and is the specialist where the configuration asks for no `further` training on them. Word
    vectors and the encoder that read raw text are kept in `work_dir` for the next time."""
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    words, encoder = english_encoder(data_dir, work_dir, seed)
    dev = {head["name"]: documents_of(head["name"], "dev", data_dir, limit) for head in config["heads"]}
    leaks = LeakFilter(data_dir, [document for documents in dev.values() for document in documents])
    parts = {
        head["name"]: leaks.divided(head["name"], documents_of(head["name"], head["split"], data_dir, limit))
        for head in (*config["heads"], *config["helpers"])
    }
    trained = {name: part.train for name, part in parts.items()}
    network = new_network(encoder, config, seed)
    network = train_network(network, lessons_of(trained, config, words), TrainingSettings(**config["training"]), seed)
    settings = settings_of(network, parts, config, words, seed)
    card, texts = scored_card(network, settings, parts, dev, config, words)
    write(network, words, card, texts, work_dir / "entities-en")
    if config["further"]:
        more = trained | {name: (*trained[name], *leaks.untested(documents)) for name, documents in dev.items()}
        further = TrainingSettings(**config["further"])
        network = train_network(copy.deepcopy(network), lessons_of(more, config, words), further, seed)
        card["seen"] = {name: ["dev"] for name in dev}
        texts["recipe"] += f"\n\n{FURTHER}\n\n    further: {config['further']}"
    write(network, words, card, texts, out_dir)


def settings_of(
    network: Tagger, parts: Mapping[str, Parts], config: Mapping[str, Any], words: Sequence[str], seed: int
) -> dict[str, Any]:
    """The card's settings, with scores and thresholds fitted on the tuning parts."""
    encoder = network.encoder.config.to_dict()
    settings = {"encoder": encoder, "window_tokens": config["window_tokens"], "heads": config["heads"], "seed": seed}
    tagger = TokenTagger(as_kept(network, config["heads"]), READERS[LANG](words), settings, LANG)
    return settings | {"heads": [fit_head(tagger, parts[head["name"]].tune, head) for head in config["heads"]]}


def scored_card(
    network: Tagger,
    settings: dict[str, Any],
    parts: Mapping[str, Parts],
    dev: Corpora,
    config: Mapping[str, Any],
    words: Sequence[str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card and the texts of its README, with the scores on the development parts."""
    kept = as_kept(network, settings["heads"])
    scores: list[dict[str, Any]] = []
    tables = []
    for head in settings["heads"]:
        alone = TokenTagger(kept, READERS[LANG](words), {**settings, "heads": [head]}, LANG)
        rows, reliable = scores_of(alone, dev[head["name"]], head["name"], "dev", head["labels"])
        scores += rows
        tables.append(reliability_table(reliable, f"{head['name']}, dev part"))
    counts = {name: part.counts for name, part in parts.items()}
    counts |= {name: {**counts[name], "reported": len(documents)} for name, documents in dev.items()}
    card = {
        "name": NAMES,
        "kind": "token_tagger",
        "task": "entities",
        "lang": LANG,
        "labels": {
            label: config["concepts"].get(label, label) for head in settings["heads"] for label in head["labels"]
        },
        "scores": scores,
        "notes": NOTES,
        "n_parameters": sum(weight.numel() for weight in kept.parameters()),
        "settings": settings,
    }
    texts = {"command": "entities-en", "what": WHAT, "data": data_rows(counts), "limits": LIMITS}
    texts |= {"raw": ", ".join(sources()), "calibration": "\n\n".join(tables)}
    numbers = [*recipe_lines(), f"    training: {config['training']}"]
    return card, texts | {"recipe": "\n".join([RECIPE, "", *numbers])}


def write(
    network: Tagger, words: Sequence[str], card: Mapping[str, Any], texts: Mapping[str, Any], out_dir: Path
) -> None:
    """The specialist's folder: weights, words and cards."""
    write_cards(out_dir, card, texts)
    save_file(kept_weights(network, card["settings"]["heads"]), out_dir / WEIGHTS_FILE)
    (out_dir / WORDS_FILE).write_text("\n".join(words), encoding="utf-8")
