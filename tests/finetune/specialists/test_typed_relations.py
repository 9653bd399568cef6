"""The recipe for relations of several types on a few sentences: pairs, weights, scores and the card."""

from __future__ import annotations

import lzma
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from finetune.specialists import interactions
from finetune.specialists.__main__ import NAMES
from finetune.specialists.typed_relations import (
    MarkedMentions,
    examples_of,
    fitted_score,
    fitted_weights,
    reader_of,
    scores_of,
    settings_of,
    triples_of,
    write_specialist,
)
from taiyi.card import read_card
from taiyi.corpora import corpus_row
from taiyi.document import Document, Entity, Relation, Span
from taiyi.errors import InputError
from taiyi.predictors.readers.typed_relations import TypedRelations

DRUGS = ("zinc", "iron", "lead", "gold")
TYPE_BY_VERB = {"raises": "mechanism", "hinders": "effect", "resembles": ""}
CONFIG: dict[str, Any] = {
    "command": "interactions-en",
    "lang": "en",
    "mentions": "entities-en",
    "passage": "sentence",
    "ends": [["Chemical", "Chemical"]],
    "directed": False,
    "rows": 2048,
    "penalty": 1.0,
    "steps": 40,
    "names": {"en": "Interactions", "zh": "相互作用"},
    "shown": {"effect": {"en": "effect"}, "mechanism": {"en": "mechanism"}},
    "notes": {"en": "Which drugs interact."},
    "limits": "Sentences of four words.",
}
MARKED = {"Drug": "Chemical"}


def document(head: str, verb: str, tail: str) -> Document:
    """Two drugs, related as TYPE_BY_VERB says; the relation's head is the second drug, as some are in the corpus."""
    text = f"Often {head} {verb} {tail}."
    spans = [Span(text.index(name), text.index(name) + len(name)) for name in (head, tail)]
    entities = tuple(Entity(f"T{n}", "Drug", (span,)) for n, span in enumerate(spans))
    kind = TYPE_BY_VERB[verb]
    return Document("d.s0", "en", text, entities, (Relation("R1", kind, "T1", "T0"),) if kind else ())


DOCUMENTS = [document(*row) for row in product(DRUGS, TYPE_BY_VERB, DRUGS) if row[0] != row[2]]
UNSEEN = [d for d in DOCUMENTS if "gold" in d.text]
MENTIONS = MarkedMentions(DOCUMENTS, MARKED)


@pytest.fixture(scope="module")
def reader() -> TypedRelations:
    """Learnt from the sentences without gold, calibrated on those with it."""
    examples = [e for d in DOCUMENTS if d not in UNSEEN for e in examples_of(d, MENTIONS, CONFIG)]
    weights = fitted_weights(examples, CONFIG)
    fitted = fitted_score(reader_of(MENTIONS, weights, CONFIG), UNSEEN, CONFIG)
    return TypedRelations(MENTIONS, tuple(CONFIG["shown"]), *weights, {**settings_of(CONFIG), **fitted}, "en")


@pytest.mark.parametrize(("verb", "target"), [("hinders", 1), ("raises", 2), ("resembles", 0)])
def test_a_pair_is_an_example_of_its_type_whichever_end_is_named_first(verb: str, target: int) -> None:
    (example,) = examples_of(document("zinc", verb, "iron"), MENTIONS, CONFIG)
    assert example.target == target


def test_relations_without_direction_are_compared_by_the_alphabet() -> None:
    zinc_and_iron = document("zinc", "raises", "iron")
    assert triples_of(zinc_and_iron, CONFIG) == {("mechanism", "iron", "zinc")}
    assert triples_of(zinc_and_iron, {**CONFIG, "directed": True}) == {("mechanism", "iron", "zinc")}
    assert triples_of(document("iron", "raises", "zinc"), {**CONFIG, "directed": True}) == {
        ("mechanism", "zinc", "iron")
    }


def test_what_tells_the_types_apart_is_learnt(reader: TypedRelations) -> None:
    rows, _ = scores_of(reader, UNSEEN, CONFIG, {"set": "ddi13", "part": "report"}, "of marked drugs")
    value_by_metric = {row["metric"]: row["value"] for row in rows}
    assert value_by_metric["micro-F1 of marked drugs, type and spellings"] == 1
    assert (rows[0]["low"], rows[0]["high"]) == (1, 1)
    assert {row["part"] for row in rows} == {"report"}


def test_the_card_is_one_that_the_app_reads(reader: TypedRelations, tmp_path: Path) -> None:
    weights = fitted_weights(examples_of(DOCUMENTS[0], MENTIONS, CONFIG), CONFIG)
    scored = {"report part": scores_of(reader, UNSEEN, CONFIG, {"set": "ddi13", "part": "report"}, "of marked drugs")}
    fitted = {"score": [1.0, 1.0, 1.0, 0.0], "threshold": 0.3}
    write_specialist(CONFIG, weights, fitted, scored, {"ddi13": {"train": 24}}, tmp_path, 1)
    card = read_card(tmp_path)
    assert (card.kind, card.task, tuple(card.labels)) == ("typed_relations", "relations", ("effect", "mechanism"))
    assert card.settings["directed"] is False
    assert "Herrero-Zazo" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_shipped_settings_name_the_types_of_the_corpus() -> None:
    config = yaml.safe_load(interactions.CONFIG_FILE.read_text(encoding="utf-8"))
    row = corpus_row(config["corpus"])
    assert list(config["shown"]) == list(row["labels"].values())
    assert set(config["marked"]) == set(row["entities"].values())
    assert config["command"] in NAMES


def test_all_sentences_of_a_document_are_in_one_part(tmp_path: Path) -> None:
    sentences = "".join(f'<sentence id="D.d{n}.s{m}" text="Sentence {n} {m}."/>' for n in range(40) for m in range(2))
    folder = tmp_path / "DDICorpus-2013_Train"
    folder.mkdir()
    (folder / "one.xml").write_text(f"<document>{sentences}</document>", encoding="utf-8")
    (tmp_path / "test_fingerprints.tsv.xz").write_bytes(lzma.compress(b""))
    parts, reported = interactions.parts_of("ddi13", tmp_path)
    groups = [parts.train, parts.tune, reported]
    assert sum(map(len, groups)) == 80
    sources = [{d.id.rpartition(".")[0] for d in group} for group in groups]
    assert all(sources)
    assert sum(map(len, sources)) == 40


def test_without_an_entity_reader_the_order_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no entities-en"):
        interactions.train_specialist(tmp_path, tmp_path / "out", tmp_path, 1, None)
