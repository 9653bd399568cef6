"""Similarity and entailment: both laws, and labels within sentences."""

import pytest

from taiyi.document import Document, Label
from taiyi.tasks.base import Request
from taiyi.tasks.pair import EntailmentTask, SimilarityTask

SIMILARITY = SimilarityTask()
CASES = [
    (SIMILARITY, "en", ("similar", "dissimilar")),
    (SIMILARITY, "zh", ("语义相同", "语义不相同")),
    (EntailmentTask(), "en", ("entailment", "not entailment", 'a "third", one')),
    (EntailmentTask(), "zh", ("蕴含", "中立", "矛盾")),
]


def request(task: str, lang: str, labels: tuple[str, ...]) -> Request:
    return Request(task, "first", lang, lang, labels, text_b="second")


def names(document: Document) -> list[str]:
    return [label.name for label in document.labels]


@pytest.mark.parametrize(("task", "lang", "labels"), CASES)
def test_the_reply_is_the_label_alone(task, lang, labels, accepts):
    asked = request(task.id, lang, labels)
    for label in labels:
        reply = task.render(Document("text", lang, "first", labels=(Label(label),)), asked)
        parsed = task.parse(reply, asked)
        assert names(parsed.document) == [label]
        assert parsed.issues == ()
        assert accepts(task.grammar(asked), reply)
    assert not accepts(task.grammar(asked), "maybe")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Similar.", ["similar"]),
        ("The two are dissimilar.", ["dissimilar"]),
        ("They are not similar", []),
        ("similar or dissimilar", []),
        ("similarity", []),
        ("", []),
    ],
)
def test_english_labels_count_at_word_borders_and_without_a_negation(reply, expected):
    parsed = SIMILARITY.parse(reply, request("similarity", "en", ("similar", "dissimilar")))
    assert names(parsed.document) == expected
    assert [issue.kind for issue in parsed.issues] == ([] if expected else ["unparsed"])


@pytest.mark.parametrize(
    ("reply", "expected"), [("这两句话语义不相同。", ["语义不相同"]), ("不相同", []), ("「相同」", ["相同"])]
)
def test_a_chinese_label_within_a_longer_one_does_not_count(reply, expected):
    labels = ("相同", "语义不相同")
    assert names(SIMILARITY.parse(reply, request("similarity", "zh", labels)).document) == expected


def test_the_prompt_holds_both_texts_and_the_labels():
    content = SIMILARITY.prompt(request("similarity", "zh", ("语义相同", "语义不相同"))).messages[-1].content
    assert "first" in content
    assert "second" in content
    assert "语义相同，语义不相同" in content
