"""Multiple choice: both laws, and the many ways in which models name a letter."""

import pytest

from taiyi.document import Document, Label
from taiyi.tasks.base import Request
from taiyi.tasks.choice import ChooseTask

TASK = ChooseTask()
OPTIONS = ("Vitamin C", "Vitamin K", "Vitamin D", "None of these")


def request(lang: str = "en", question: str = "") -> Request:
    return Request("choose", "Which vitamin reverses warfarin?", lang, "en", options=OPTIONS, question=question)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("letter", ["A", "B", "C", "D"])
def test_what_is_rendered_parses_to_the_same_letter_and_the_grammar_accepts_it(lang, letter, accepts):
    asked = request(lang)
    reply = TASK.render(Document("text", "en", asked.text, labels=(Label(letter),)), asked)
    assert reply == {"en": f"Answer: {letter}", "zh": f"答案：{letter}"}[lang]
    parsed = TASK.parse(reply, asked)
    assert [label.name for label in parsed.document.labels] == [letter]
    span = parsed.reply_spans[f"label:{letter}"]
    assert reply[span.start : span.end] == letter
    assert accepts(TASK.grammar(asked), reply)


@pytest.mark.parametrize("reply", ["Answer: E", "Answer:", "B", "Answer: AB", ""])
def test_the_grammar_lets_one_letter_of_an_option_stand(reply, accepts):
    assert not accepts(TASK.grammar(request()), reply)


@pytest.mark.parametrize(
    "reply",
    [
        "B",
        "b",
        "(B)",
        "B. Vitamin K",
        "Ｂ",
        "The answer is (B).",
        "**Answer:** B",
        "I think the correct option is B, because ...",
        "A patient on warfarin needs vitamin K, so B is right",
        "vitamin k",
        "It is vitamin K that does so.",
        "答案是B。",
        "选B",
        "正确选项：Ｂ",
        "Vitamin K, not the others",
        "The answer is (B) because it is the cofactor; (A) is a cofactor of another enzyme.",
        "Option A is wrong. Option C is wrong. Thus the correct choice is option B.",
        "The answer is A... wait, no. So the final answer is B.",
        "Vitamin C and Vitamin D do nothing here. The answer: Vitamin K",
        "To answer a question like this, recall the cofactor. Answer: B\n\nQuestion: another one. Answer: C",
        r"The answer is $\boxed{B}$",
        '{"answer": "B"}',
        "选项A不对，选项B正确",
        "选择A是错误的，应该选择B",
        "A项错误，C项错误，故选B。",
        "【答案】B\n【解析】A项错误",
    ],
)
def test_the_letter_is_found_in_a_free_reply(reply):
    assert [label.name for label in TASK.parse(reply, request()).document.labels] == ["B"]


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I don't know.",
        "Z",
        "Vitamin C or Vitamin K",
        "A or B",
        "Answer: A and B",
        "Answer: E",
        "The answer is not A.",
    ],
)
def test_a_reply_without_a_clear_choice_is_an_issue(reply):
    parsed = TASK.parse(reply, request())
    assert parsed.document.labels == ()
    assert [issue.kind for issue in parsed.issues] == ["unparsed"]


def test_the_prompt_letters_the_options_after_the_question_and_its_context():
    content = TASK.prompt(request(question="Which one?")).messages[-1].content
    assert "Which vitamin reverses warfarin?\nWhich one?\nA. Vitamin C\nB. Vitamin K" in content


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("no", "B"),
        ("Answer: Maybe.", "C"),
        ("Yes, it does; this is not in doubt.", "A"),
        ("The effect is unknown.", None),
        ("Nobody can say.", None),
        ("Yes and no.", None),
        ("Answer: Yes\n\nThere was no difference between the groups.", "A"),
        ("Answer: yes (no patient relapsed)", "A"),
        ("No. There may be an effect, yes, but none was shown.", "B"),
        ("No difference was found, yes or no.", None),
    ],
)
def test_an_option_is_named_by_whole_words_alone(reply, letter):
    asked = Request("choose", "Tea was given.", options=("yes", "no", "maybe"), question="Does tea help?")
    assert [label.name for label in TASK.parse(reply, asked).document.labels] == ([letter] if letter else [])
