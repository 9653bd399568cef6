"""Relations of several types, with weights and mentions made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file, save_file

from taiyi.card import read_card
from taiyi.document import Span
from taiyi.errors import ModelError
from taiyi.predictors.base import answer
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.readers.typed_relations import TypedRelations, passages
from taiyi.predictors.specialist import SpecialistPredictor
from taiyi.tasks.request import make_request

TEXT = "Zinc raises iron. Take zinc without lead. Gold is dear."
N_ROWS = 4096
SETTINGS: dict[str, Any] = {
    "mentions": "entities",
    "passage": "sentence",
    "ends": [["Drug", "Drug"]],
    "directed": False,
    "score": [1.0, 1.0, 1.0, 0.0],
    "threshold": 0.5,
}


class Marked:
    """Finds the words of NAMES wherever they stand."""

    NAMES = ("Zinc", "zinc", "iron", "lead", "Gold")

    def entities(self, text: str, labels: Sequence[str]) -> list[tuple[int, int, str, float]]:
        return [
            (start, start + len(name), "Drug", 0.9)
            for name in self.NAMES
            for start in range(len(text))
            if text.startswith(name, start) and "Drug" in labels
        ]


def reader(**changes: object) -> TypedRelations:
    """`raises` between two names speaks for the type mechanism, `without` for advise, nothing for effect."""
    weights = np.zeros((4, N_ROWS), np.float32)
    for n, word in ((1, "raises"), (2, "without")):
        weights[n, rows_of([f">path {word}"], N_ROWS)] = 6
    bias = np.array([3.0, 0.0, 0.0, 0.0], np.float32)
    return TypedRelations(Marked(), ("mechanism", "advise", "effect"), weights, bias, {**SETTINGS, **changes}, "en")


def found(reader: TypedRelations, labels: Sequence[str], text: str = TEXT) -> list[tuple[str, str, str]]:
    return [
        (r.label, text[r.head.start : r.head.end], text[r.tail.start : r.tail.end])
        for r in reader.relations(text, labels)
    ]


def test_each_two_names_of_a_sentence_have_their_likeliest_type() -> None:
    assert found(reader(), ["mechanism", "advise", "effect"]) == [
        ("mechanism", "Zinc", "iron"),
        ("advise", "zinc", "lead"),
    ]


def test_a_type_not_asked_for_is_not_told_and_none_takes_its_place() -> None:
    assert found(reader(), ["effect", "advise"]) == [("advise", "zinc", "lead")]


def test_places_are_those_in_the_whole_text_and_the_score_is_the_pair_s() -> None:
    """Three classes have e^0 or e^3 against e^6 of advise; both names are .9 sure."""
    (relation,) = reader().relations(TEXT, ["advise"])
    assert (relation.head, relation.tail) == (Span(23, 27), Span(36, 40))
    odds = np.exp(6) / (np.exp(3) + 2) * 0.81
    assert relation.score == pytest.approx(odds / (1 + odds), abs=1e-6)


def test_what_is_less_sure_than_the_threshold_is_not_told() -> None:
    assert found(reader(threshold=0.99), ["mechanism", "advise"]) == []


@pytest.mark.parametrize("text", ["", "No names here.", "Zinc alone.", "锌与铁同服。", "Zinc. Iron. lead."])
def test_without_two_names_in_a_sentence_there_is_nothing(text: str) -> None:
    assert found(reader(threshold=0.0), ["mechanism", "advise", "effect"], text) == []


def test_relations_with_a_direction_are_looked_for_both_ways_and_across_sentences() -> None:
    text = reader(directed=True, passage="text", threshold=0.0)
    pairs = {(pair.head.places[0][0], pair.tail.places[0][0]) for _, pair, _ in text.pairs("Zinc. iron.")}
    assert pairs == {(0, 6), (6, 0)}


def test_passages_are_sentences_with_the_mentions_that_stand_in_them() -> None:
    mentions = [(0, 4, "Drug"), (12, 16, "Drug"), (23, 27, "Drug")]
    parts = list(passages(TEXT, mentions, "sentence", "en"))
    assert [TEXT[p.start :].startswith(p.text) for p in parts] == [True, True]
    assert [len(p.names) for p in parts] == [2, 1]
    assert parts[1].names[0].places == ((23 - parts[1].start, 27 - parts[1].start),)


def write(folder: Path, n_types: int = 1, mentions: str = "entities") -> SpecialistPredictor:
    folder.mkdir()
    weights = {"weights": np.zeros((1 + n_types, N_ROWS), np.float16), "bias": np.zeros(1 + n_types, np.float32)}
    save_file(weights, folder / "pairs.safetensors")
    settings = {**SETTINGS, "mentions": mentions, "ends": [["Chemical", "Chemical"]], "threshold": 0.0}
    card = {"kind": "typed_relations", "task": "relations", "lang": "en", "labels": {"effect": {"en": "Effect"}}}
    (folder / "taiyi.yaml").write_text(yaml.safe_dump(card | {"settings": settings}), encoding="utf-8")
    return SpecialistPredictor(folder, read_card(folder))


def request(text: str = "a b") -> Any:
    return make_request("relations", text, labels=["Effect"], lang="en", text_lang="en")


def test_a_folder_is_read_with_the_entity_reader_beside_it(specialists_dir: Path) -> None:
    """Every word is a Chemical, by a bias of the entity reader, and each two of a sentence are related."""
    weights_file = specialists_dir / "entities" / "network.safetensors"
    weights = load_file(weights_file)
    weights["heads.narrow.bias"][4] = 100
    save_file(weights, weights_file)
    document = answer(write(specialists_dir / "typed"), request()).document
    assert [(document.text_of(document.entity(r.head).spans), r.label) for r in document.relations] == [("a", "Effect")]


@pytest.mark.parametrize(
    ("n_types", "mentions", "reason"),
    [(2, "entities", "2 types, 1 labels"), (1, "nobody", "not beside it"), (1, "single", "finds no names")],
)
def test_what_does_not_fit_is_said(specialists_dir: Path, n_types: int, mentions: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        answer(write(specialists_dir / "typed", n_types, mentions), request())


def test_damaged_weights_are_said(specialists_dir: Path) -> None:
    predictor = write(specialists_dir / "typed")
    (specialists_dir / "typed" / "pairs.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"pairs\.safetensors can't be read"):
        answer(predictor, request())
