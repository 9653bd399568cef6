"""A collection's answers compared with each other and with annotations, over all documents."""

from __future__ import annotations

import pytest

from taiyi.document import Document, Entity, Label, Span
from taiyi.predictors.base import Result
from taiyi.predictors.comparing import against_annotations, second_opinion

EN, ZH = "Tremor after lithium.", "服用锂剂后震颤。"


def read(document_id: str, text: str, *mentions: tuple[str, int, int], by: str = "one") -> Result:
    entities = tuple(Entity(f"T{n}", label, (Span(a, b),)) for n, (label, a, b) in enumerate(mentions, 1))
    return Result(Document(document_id, "en", text, entities), by=by)


def two(first: Result, second: Result) -> Result:
    return Result(first.document, by=f"{first.by} + {second.by}", alternatives=(first, second))


def test_two_answers_are_pooled_over_the_documents_and_every_difference_names_its_document() -> None:
    """Two mentions of the first, three of the second, one the same: F1 = 2 / 5. In the Chinese text the border differs:
    of two rows both readings have."""
    results = [
        two(
            read("a", EN, ("Disease", 0, 6), by="en"),
            read("a", EN, ("Disease", 0, 6), ("Chemical", 13, 20), by="model"),
        ),
        two(read("b", ZH, ("Disease", 5, 7), by="zh"), read("b", ZH, ("Disease", 4, 7), by="model")),
        read("c", EN, ("Disease", 0, 6)),
    ]
    found = second_opinion(results)
    assert found is not None
    assert (found.first, found.second) == ("en / zh", "model")
    assert found.agreement.f1 == pytest.approx(2 / 5)
    assert [(row.document_id, row.kind) for row in found.agreement.differences] == [("a", "second"), ("b", "border")]
    assert (found.to_dict()["first"], found.to_dict()["counts"]["same"]) == ("en / zh", 1)


def test_without_two_answers_there_is_no_second_opinion() -> None:
    assert second_opinion([read("a", EN, ("Disease", 0, 6))]) is None


def gold(*mentions: tuple[str, int, int]) -> Document:
    return read("a", EN, *mentions).document


def test_annotations_are_compared_under_the_labels_asked_for() -> None:
    """The file says 疾病 and Chemical, and Gene, which was not asked for; the answer's Species is in no annotation."""
    answer = read("a", EN, ("Disease", 0, 6), ("Species", 7, 12), by="reader")
    annotated = gold(("疾病", 0, 6), ("Chemical", 13, 20), ("Gene", 7, 12))
    (found,) = against_annotations([(annotated, answer)], ["Disease", "Chemical", "Species"], "file")
    assert (found.first, found.second) == ("file", "reader")
    assert {label: (a.n_first, a.n_second, a.n_same) for label, a in found.agreement.by_label.items()} == {
        "Disease": (1, 1, 1),
        "Chemical": (1, 0, 0),
    }


def test_of_two_answers_either_is_compared_with_the_annotations() -> None:
    both = two(read("a", EN, ("Disease", 0, 6), by="one"), read("a", EN, by="other"))
    found = against_annotations([(gold(("Disease", 0, 6)), both)], ["Disease"], "file")
    assert [(c.second, c.agreement.f1) for c in found] == [("one", 1.0), ("other", 0.0)]


def test_a_document_that_is_annotated_with_nothing_counts_where_others_are_annotated() -> None:
    pairs = [
        (gold(("Disease", 0, 6)), read("a", EN, ("Disease", 0, 6))),
        (gold(), read("b", EN, ("Disease", 0, 6))),
    ]
    (found,) = against_annotations(pairs, ["Disease"], "file")
    assert found.agreement.f1 == pytest.approx(2 / 3)


def test_without_annotations_of_these_labels_there_is_nothing_to_compare() -> None:
    pair = (gold(("Gene", 0, 6)), read("a", EN, ("Disease", 0, 6)))
    assert against_annotations([pair], ["Disease"], "file") == []
    assert against_annotations([], ["Disease"], "file") == []


def test_classes_are_compared_by_any_of_their_spellings() -> None:
    annotated = Document("a", "en", EN, labels=(Label("治疗"),))
    answer = Result(Document("a", "en", EN, labels=(Label("治疗", 0.9),)), by="one")
    (found,) = against_annotations([(annotated, answer)], ["治疗", "病因"], "file")
    assert found.agreement.f1 == 1.0
