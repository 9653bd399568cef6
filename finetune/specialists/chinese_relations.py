"""The specialist for CMeIE's relations: texts as the Chinese entity reader reads them in, weights and cards out.

The reader's mentions are trained on, not the annotated ones: CMeIE marks only names that are related, by other types.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from finetune.specialists.corpus_parts import LeakFilter, Parts
from finetune.specialists.typed_relations import (
    UNRELATED,
    Example,
    Weights,
    examples_of,
    fitted_score,
    fitted_weights,
    reader_of,
    scores_of,
    settings_of,
    write_specialist,
)
from taiyi.card import CARD_FILE
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.document import Document
from taiyi.errors import InputError
from taiyi.predictors.readers.pair_relations import MentionReader, mention_reader
from taiyi.predictors.readers.typed_relations import TypedRelations

CONFIG_FILE = Path(__file__).with_name("relations_zh.yaml")
NEVER = -30.0
"""The bias of a type that was not learnt."""

Mentions = list[tuple[int, int, str, float]]


class KeptMentions:
    """An entity reader whose answers are kept in a file: reading the corpora takes it minutes."""

    def __init__(self, reader: MentionReader, labels: Sequence[str], path: Path) -> None:
        self._reader = reader
        self._labels = tuple(labels)
        self._path = path
        self._found: dict[str, Mentions] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def entities(self, text: str, labels: Sequence[str]) -> Mentions:
        """The mentions of `labels`, read once."""
        if text not in self._found:
            self._found[text] = self._reader.entities(text, self._labels)
        return [(start, end, label, score) for start, end, label, score in self._found[text] if label in labels]

    def keep(self) -> None:
        """Write what was read."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._found, ensure_ascii=False), encoding="utf-8")


def parts_of(
    names: Iterable[str], data_dir: Path, limit: int | None = None
) -> tuple[dict[str, Parts], dict[str, list[Document]]]:
    """By corpus the texts to train and tune on, and those reported on. No text that is reported on in any of them is
    trained on."""
    documents = {name: [e.gold for e in read_corpus(name, "train", data_dir)][:limit] for name in names}
    reported = {name: [d for d in found if part_of(d.text) == "report"] for name, found in documents.items()}
    leaks = LeakFilter(data_dir, [d for found in reported.values() for d in found])
    others = {name: [d for d in found if part_of(d.text) != "report"] for name, found in documents.items()}
    return {name: leaks.divided(name, found) for name, found in others.items()}, reported


def learnt_examples(
    whole: Sequence[Document], partial: Sequence[Document], mentions: MentionReader, config: Mapping[str, Any]
) -> list[Example]:
    """Related pairs of all texts, and of `whole` the share of the others that the settings name."""
    sure = [example for document in whole for example in examples_of(document, mentions, config)]
    related = [example for example in sure if example.target != UNRELATED]
    unrelated = [example for example in sure if example.target == UNRELATED][:: config["unrelated"]]
    texts = {document.text for document in whole}
    more = (example for d in partial if d.text not in texts for example in examples_of(d, mentions, config))
    return [*related, *unrelated, *(example for example in more if example.target != UNRELATED)]


def fitted_types(examples: Sequence[Example], config: Mapping[str, Any]) -> Weights:
    """Weights and bias of all types; those with too few examples are not learnt and never named."""
    types = tuple(config["shown"])
    counts = Counter(example.target for example in examples)
    learnt = [n for n in range(1, 1 + len(types)) if counts[n] >= config["least"]]
    place = {UNRELATED: UNRELATED} | {target: n for n, target in enumerate(learnt, 1)}
    kept = [Example(example.rows, place[example.target]) for example in examples if example.target in place]
    shown = {types[target - 1]: config["shown"][types[target - 1]] for target in learnt}
    print(f"{len(kept)} pairs, {len(learnt)} predicates", file=sys.stderr, flush=True)
    some, some_bias = fitted_weights(kept, {**config, "shown": shown})
    weights = np.zeros((1 + len(types), config["rows"]), np.float32)
    bias = np.full(1 + len(types), NEVER, np.float32)
    weights[[UNRELATED, *learnt]], bias[[UNRELATED, *learnt]] = some, some_bias
    return weights, bias


def train_specialist(data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None) -> None:
    """Train, calibrate, score and write the specialist.

    The entity reader in `work_dir` finds the names; what it found is kept there. Raises InputError where it is not
    there.
    """
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    if not (work_dir / config["mentions"] / CARD_FILE).is_file():
        raise InputError(f"There is no {config['mentions']} in {work_dir}: make it first.")
    names = config["whole"], config["partial"]
    parts, reported = parts_of(names, data_dir, limit)
    labels = tuple(dict.fromkeys(label for ends in config["ends"] for label in ends))
    found = mention_reader(work_dir / config["command"], config["mentions"])
    mentions = KeptMentions(found, labels, work_dir / f"{config['command']}-mentions.json")
    examples = learnt_examples(parts[names[0]].train, parts[names[1]].train, mentions, config)
    mentions.keep()
    weights = fitted_types(examples, config)
    fitted = fitted_score(reader_of(mentions, weights, config), parts[names[0]].tune, config)
    settings = {**settings_of(config), **fitted}
    reader = TypedRelations(mentions, tuple(config["shown"]), *weights, settings, config["lang"])
    scored = {
        f"{name}, report part": scores_of(reader, reported[name], config, {"set": name, "part": "report"}, how)
        for name, how in zip(names, ("from bare text", "from bare text, most triples missing"), strict=True)
    }
    mentions.keep()
    counts = {name: {**parts[name].counts, "reported": len(reported[name])} for name in names}
    write_specialist(config, weights, fitted, scored, counts, out_dir, seed)
