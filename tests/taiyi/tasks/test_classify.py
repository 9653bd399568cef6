"""Classes: both laws, and replies that are not what was asked for."""

import pytest

from taiyi.document import Document, Label
from taiyi.tasks.base import Request
from taiyi.tasks.classify import ClassifyTask

TASK = ClassifyTask()
EN = "Masks lowered the spread of the virus in crowded wards."
ZH = "孩子夜里咳嗽需要去医院吗？"
EN_LABELS = ("Prevention", "Transmission", "Case Report")
ZH_LABELS = ("就医建议", "病因分析", "体征(医生检测)", "其他")
AWKWARD = ("A", "A;B", "A; B", "x: y", 'a "b" [c]\nd', "甲；乙", "back\\slash", "none")


def request(lang: str, labels: tuple[str, ...], multi: bool = False) -> Request:
    return Request("classify", EN if lang == "en" else ZH, lang, lang, labels, multi=multi)


def gold(asked: Request, *names: str) -> Document:
    return Document("text", asked.text_lang, asked.text, labels=tuple(map(Label, names)))


def names(document: Document) -> list[str]:
    return [label.name for label in document.labels]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("labels", [EN_LABELS, ZH_LABELS, AWKWARD])
def test_the_laws_hold_for_each_label(lang, labels, accepts):
    asked = request(lang, labels)
    for label in labels:
        reply = TASK.render(gold(asked, label), asked)
        parsed = TASK.parse(reply, asked)
        assert names(parsed.document) == [label]
        assert parsed.issues == ()
        assert accepts(TASK.grammar(asked), reply)
        span = parsed.reply_spans[f"label:{label}"]
        assert reply[span.start : span.end]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("chosen", [(), ("A",), ("A", "A;B", "A; B"), ("x: y", "甲；乙"), AWKWARD])
def test_the_laws_hold_for_several_labels_and_for_none(lang, chosen, accepts):
    asked = request(lang, AWKWARD, multi=True)
    reply = TASK.render(gold(asked, *chosen), asked)
    parsed = TASK.parse(reply, asked)
    assert names(parsed.document) == list(chosen)
    assert parsed.issues == ()
    assert accepts(TASK.grammar(asked), reply)


def test_the_form_of_a_reply():
    asked = request("en", EN_LABELS, multi=True)
    assert TASK.render(gold(asked, "Transmission", "Prevention"), asked) == "Result: Prevention; Transmission"
    assert TASK.render(gold(asked), asked) == "Result:"
    asked = request("zh", ZH_LABELS)
    assert TASK.render(gold(asked, "就医建议"), asked) == "上述文本被分类为：就医建议"


def test_the_grammar_lets_no_label_stand_twice_or_out_of_order(accepts):
    grammar = TASK.grammar(request("en", EN_LABELS, multi=True))
    assert accepts(grammar, "Result: Prevention; Case Report")
    for reply in (
        "Result: Prevention; Prevention",
        "Result: Case Report; Prevention",
        "Result: Virus",
        "Result: Prevention; ",
    ):
        assert not accepts(grammar, reply)
    assert not accepts(TASK.grammar(request("en", EN_LABELS)), "Result: Prevention; Transmission")
    assert not accepts(TASK.grammar(request("en", EN_LABELS)), "Result:")


def test_five_hundred_labels_make_a_grammar(accepts):
    labels = tuple(f"类别{n}" for n in range(500))
    assert accepts(TASK.grammar(request("zh", labels, multi=True)), "上述文本被分类为：类别7；类别499")


TOLERATED = [
    ("prevention", ["Prevention"], []),
    ("Result： Ｐrevention.", ["Prevention"], []),
    ("The text is about prevention.", ["Prevention"], []),
    ("**Result**: Case report, Transmission", ["Case Report"], ["Transmission"]),
    ("Result: Prevention; Prevention", ["Prevention"], []),
    ("Result: Vaccination", [], ["Vaccination"]),
    ("This is not transmission.", [], ["This is not transmission."]),
]


@pytest.mark.parametrize(("reply", "expected", "issues"), TOLERATED)
def test_replies_that_stray_from_the_form_are_read(reply, expected, issues):
    parsed = TASK.parse(reply, request("en", EN_LABELS))
    assert names(parsed.document) == expected
    assert [issue.detail for issue in parsed.issues] == issues


def test_an_empty_reply_to_a_question_for_one_label_is_an_issue():
    assert [issue.kind for issue in TASK.parse("", request("en", EN_LABELS)).issues] == ["empty"]
    assert TASK.parse("Result:", request("en", EN_LABELS, multi=True)).issues == ()


def test_the_prompt_says_whether_several_labels_may_hold():
    one, several = (TASK.prompt(request("zh", ZH_LABELS, multi)).messages[-1].content for multi in (False, True))
    assert one.replace("单选", "可多选") == several
    assert "就医建议，病因分析，体征(医生检测)，其他" in one


@pytest.mark.parametrize(
    "reply",
    [
        "Treatment\n\nExplanation: it is about a drug, with some Prevention.",
        "Treatment: yes\nPrevention: no\nDiagnosis: No.",
        "- Treatment - a drug is tested\n- Prevention - no",
        "It is about Treatment, but it is not about the Prevention of anything.",
        "It does not belong to Prevention, but to Treatment.",
    ],
)
def test_a_label_that_is_denied_or_stands_in_an_explanation_does_not_hold(reply):
    asked = request("en", ("Treatment", "Prevention", "Diagnosis"), multi=True)
    assert names(TASK.parse(reply, asked).document) == ["Treatment"]
