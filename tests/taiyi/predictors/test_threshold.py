"""What a threshold on the scores keeps."""

from __future__ import annotations

from taiyi.document import Document, Entity, Label, Relation, Span
from taiyi.predictors.base import Result
from taiyi.predictors.threshold import above, has_scores

ENTITIES = (
    Entity("T1", "Chemical", (Span(0, 7),), 0.9),
    Entity("T2", "Disease", (Span(8, 14),), 0.3),
    Entity("T3", "Gene", (Span(15, 19),)),
)
TEXT = "Lithium tremor GSK3"
PLAIN = Result(Document("x", "en", TEXT, ENTITIES))
RELATED = Result(Document("x", "en", TEXT, ENTITIES, (Relation("R1", "causes", "T1", "T2", 0.5),)))


def names(result: Result) -> list[str]:
    return [entity.id for entity in result.document.entities]


def test_what_scores_less_goes_and_what_has_no_score_stays() -> None:
    assert names(above(PLAIN, 0.3)) == ["T1", "T2", "T3"]
    assert names(above(PLAIN, 0.31)) == ["T1", "T3"]


def test_a_relation_keeps_both_ends_whatever_they_score() -> None:
    """T2 scores .3 but is the tail of R1 (.5); above .6 the relation goes, and its ends with it."""
    assert names(above(RELATED, 0.4)) == ["T1", "T2"]
    gone = above(RELATED, 0.6)
    assert gone.document.relations == () and names(gone) == []


def test_of_two_answers_either_is_cut() -> None:
    both = Result(PLAIN.document, alternatives=(PLAIN, Result(Document("x", "en", TEXT))))
    assert [names(answer) for answer in above(both, 0.5).alternatives] == [["T1", "T3"], []]


def test_whether_scores_are_there_to_act_on() -> None:
    assert has_scores(PLAIN)
    assert not has_scores(Result(Document("x", "en", "text", labels=(Label("A", 0.5),))))
