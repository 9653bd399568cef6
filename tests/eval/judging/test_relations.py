"""Relations, by surfaces and by concepts, against values worked out by hand."""

from __future__ import annotations

import pytest

from eval.judging import METRICS, CaseError
from eval.judging.relations import concept_counts
from eval.metrics import Counts
from eval.prediction import GivenTriple, Prediction, parse_reply
from taiyi.document import Document, Entity, Relation, Span
from taiyi.tasks.base import Example, Request

TEXT = "Lithium (Li) caused tremor, a shaking tremor, and thirst; aspirin did not."
MENTIONS = (
    ("T1", "Lithium", ("D1",)),
    ("T2", "Li)", ("D1",)),
    ("T3", "tremor", ("D2",)),
    ("T4", "shaking tremor", ("D2",)),
    ("T5", "thirst", ("D3", "D4")),
    ("T6", "aspirin", ("D5",)),
)
ENTITIES = tuple(
    Entity(id, "", (Span(TEXT.index(text), TEXT.index(text) + len(text.rstrip(")"))),), concepts=concepts)
    for id, text, concepts in MENTIONS
)
PAIRS = (("T1", "T3"), ("T1", "T4"), ("T2", "T3"), ("T2", "T4"), ("T1", "T5"), ("T2", "T5"))
GOLD = Example(
    "d",
    Request("relations", TEXT, labels=("causes", "treats"), document_id="d"),
    Document(
        "d",
        "en",
        TEXT,
        ENTITIES,
        tuple(Relation(f"R{n}", "causes", head, tail) for n, (head, tail) in enumerate(PAIRS)),
        meta={"concept_relations": (("causes", "D1", "D2"), ("causes", "D1", "D3"))},
    ),
)
"""Two relations of concepts; lithium and tremor have two names each: six pairs of surfaces."""


def triples(*rows: tuple[str, str]) -> Prediction:
    return Prediction("d", items=tuple(GivenTriple("causes", head, tail) for head, tail in rows))


def figures(prediction: Prediction, metric: str = "concept-relations") -> dict[str, float]:
    return METRICS[metric].figures(METRICS[metric].judge(GOLD, prediction).stats)


def test_one_pair_of_names_is_one_of_all_surface_pairs_and_the_whole_relation_of_concepts() -> None:
    """Surfaces: 1 of 6, F1 2/7. Concepts: 1 of 2, F1 2/3."""
    found = figures(triples(("Li", "tremor")))
    assert found["f1"] == pytest.approx(2 / 7)
    assert found["concept_f1"] == pytest.approx(2 / 3)


def test_two_names_of_one_relation_count_once_by_concept() -> None:
    """Three right pairs of surfaces name one relation; two wrong ones, aspirin with both names of tremor, are one
    wrong relation: tp 1, fp 1, fn 1."""
    rows = {("causes", *row) for row in (("Li", "tremor"), ("Lithium", "tremor"), ("Li", "shaking tremor"))}
    rows |= {("causes", "aspirin", "tremor"), ("causes", "aspirin", "shaking tremor")}
    assert concept_counts(GOLD.gold, rows, ("causes",)) == Counts(1, 1, 1)


def test_a_composite_mention_finds_the_relation_of_any_of_its_concepts() -> None:
    assert concept_counts(GOLD.gold, {("causes", "Lithium", "thirst")}, ("causes",)) == Counts(1, 0, 1)


def test_a_surface_that_no_gold_mention_has_is_a_false_positive_of_its_own() -> None:
    rows = {("causes", "Lithium", "shaking"), ("causes", "Lithium", "caused")}
    assert concept_counts(GOLD.gold, rows, ("causes",)) == Counts(0, 2, 2)


def test_all_surface_pairs_are_needed_for_a_perfect_score() -> None:
    names = {id: GOLD.gold.text_of(GOLD.gold.entity(id).spans) for id, _, _ in MENTIONS}
    found = figures(triples(*((names[head], names[tail]) for head, tail in PAIRS)))
    assert found["f1"] == found["concept_f1"] == 1.0
    assert "concept_f1" not in figures(triples(), "relations")


def test_repeated_triples_neither_help_nor_hurt() -> None:
    assert figures(triples(("Li", "tremor"), ("Li", "gout"))) == figures(
        triples(*[("Li", "tremor"), ("Li", "gout")] * 2)
    )


def test_a_triple_whose_name_is_not_in_the_text_is_a_false_positive() -> None:
    """One right, one with gout: P 1/2; of two triples one is ungrounded."""
    reply = parse_reply(GOLD, "(Li, tremor, causes); (Li, gout, causes)")
    judgement = METRICS["relations"].judge(GOLD, reply)
    assert METRICS["relations"].figures(judgement.stats)["precision"] == 0.5
    assert (judgement.n_written, judgement.n_ungrounded) == (2, 1)


def test_gold_triples_without_a_place_count_like_the_others() -> None:
    """CMeIE names objects that do not stand in the text; both sides hold one such triple and one that does."""
    gold = Document("d", "zh", "感冒多见于冬季", meta={"unplaced_relations": (("多发季节", "感冒", "冬天"),)})
    example = Example("d", Request("relations", gold.text, lang="zh", labels=("多发季节",)), gold)
    said = Prediction("d", items=(GivenTriple("多发季节", "感冒", "冬天"), GivenTriple("多发季节", "感冒", "冬季")))
    assert METRICS["relations"].judge(example, said).stats[:3].tolist() == [1, 1, 0]


def test_what_is_wrong_is_told_by_kind() -> None:
    """Of the six gold triples: (Li, tremor) has another type, (Lithium, shaking tremor) the border of its tail, four
    are missing; aspirin is invented."""
    items = (
        GivenTriple("treats", "Li", "tremor"),
        GivenTriple("causes", "Lithium", "shaking"),
        GivenTriple("causes", "aspirin", "thirst"),
    )
    errors = METRICS["relations"].judge(GOLD, Prediction("d", items=items)).errors
    assert CaseError("type", "(Li, tremor, causes)", "(Li, tremor, treats)") in errors
    assert CaseError("border", "(Lithium, shaking tremor, causes)", "(Lithium, shaking, causes)") in errors
    assert CaseError("invented", predicted="(aspirin, thirst, causes)") in errors
    assert [error.kind for error in errors].count("missing") == 4


def test_types_are_scored_apart_only_where_there_are_several() -> None:
    metric = METRICS["relations"]
    stats = metric.judge(GOLD, triples(("Li", "tremor"))).stats
    assert metric.per_type(stats, ("causes", "treats"))["causes"]["recall"] == pytest.approx(1 / 6)
    assert metric.per_type(stats[:9], ("causes",)) == {}
