"""The specialist for interactions of drugs: sentences of the DDI corpus with marked drugs in, weights and cards out."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import yaml

from finetune.specialists.corpus_parts import LeakFilter, Parts
from finetune.specialists.typed_relations import (
    MarkedMentions,
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
from taiyi.predictors.readers.pair_relations import mention_reader
from taiyi.predictors.readers.typed_relations import TypedRelations

CONFIG_FILE = Path(__file__).with_name("interactions_en.yaml")


def parts_of(corpus: str, data_dir: Path, limit: int | None = None) -> tuple[Parts, list[Document]]:
    """The sentences to train and tune on, and those reported on: all of one document in one part."""
    documents = [example.gold for example in islice(read_corpus(corpus, "train", data_dir), limit)]
    part_by_id = {document.id: part_of(_source(document)) for document in documents}
    reported = [document for document in documents if part_by_id[document.id] == "report"]
    others = [document for document in documents if part_by_id[document.id] != "report"]
    return LeakFilter(data_dir, reported).divided(corpus, others, [_source(d) for d in others]), reported


def _source(sentence: Document) -> str:
    """The document of a sentence: DDI-DrugBank.d1 of DDI-DrugBank.d1.s0."""
    return sentence.id.rpartition(".")[0]


def train_specialist(data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None) -> None:
    """Train, calibrate, score and write the specialist.

    The entity reader in `work_dir` finds the names for the calibration and the scores. Raises InputError where it is
    not there.
    """
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    if not (work_dir / config["mentions"] / CARD_FILE).is_file():
        raise InputError(f"There is no {config['mentions']} in {work_dir}: make it first.")
    parts, reported = parts_of(config["corpus"], data_dir, limit)
    marked = MarkedMentions([*parts.train, *reported], config["marked"])
    weights = fitted_weights([e for d in parts.train for e in examples_of(d, marked, config)], config)
    found = mention_reader(work_dir / config["command"], config["mentions"])
    fitted = fitted_score(reader_of(found, weights, config), parts.tune, config)
    base = {"set": config["corpus"], "part": "report"}
    scored = {}
    for how, mentions in (("from bare text", found), ("of marked drugs", marked)):
        settings = {**settings_of(config), **fitted}
        reader = TypedRelations(mentions, tuple(config["shown"]), *weights, settings, config["lang"])
        scored[f"report part, {how}"] = scores_of(reader, reported, config, base, how)
    counts = {config["corpus"]: {**parts.counts, "reported": len(reported)}}
    write_specialist(config, weights, fitted, scored, counts, out_dir, seed)
