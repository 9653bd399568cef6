"""Two predictors on one request, and one request whose labels belong to several."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from taiyi.document import Document, Entity, Relation, Span
from taiyi.predictors.base import Partial, Result, answer
from taiyi.predictors.both import BothPredictor
from taiyi.predictors.split import SplitPredictor, assign
from taiyi.tasks.base import Request

TEXT = "Metformin lowers glucose in diabetes."


class Named:
    """A predictor that names fixed mentions of the labels it knows."""

    def __init__(self, name: str, mentions: dict[str, list[str]]) -> None:
        self.name = name
        self.mentions = mentions
        self.asked: list[tuple[str, ...]] = []

    def supports(self, request: Request) -> bool:
        return request.task == "entities" and all(label in self.mentions for label in request.labels)

    def stream(self, request: Request, cancel: threading.Event | None = None) -> Iterator[Partial | Result]:
        self.asked.append(request.labels)
        yield Partial(done=0.5)
        found = [(label, m) for label in request.labels for m in self.mentions[label]]
        entities = tuple(
            Entity(f"T{n}", label, (Span(request.text.index(m), request.text.index(m) + len(m)),))
            for n, (label, m) in enumerate(found, 1)
        )
        yield Result(Document(request.document_id, "en", request.text, entities), by=self.name)


def ask(*labels: str) -> Request:
    return Request("entities", TEXT, labels=labels)


def test_both_holds_every_item_once_and_the_two_answers() -> None:
    one = Named("one", {"Drug": ["Metformin"]})
    two = Named("two", {"Drug": ["Metformin", "glucose"]})
    result = answer(BothPredictor(one, two), ask("Drug"))
    assert [result.document.text_of(e.spans) for e in result.document.entities] == ["Metformin", "glucose"]
    assert [r.by for r in result.alternatives] == ["one", "two"]
    row = result.to_dict()["agreement"]
    assert isinstance(row, dict)
    assert (row["first"], row["second"], row["f1"]) == ("one", "two", 0.6667)
    assert [(d["kind"], d["second"]["text"]) for d in row["differences"]] == [("second", "glucose")]


def test_each_label_goes_to_who_knows_it_and_the_rest_to_the_language_model() -> None:
    drugs, diseases = Named("drugs", {"Drug": ["Metformin"]}), Named("diseases", {"Disease": ["diabetes"]})
    rest = Named("model", {label: ["glucose"] for label in ("Drug", "Disease", "Sugar")})
    predictor = assign(ask("Drug", "Sugar", "Disease"), [drugs, diseases], rest)
    assert isinstance(predictor, SplitPredictor)
    result = answer(predictor, ask("Drug", "Sugar", "Disease"))
    assert (drugs.asked, diseases.asked, rest.asked) == ([("Drug",)], [("Disease",)], [("Sugar",)])
    assert {(e.label, result.document.text_of(e.spans)) for e in result.document.entities} == {
        ("Drug", "Metformin"),
        ("Disease", "diabetes"),
        ("Sugar", "glucose"),
    }
    assert "drugs (Drug)" in result.by
    assert "model (Sugar)" in result.by


def test_a_label_that_nobody_knows_is_not_silently_dropped() -> None:
    assert assign(ask("Sugar"), [Named("drugs", {"Drug": []})], None) is None


@pytest.mark.parametrize("labels", [("Drug",), ("Drug", "Disease")])
def test_one_specialist_that_knows_all_answers_alone(labels: tuple[str, ...]) -> None:
    specialist = Named("s", {"Drug": [], "Disease": []})
    assert assign(ask(*labels), [specialist], None) is specialist


class Related(Named):
    """A predictor that relates the first mention of TEXT to others, by the types it knows."""

    def supports(self, request: Request) -> bool:
        return request.task == "relations" and all(label in self.mentions for label in request.labels)

    def stream(self, request: Request, cancel: threading.Event | None = None) -> Iterator[Partial | Result]:
        found = [(label, m) for label in request.labels for m in self.mentions[label]]
        spans = [Span(0, 9), *(Span(TEXT.index(m), TEXT.index(m) + len(m)) for _, m in found)]
        entities = tuple(Entity(f"T{n}", "", (span,)) for n, span in enumerate(spans))
        relations = tuple(Relation(f"R{n}", label, "T0", f"T{n}", 0.5) for n, (label, _) in enumerate(found, 1))
        yield Result(Document(request.document_id, "en", request.text, entities, relations), by=self.name)


def triples(document: Document) -> list[tuple[str, str, str]]:
    text_by_id = {entity.id: document.text_of(entity.spans) for entity in document.entities}
    return [(text_by_id[r.head], r.label, text_by_id[r.tail]) for r in document.relations]


def test_types_of_relations_go_to_who_knows_them_and_each_mention_comes_once() -> None:
    specialists = [Related("one", {"treats": ["diabetes"]}), Related("two", {"lowers": ["glucose"]})]
    request = Request("relations", TEXT, labels=("treats", "lowers"))
    predictor = assign(request, specialists, None)
    assert isinstance(predictor, SplitPredictor)
    document = answer(predictor, request).document
    assert [document.text_of(e.spans) for e in document.entities] == ["Metformin", "glucose", "diabetes"]
    assert triples(document) == [("Metformin", "lowers", "glucose"), ("Metformin", "treats", "diabetes")]
    assert [r.id for r in document.relations] == ["R1", "R2"]


def test_a_relation_that_both_name_counts_once() -> None:
    one, two = Related("one", {"acts": ["diabetes"]}), Related("two", {"acts": ["glucose", "diabetes"]})
    document = answer(BothPredictor(one, two), Request("relations", TEXT, labels=("acts",))).document
    assert triples(document) == [("Metformin", "acts", "glucose"), ("Metformin", "acts", "diabetes")]
