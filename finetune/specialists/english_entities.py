"""The English entity specialist: one network that learns three annotation schemes side by side.

BC5CDR marks no genes and NCBI no chemicals, so each corpus teaches a layer of tags of its own on one encoder.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

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
from finetune.specialists.averaging import TrainingSettings, batches, train
from finetune.specialists.calibration import best_threshold, fitted_logistic
from finetune.specialists.corpus_parts import LeakFilter, Parts, documents_of
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from finetune.specialists.word_vectors import VectorConfig, cached_vectors
from taiyi.document import Document, Entity, Span
from taiyi.predictors.readers.token_input import READERS, TokenReader, Tokens
from taiyi.predictors.readers.token_network import EncoderConfig, Tagger, collate
from taiyi.predictors.readers.token_tagger import (
    N_SCORE_FEATURES,
    WEIGHTS_FILE,
    WORDS_FILE,
    Mention,
    TokenTagger,
    score_features,
    score_of,
    windows_of,
)

CONFIG_FILE = Path(__file__).with_suffix(".yaml")
IGNORED = -100
LANG = "en"
WHAT = (
    "Finds chemicals, diseases, genes and proteins, sequence variants, species and cell lines in English text.\n"
    "One network with a layer of tags for each annotation scheme: Chemical and Disease alone are read as BC5CDR marks\n"
    "them; with any other type, all are read as BioRED marks them."
)
RECIPE = """\
Fixed word vectors (mutual information with neighbours, factorized), hashed tables and character filters, two layers of
LSTMs that read both ways, begin-inside-end-single tags decoded so that every mention is whole. The three corpora teach
one encoder side by side, a layer of tags each (nothing is read by NCBI's layer: it helps the encoder). AdamW, averaged
weights. Score: a logistic function of the network's probability, the share of the name's places that were marked, their
number and the length; mentions below a threshold are dropped; both fitted on the tuning part."""
LIMITS = """\
Flat mentions only: of nested ones the longer is learnt. Abstracts of PubMed are what it has seen; clinical notes, full
texts and web text are read worse. Names that no training text holds are missed more often than known ones. BioRED's
development part shares abstracts with BC5CDR's test part; it is reported on and was not trained on."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some sentences of a document with the tag of each token, in the tags of the scheme `head`."""

    tokens: Tokens
    tags: NDArray[np.int64]
    head: str


def tags_of(document: Document, tokens: Tokens, labels: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """The tags of a document's tokens (0, or 1 + 4 * label + begin, inside, end or single), and how many mentions
    could not be told in tags: those that cut a token or lie in or across a longer one, which stays."""
    tags = np.zeros(len(tokens), np.int64)
    first = {start: n for n, (start, _) in enumerate(tokens.places)}
    last = {end: n for n, (_, end) in enumerate(tokens.places)}
    lost = 0
    for entity in sorted(document.entities, key=lambda e: (e.start - e.end, e.start)):
        begin, end = first.get(entity.start), last.get(entity.end)
        if begin is None or end is None or tags[begin : end + 1].any():
            lost += 1
            continue
        base = 1 + 4 * labels.index(entity.label)
        tags[begin : end + 1] = base + 1
        tags[begin], tags[end] = base, base + 2
        if begin == end:
            tags[begin] = base + 3
    return tags, lost


def tagged_windows(
    documents: Sequence[Document], head: Mapping[str, Any], read: TokenReader, limit: int
) -> list[Window]:
    """The documents in windows of whole sentences, as the reader sees them."""
    windows = []
    lost = 0
    for document in documents:
        tokens = read(document.text)
        tags, n_lost = tags_of(document, tokens, head["labels"])
        lost += n_lost
        for begin, end in windows_of(document.text, tokens, limit, LANG):
            windows.append(Window(tokens.part(begin, end), tags[begin:end], head["name"]))
    n_mentions = sum(len(document.entities) for document in documents)
    print(f"{head['name']}: {n_mentions} mentions, {lost} can't be told in tags", file=sys.stderr, flush=True)
    return windows


def train_network(
    windows: Sequence[Window],
    heads: Sequence[Mapping[str, Any]],
    config: EncoderConfig,
    vectors: NDArray[np.float32],
    settings: TrainingSettings,
    seed: int,
) -> Tagger:
    """A tagger with averaged weights; every batch is of one scheme."""
    torch.manual_seed(seed)
    network = Tagger(config, {head["name"]: 1 + 4 * len(head["labels"]) for head in heads}, settings.dropout)
    network.encoder.vectors[1:] = torch.from_numpy(vectors)

    def loss_of(network: Tagger, group: list[Window]) -> Tensor:
        batch = collate([window.tokens for window in group])
        batch.hashed[..., 0].masked_fill_(torch.rand(batch.real.shape) < settings.unseen, 0)
        gold = torch.full(batch.real.shape, IGNORED)
        for n, window in enumerate(group):
            gold[n, : len(window.tags)] = torch.from_numpy(window.tags)
        logits = network(batch, group[0].head)
        return functional.cross_entropy(logits.flatten(0, 1), gold.flatten(), ignore_index=IGNORED)

    def epoch(rng: random.Random) -> Iterator[list[Window]]:
        return batches(windows, lambda w: w.head, lambda w: len(w.tokens), settings.batch_tokens, rng)

    return train(network, epoch, loss_of, settings, seed=seed)


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


def train_specialist(data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None) -> None:
    """Train, calibrate, score and write the specialist. Word vectors are kept in `work_dir` for the next time."""
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    heads: list[dict[str, Any]] = config["heads"]
    words, vectors = cached_vectors(data_dir, work_dir / "vectors-en.npz", VectorConfig(**config["vectors"]), seed)
    read = READERS[LANG](words)
    encoder = EncoderConfig(LANG, *vectors.shape, **{**config["encoder"], "widths": tuple(config["encoder"]["widths"])})
    dev = {head["name"]: documents_of(head["name"], "dev", data_dir, limit) for head in heads}
    leaks = LeakFilter(data_dir, [document for documents in dev.values() for document in documents])
    parts = {h["name"]: leaks.divided(h["name"], documents_of(h["name"], "train", data_dir, limit)) for h in heads}
    windows = [
        window
        for head in heads
        for window in tagged_windows(parts[head["name"]].train, head, read, config["window_tokens"])
    ]
    network = train_network(windows, heads, encoder, vectors, TrainingSettings(**config["training"]), seed)
    settings = {"encoder": encoder.to_dict(), "window_tokens": config["window_tokens"], "heads": heads, "seed": seed}
    finish(network, words, settings, parts, dev, config, out_dir)


def finish(
    network: Tagger,
    words: Sequence[str],
    settings: dict[str, Any],
    parts: Mapping[str, Parts],
    dev: Mapping[str, Sequence[Document]],
    config: Mapping[str, Any],
    out_dir: Path,
) -> None:
    """Calibrate on the tuning parts, score on the development parts, and write weights and card."""
    half = {name: value.half() for name, value in network.state_dict().items()}
    network.load_state_dict({name: value.float() for name, value in half.items()})
    tagger = TokenTagger(network, READERS[LANG](words), settings, LANG)
    settings["heads"] = [fit_head(tagger, parts[head["name"]].tune, head) for head in settings["heads"]]
    scores: list[dict[str, Any]] = []
    tables = []
    for head in settings["heads"]:
        alone = TokenTagger(network, READERS[LANG](words), {**settings, "heads": [head]}, LANG)
        rows, reliable = scores_of(alone, dev[head["name"]], head["name"], "dev", head["labels"])
        scores += rows
        tables.append(reliability_table(reliable, f"{head['name']}, dev part"))
    out_dir.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in half.items()}, out_dir / WEIGHTS_FILE)
    (out_dir / WORDS_FILE).write_text("\n".join(words), encoding="utf-8")
    card = {
        "name": {"en": "Entity reader (English)", "zh": "英文实体识别器"},
        "kind": "token_tagger",
        "task": "entities",
        "lang": LANG,
        "labels": {label: label for head in settings["heads"] for label in head["labels"]},
        "scores": scores,
        "notes": {
            "en": "Chemical and Disease alone are read as BC5CDR marks them, with any other type all as BioRED does.",
            "zh": "只要求化学物质和疾病时按 BC5CDR 的标注方式识别；要求其他类型时六类都按 BioRED 的方式识别。",
        },
        "n_parameters": sum(weight.numel() for weight in network.parameters()),
        "settings": settings,
    }
    data = data_rows({name: {**part.counts, "reported": len(dev[name])} for name, part in parts.items()})
    texts = {"command": "entities-en", "what": WHAT, "data": data, "raw": ", ".join(config["vectors"]["sources"])}
    texts |= {"recipe": f"{RECIPE}\n\n    {config['encoder']}\n    {config['training']}"}
    texts |= {"calibration": "\n\n".join(tables), "limits": LIMITS}
    write_cards(out_dir, card, texts)
