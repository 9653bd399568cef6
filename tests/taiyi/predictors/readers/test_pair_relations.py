"""Relations of pairs of names, with weights and mentions made by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file, save_file

from taiyi.card import read_card
from taiyi.document import Span
from taiyi.predictors.base import answer
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.readers.pair_relations import PairRelations, load
from taiyi.predictors.specialist import SpecialistPredictor
from taiyi.tasks.request import make_request

TEXT = "Zinc caused nausea. Iron was given. zinc was stopped."
N_ROWS = 4096
PAIR = {"head": "Chemical", "tail": "Disease", "score": [1.0, 1.0, 0.0, 0.0], "threshold": 0.3}
MENTIONS = [(0, 4, "Chemical", 0.5), (12, 18, "Disease", 0.8), (20, 24, "Chemical", 0.9), (36, 40, "Chemical", 0.25)]


class Marked:
    """Finds MENTIONS in whatever text."""

    def entities(self, text: str, labels: Sequence[str]) -> list[tuple[int, int, str, float]]:
        return [row for row in MENTIONS if row[2] in labels]


def reader(pair: dict[str, object] = PAIR) -> PairRelations:
    """`caused` between two names weighs 2 to it, everything else nothing; the bias is -1."""
    weights = np.zeros((1, N_ROWS), np.float32)
    weights[0, rows_of([">path caused"], N_ROWS)] = 2
    return PairRelations(Marked(), ["induces"], weights, np.array([-1.0], np.float32), [pair])


def test_the_score_is_a_logistic_function_of_the_log_odds_and_the_surest_mention() -> None:
    """Zinc, nausea: 1 + log 0.5, of the surest of Zinc and zinc; Iron: -1 + log 0.9 is below the threshold."""
    found = reader().relations(TEXT, ["induces"])
    assert [relation.score for relation in found] == pytest.approx([1 / (1 + math.exp(-(1 + math.log(0.5))))] * 2)
    assert [(r.label, r.head, r.tail) for r in found] == [
        ("induces", Span(0, 4), Span(12, 18)),
        ("induces", Span(36, 40), Span(12, 18)),
    ]


def test_each_spelling_is_named_and_those_below_the_threshold_are_not() -> None:
    written = {TEXT[r.head.start : r.head.end] for r in reader({**PAIR, "threshold": 0.0}).relations(TEXT, ["induces"])}
    assert written == {"Zinc", "zinc", "Iron"}
    assert reader({**PAIR, "threshold": 0.6}).relations(TEXT, ["induces"]) == []


def test_a_relation_not_asked_for_is_not_looked_for() -> None:
    assert reader().relations(TEXT, ["treats"]) == []


def write(folder: Path, n_relations: int = 1, mentions: str = "entities") -> None:
    folder.mkdir()
    weights = {"weights": np.ones((n_relations, N_ROWS), np.float16), "bias": np.zeros(n_relations, np.float32)}
    save_file(weights, folder / "pairs.safetensors")
    pairs = [{**PAIR, "tail": "Chemical", "threshold": 0.0}]
    settings = {"mentions": mentions, "pairs": pairs}
    card = {"kind": "pair_relations", "task": "relations", "lang": "en", "labels": {"induces": {"en": "löst aus"}}}
    (folder / "taiyi.yaml").write_text(yaml.safe_dump(card | {"settings": settings}), encoding="utf-8")


@pytest.fixture
def folder(specialists_dir: Path) -> Path:
    """Every word is a Chemical, by a bias of the entity reader beside it, and each pair of two words is related."""
    weights_file = specialists_dir / "entities" / "network.safetensors"
    weights = load_file(weights_file)
    weights["heads.narrow.bias"][4] = 100
    save_file(weights, weights_file)
    write(specialists_dir / "relations")
    return specialists_dir / "relations"


def test_a_folder_is_read_with_the_entity_reader_beside_it(folder: Path) -> None:
    found = load(folder, read_card(folder)).relations("a b c", ["induces"])
    assert {(r.head.start, r.tail.start) for r in found} == {(0, 2), (0, 4), (2, 0), (2, 4), (4, 0), (4, 2)}


def test_a_request_is_answered_in_the_words_it_was_asked_in(folder: Path) -> None:
    """`löst aus` is another shown name of the relation."""
    predictor = SpecialistPredictor(folder, read_card(folder))
    request = make_request("relations", "a b", labels=["löst aus"], lang="en", text_lang="en", document_id="d1")
    assert predictor.supports(request)
    assert not predictor.supports(make_request("relations", "a b", labels=["löst aus", "treats"], text_lang="en"))
    document = answer(predictor, request).document
    named = [(document.text_of(document.entity(r.head).spans), r.label) for r in document.relations]
    assert (document.id, named) == ("d1", [("a", "löst aus"), ("b", "löst aus")])
    assert all(r.score is not None and 0 < r.score < 1 for r in document.relations)


@pytest.mark.parametrize(
    ("n_relations", "mentions", "reason"), [(2, "entities", "2 relations, 1 labels"), (1, "nobody", "not beside it")]
)
def test_what_does_not_fit_is_said(specialists_dir: Path, n_relations: int, mentions: str, reason: str) -> None:
    write(specialists_dir / "relations", n_relations, mentions)
    with pytest.raises(ValueError, match=reason):
        load(specialists_dir / "relations", read_card(specialists_dir / "relations"))


def test_damaged_weights_are_said(specialists_dir: Path) -> None:
    write(specialists_dir / "relations")
    (specialists_dir / "relations" / "pairs.safetensors").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"pairs\.safetensors can't be read"):
        load(specialists_dir / "relations", read_card(specialists_dir / "relations"))
