"""The recipe of the relation reader on a few sentences: pairs, weights, scores and the card."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import yaml

from finetune.specialists.relations import (
    CONFIG_FILE,
    examples_of,
    fitted_pairs,
    fitted_score,
    gold_surfaces,
    scores_of,
    train_specialist,
    write_card,
)
from taiyi.card import read_card
from taiyi.document import Document, Entity, Relation, Span
from taiyi.errors import InputError
from taiyi.predictors.readers.pair_relations import PairRelations

LABEL = "chemical-induced disease"
PAIR = {"label": LABEL, "head": "Chemical", "tail": "Disease"}
CONFIG = {"rows": 2048, "penalty": 1.0, "pairs": [PAIR]}
CHEMICALS = ("zinc", "iron", "lead", "gold")
DISEASES = ("nausea", "tremor", "rash", "fever")


def document(text: str, *, induces: bool) -> Document:
    """Each chemical and disease where it first stands; all of them related, or none."""
    places = [
        (label, text.index(s), text.index(s) + len(s))
        for label, surfaces in (("Chemical", CHEMICALS), ("Disease", DISEASES))
        for s in surfaces
        if s in text
    ]
    entities = tuple(Entity(f"T{n}", label, (Span(start, end),)) for n, (label, start, end) in enumerate(places))
    pairs = [(h.id, t.id) for h, t in product(entities, entities) if (h.label, t.label) == ("Chemical", "Disease")]
    relations = tuple(Relation(f"R{n}", LABEL, *ends) for n, ends in enumerate(pairs)) if induces else ()
    return Document("d", "en", text, entities, relations)


DOCUMENTS = [
    document(f"{chemical} {verb} {disease}.", induces=verb == "caused")
    for chemical, disease, verb in product(CHEMICALS, DISEASES, ("caused", "relieved"))
]


class Marked:
    """Finds the chemicals and diseases of this file."""

    def entities(self, text: str, labels: object) -> list[tuple[int, int, str, float]]:
        found = document(text, induces=False).entities
        return [(entity.start, entity.end, entity.label, 0.9) for entity in found]


@pytest.fixture(scope="module")
def reader() -> PairRelations:
    """Learnt from all texts but those on gold, calibrated on these."""
    weights, bias = fitted_pairs([d for d in DOCUMENTS if "gold" not in d.text], CONFIG)
    rest = [d for d in DOCUMENTS if "gold" in d.text]
    raw = PairRelations(Marked(), [LABEL], weights, bias, CONFIG["pairs"])
    return PairRelations(Marked(), [LABEL], weights, bias, [fitted_score(raw, rest, 0, PAIR)])


def test_every_pair_of_the_marked_mentions_is_an_example() -> None:
    text = "zinc and iron caused nausea."
    examples = examples_of(document(text, induces=True), PAIR, 64)
    assert [example.related for example in examples] == [True, True]
    assert gold_surfaces(document(text, induces=True), LABEL) == {("zinc", "nausea"), ("iron", "nausea")}
    assert examples_of(document("zinc and iron.", induces=False), PAIR, 64) == []


def test_the_weights_are_what_float16_holds() -> None:
    weights, bias = fitted_pairs(DOCUMENTS[:4], CONFIG)
    assert weights.shape == (1, 2048)
    assert bias.shape == (1,)
    assert (weights.astype(np.float16) == weights).all()


def test_what_tells_related_pairs_is_learnt(reader: PairRelations) -> None:
    """Texts on gold were not trained on; `caused` and `relieved` tell them apart."""
    rows, _ = scores_of(reader, [d for d in DOCUMENTS if "gold" in d.text], "bc5cdr_cid", "dev", LABEL)
    value = {row["metric"]: row["value"] for row in rows}
    assert value["micro-F1 from bare text, spellings of head and tail"] == 1
    assert value["precision from bare text"] == value["recall from bare text"] == 1
    assert {row["n"] for row in rows} == {8, 4}


def test_the_card_is_one_that_the_app_reads(reader: PairRelations, tmp_path: Path) -> None:
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    rows = [scores_of(reader, DOCUMENTS, "bc5cdr_cid", "dev", LABEL)]
    settings = {"mentions": "entities-en", "pairs": [{**PAIR, "score": [1.0] * 4, "threshold": 0.2}], "seed": 1}
    write_card(config, settings, rows, {"train": 24, "reported": 32}, tmp_path, with_dev=True)
    card = read_card(tmp_path)
    assert (card.kind, card.task, tuple(card.labels)) == ("pair_relations", "relations", (LABEL,))
    assert "Li et al. 2016" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_card_says_whether_the_weights_have_seen_the_development_part(tmp_path: Path) -> None:
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    settings = {"mentions": "entities-en", "pairs": [], "seed": 1}
    for with_dev, seen in ((True, {"bc5cdr_cid": ["dev"]}), (False, {})):
        write_card(config, settings, [], {"train": 24}, tmp_path, with_dev=with_dev)
        assert read_card(tmp_path).seen == seen


def test_without_an_entity_reader_the_order_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make entities-en first"):
        train_specialist(tmp_path, tmp_path / "out", tmp_path / "nothing", 1, None)
