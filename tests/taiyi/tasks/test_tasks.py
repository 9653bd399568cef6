"""What holds for every task alike."""

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taiyi.conversation import Message
from taiyi.document import Document
from taiyi.errors import InputError
from taiyi.prompts import templates
from taiyi.tasks import TASKS
from taiyi.tasks.base import Request

FREE = ("translate", "title", "summary", "question", "passage", "chat")
LABELS = ("a {text}", "乙")
ASKED = {  # what the prompt of a task holds beside the text
    "entities": LABELS,
    "relations": LABELS,
    "causality": LABELS,
    "events": (*LABELS, "Theme", "发生状态"),
    "classify": LABELS,
    "choose": ("A. yes", "B. no", "What {question}?"),
    "similarity": (*LABELS, "Another {text}."),
    "entailment": (*LABELS, "Another {text}."),
    "passage": ("What {question}?",),
}
TEXT = "Give 1,2-dichloroethane {labels} \\1 to 甲 {0} and 𠮷."


def request(task: str, lang: str, **changes: object) -> Request:
    asked = Request(
        task,
        TEXT,
        lang,
        "en",
        labels=LABELS,
        roles=("Theme", "发生状态"),
        options=("yes", "no"),
        question="What {question}?",
        text_b="Another {text}.",
        system="Be brief.",
        history=(Message("user", "Hello"), Message("assistant", "Good day.")),
    )
    return dataclasses.replace(asked, **changes)  # type: ignore[arg-type]


def test_the_ids_are_the_public_verbs():
    extracting = [
        "entities",
        "relations",
        "causality",
        "events",
        "coreference",
        "classify",
        "choose",
        "similarity",
        "entailment",
    ]
    writing = ["translate", "report", "title", "summary", "question", "passage", "chat"]
    assert list(TASKS) == extracting + writing
    assert all(task.id == key for key, task in TASKS.items())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("task", TASKS)
def test_every_template_holds_what_is_asked_as_it_was_given_after_history_and_system_prompt(task, lang):
    for template in templates(task, lang):
        conversation = TASKS[task].prompt(request(task, lang, template=template.id))
        assert [message.role for message in conversation.messages] == ["system", "user", "assistant", "user"]
        asked = conversation.messages[-1].content
        assert all(given in asked for given in (TEXT, *ASKED.get(task, ())))


@pytest.mark.parametrize("task", TASKS)
def test_an_unknown_template_is_refused_by_name(task):
    with pytest.raises(InputError, match="no_such") as caught:
        TASKS[task].prompt(request(task, "en", template="no_such"))
    assert caught.value.code == "unknown_template"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("task", FREE)
def test_a_written_answer_comes_back_as_it_was(task, lang):
    answer = "第一行：{甲}；\n\n- second line; (x, y)"
    reply = TASKS[task].render(Document("text", "en", TEXT, answer=answer), request(task, lang))
    parsed = TASKS[task].parse(f"\n {reply}\n", request(task, lang))
    assert parsed.document.answer == answer
    assert parsed.issues == ()
    assert TASKS[task].grammar(request(task, lang)) is None
    assert [issue.kind for issue in TASKS[task].parse(" \n", request(task, lang)).issues] == ["empty"]


@pytest.mark.parametrize("task", TASKS)
def test_any_reply_at_all_is_read_without_an_exception(task, odd):
    names = odd.map(str.strip).filter(bool)

    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.nested_given], deadline=None, max_examples=150)
    @given(
        reply=st.one_of(odd, st.text(), st.builds("{}({}: {}, {}); {}".format, odd, odd, odd, odd, odd)),
        text=odd,
        lang=st.sampled_from(["en", "zh"]),
        labels=st.lists(st.sampled_from(["a", "乙"]) | names, min_size=1, max_size=3, unique=True),
        roles=st.lists(names, max_size=2, unique=True),
        multi=st.booleans(),
        occurrences=st.sampled_from(["all", "first", "generated"]),
    )
    def check(reply, text, lang, labels, roles, multi, occurrences):
        changes = {"labels": tuple(labels), "roles": tuple(roles), "multi": multi, "occurrences": occurrences}
        asked = request(task, lang, text=text, **changes)
        document, spans = (parsed := TASKS[task].parse(reply, asked)).document, parsed.reply_spans
        assert document.text == text
        items = [*document.entities, *document.relations, *document.events]
        known = {item.id for item in items} | {f"label:{label.name}" for label in document.labels}
        assert set(spans) <= known
        assert all(0 <= span.start <= span.end <= len(reply) for span in spans.values())
        for issue in parsed.issues:
            if issue.start is not None and issue.end is not None:
                assert text[issue.start : issue.end]
        TASKS[task].prompt(asked)

    check()


@pytest.mark.parametrize("task", [task for task in TASKS if task not in FREE])
def test_every_grammar_can_be_built_for_any_text_and_labels(task, odd, accepts):
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.nested_given], deadline=None, max_examples=40)
    @given(
        text=odd,
        lang=st.sampled_from(["en", "zh"]),
        labels=st.lists(odd.map(str.strip).filter(bool), min_size=1, max_size=3, unique=True),
        multi=st.booleans(),
    )
    def check(text, lang, labels, multi):
        asked = request(task, lang, text=text, labels=tuple(labels), roles=tuple(labels), multi=multi)
        accepts(TASKS[task].grammar(asked), "")

    check()
