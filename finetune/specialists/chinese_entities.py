"""The Chinese entity specialist, trained from scratch: pretraining on raw text, nested mentions of CMeEE, calibration.

Each stage leaves its result in the work folder (by default out/ and the name of the output) and is skipped where that
is there, so that a run that was broken off goes on with the stage it was in.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from safetensors.torch import save

from finetune.overlap import Fingerprints
from finetune.specialists.chinese_calibration import calibrated, measure
from finetune.specialists.chinese_card import card_of, write_card
from finetune.specialists.chinese_corpora import Annotated, Mention, fingerprints_of, read_cmeee, read_names, read_texts
from finetune.specialists.chinese_lexicon import NameCounts, Spans, count_names, mention_keys
from finetune.specialists.chinese_pretraining import PretrainingConfig, pretrain
from finetune.specialists.chinese_training import MAIN, GoldWindow, TrainingConfig, train_network
from taiyi.predictors.readers.nested_spans import (
    CHARS_FILE,
    LEXICON_FILE,
    NETWORK_FILE,
    Calibration,
    Found,
    NestedSpanReader,
)
from taiyi.predictors.readers.nested_spans_input import CharTable, cut, folded
from taiyi.predictors.readers.nested_spans_network import N_SPECIAL_CHARS, NetworkConfig, SpanNetwork

ENCODER_FILE = "encoder.pt"
CONFIG_FILE = Path(__file__).with_suffix(".yaml")
LEAST_LOGIT = -5.0  # spans below are not looked at when probabilities and thresholds are fitted
MIN_PIECE_CHARS = 8


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of a run, and where its data and the results of its stages lie."""

    settings: Mapping[str, Any]
    data_dir: Path
    work_dir: Path
    seed: int
    limit: int | None = None

    @property
    def labels(self) -> list[str]:
        labels: list[str] = self.settings["labels"]
        return labels

    def sizes(self, n_chars: int) -> NetworkConfig:
        """The sizes of a network that knows so many characters."""
        n_values = len(self.labels) + 2 + len(self.settings["kinds"])
        network = {**self.settings["network"], "dilations": tuple(self.settings["network"]["dilations"])}
        return NetworkConfig(n_chars + N_SPECIAL_CHARS, n_features=3 * n_values, n_span_features=n_values, **network)


def train(
    data_dir: Path,
    out_dir: Path,
    seed: int | None = None,
    limit: int | None = None,
    config: Path | None = None,
    work_dir: Path | None = None,
) -> dict[str, Any]:
    """Train, calibrate on the part to tune on, score the part to report on, write the folder; returns its card.

    `limit` keeps so many texts of each part and source, for a quick try. `config` is a file like the one beside this.
    """
    torch.set_num_threads(1)  # measured: a second thread on a shared machine makes each step slower
    settings = yaml.safe_load((config or CONFIG_FILE).read_text(encoding="utf-8"))
    work_dir = work_dir or Path("out") / out_dir.name
    work_dir.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(settings, data_dir, work_dir, settings["seed"] if seed is None else seed, limit)
    texts = read_cmeee(data_dir)
    parts = {part: [a for a in texts if a.part == part][:limit] for part in ("train", "tune", "report")}
    known = fingerprints_of(data_dir, [a.text for a in (*parts["tune"], *parts["report"])])
    chars = read_chars(recipe, parts["train"], known)
    counts = name_counts(recipe, parts["train"], CharTable(chars, N_SPECIAL_CHARS), known)
    network = trained_network(recipe, parts["train"], chars, counts)
    return finish(recipe, network, counts, chars, parts, out_dir)


def read_chars(recipe: Recipe, texts: Sequence[Annotated], known: Fingerprints) -> list[str]:
    """The characters that have an embedding, after pretraining one; what the work folder holds is not made again."""
    chars_file, encoder_file = recipe.work_dir / CHARS_FILE, recipe.work_dir / ENCODER_FILE
    if not (chars_file.is_file() and encoder_file.is_file()):
        pieces = raw_pieces(recipe, known)
        chars = vocabulary(pieces, [a.text for a in texts], recipe.settings["n_chars"])
        table = CharTable(chars, N_SPECIAL_CHARS)
        config = PretrainingConfig(**recipe.settings["pretraining"])
        pretrain([table.ids(piece) for piece in pieces], recipe.sizes(len(chars)), config, recipe.seed, encoder_file)
        chars_file.write_text("\n".join(chars) + "\n", encoding="utf-8")
    return chars_file.read_text(encoding="utf-8").rstrip("\n").split("\n")


def trained_network(
    recipe: Recipe, texts: Sequence[Annotated], chars: Sequence[str], counts: NameCounts
) -> SpanNetwork:
    """The network of the work folder, or a new one; its weights are rounded as they are shipped."""
    sizes, file = recipe.sizes(len(chars)), recipe.work_dir / "network.pt"
    if not file.is_file():
        table = CharTable(chars, N_SPECIAL_CHARS)
        windows = [window for text in texts for window in gold_windows(recipe, text, table, counts)]
        encoder = torch.load(recipe.work_dir / ENCODER_FILE)
        config = TrainingConfig(**recipe.settings["training"])
        average = file.with_name("average.pt")
        made = train_network(windows, recipe.labels, encoder, sizes, config, recipe.seed, average)
        torch.save(made.state_dict(), file)
    network = SpanNetwork(sizes, recipe.labels)
    network.load_state_dict({name: value.half().float() for name, value in torch.load(file).items()})
    return network


def raw_pieces(recipe: Recipe, known: Fingerprints) -> list[str]:
    """Pieces of raw text of a window's length, shuffled."""
    rng = random.Random(recipe.seed)
    pieces: list[str] = []
    for weight, share, text in read_texts(recipe.settings["texts"], recipe.data_dir, known, recipe.limit):
        for start, end in cut(text, recipe.settings["window_chars"]):
            if end - start >= MIN_PIECE_CHARS and rng.random() < share:
                pieces.extend([text[start:end]] * weight)
    rng.shuffle(pieces)
    return pieces


def vocabulary(pieces: Iterable[str], texts: Iterable[str], n_chars: int) -> list[str]:
    """The characters that get an embedding, folded: all of the training texts, then the most frequent of the pieces."""
    own = sorted({folded(char) for text in texts for char in text})
    known = set(own)
    counts: Counter[str] = Counter()
    for char, n in Counter(char for piece in pieces for char in piece).items():
        counts[folded(char)] += n
    others = sorted((char for char in counts if char not in known), key=lambda char: (-counts[char], char))
    return (own + others)[:n_chars]


def spans_of(mentions: Iterable[Mention], labels: Sequence[str]) -> Spans:
    """(label, first, last) of mentions. *Shape:* (mentions, 3)."""
    rows = sorted((labels.index(label), start, end - 1) for label, start, end in set(mentions))
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def name_counts(recipe: Recipe, texts: Sequence[Annotated], table: CharTable, known: Fingerprints) -> NameCounts:
    """What the lexicon knows, from the training part and the other sources."""
    documents = [(table.ids(a.text), spans_of(a.mentions, recipe.labels)) for a in texts]
    names = sorted(set(read_names(recipe.settings["names"], recipe.data_dir, known)))
    kinds = recipe.settings["kinds"]
    rows = ((kinds.index(kind), table.ids(name)) for kind, name in names)
    return count_names(documents, rows, len(recipe.labels), len(kinds), recipe.settings["max_name_chars"])


def gold_windows(recipe: Recipe, text: Annotated, table: CharTable, counts: NameCounts) -> list[GoldWindow]:
    """The windows of a training text; what its own annotation adds to the lexicon is taken off for them."""
    ids = table.ids(text.text)
    heads = {
        MAIN: spans_of(text.mentions, recipe.labels),
        "v2": spans_of(text.mentions_v2, recipe.labels),
    }
    found = counts.lexicon(recipe.settings["max_name_chars"]).find(ids)
    values = counts.values_elsewhere(found, heads[MAIN], mention_keys(ids, heads[MAIN]))
    longest = recipe.settings["network"]["max_mention_chars"]
    out = []
    for start, end in cut(text.text, recipe.settings["window_chars"]):
        own = (found.first >= start) & (found.last < end) & values.any(1)
        inside = {
            head: spans[(spans[:, 1] >= start) & (spans[:, 2] < end) & (spans[:, 2] - spans[:, 1] < longest)]
            - np.array([0, start, start])
            for head, spans in heads.items()
        }
        out.append(GoldWindow(ids[start:end], found.first[own] - start, found.last[own] - start, values[own], inside))
    return out


def finish(
    recipe: Recipe,
    network: SpanNetwork,
    counts: NameCounts,
    chars: Sequence[str],
    parts: Mapping[str, Sequence[Annotated]],
    out_dir: Path,
) -> dict[str, Any]:
    """Calibrate, score, write the folder. Returns its card."""
    lexicon = counts.lexicon(recipe.settings["max_name_chars"])
    plain = {label: Calibration() for label in recipe.labels}
    reader = NestedSpanReader(network, lexicon, chars, plain, recipe.settings["window_chars"])
    calibrations = calibrated(*_candidates(reader, parts["tune"]), recipe.labels)
    figures = measure(*_candidates(reader, parts["report"]), parts["report"], calibrations)
    card = card_of(network, recipe.settings, calibrations, figures)
    out_dir.mkdir(parents=True, exist_ok=True)
    weights = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    (out_dir / NETWORK_FILE).write_bytes(save(weights))
    np.savez_compressed(out_dir / LEXICON_FILE, keys=lexicon.keys, values=lexicon.values)
    (out_dir / CHARS_FILE).write_text("\n".join(chars) + "\n", encoding="utf-8")
    facts = {
        **{f"n_{part}": len(texts) for part, texts in parts.items()},
        **{f"{stage}_minutes": recipe.settings[stage]["minutes"] for stage in ("pretraining", "training")},
        "n_names": f"{len(lexicon.keys):,}",
        "least_logit": LEAST_LOGIT,
    }
    write_card(out_dir, card, figures, facts)
    return card


def _candidates(
    reader: NestedSpanReader, texts: Sequence[Annotated]
) -> tuple[list[list[Found]], list[set[tuple[int, int, str]]]]:
    least = dict.fromkeys(reader.network.labels, LEAST_LOGIT)
    found = [reader.candidates(a.text, least) for a in texts]
    return found, [{(start, end, label) for label, start, end in a.mentions} for a in texts]
