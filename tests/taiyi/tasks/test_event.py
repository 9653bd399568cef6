"""Events: both laws, and replies that are not what was asked for."""

import pytest

from taiyi.document import Argument, Document, Event, Span
from taiyi.tasks.base import Request
from taiyi.tasks.event import EventTask, Role

TASK = EventTask()
EN = "Aspirin (ASA) raised Na+/K(+)-ATPase expression and probably caused seizures; ASA also caused pain, abdominal."
ZH = "患者3天前出现腹部疼痛，阵发性加重，未见呕吐；13-三体综合征(Patau)可疑，𠮷医生建议复查。"
ROLES = ("Cause", "Theme", "Polarity=certain|negated, or not")
ROLES_ZH = ("发生状态", "描述词", "解剖部位")


def request(text: str, lang: str, labels: tuple[str, ...], roles: tuple[str, ...]) -> Request:
    return Request("events", text, lang, lang, labels, roles)


def event(text: str, label: str, trigger: str, *arguments: tuple[str, str], **values: str) -> Event:
    def place(name: str) -> tuple[Span, ...]:
        return (Span(text.index(name), text.index(name) + len(name)),) if name else ()

    own = [Argument(role, place(filler)) for role, filler in arguments]
    own += [Argument(role, value=value) for role, value in values.items()]
    return Event("", label, place(trigger), tuple(own))


def document(text: str, lang: str, *events: Event) -> Document:
    named = tuple(Event(f"E{n}", e.label, e.trigger, e.arguments) for n, e in enumerate(events))
    return Document("text", lang, text, events=named)


def content(doc: Document) -> set[tuple[str, str, frozenset[tuple[str, str]]]]:
    return {
        (e.label, doc.text_of(e.trigger), frozenset((a.role, a.value or doc.text_of(a.spans)) for a in e.arguments))
        for e in doc.events
    }


CASES = [
    (EN, "en", ("Effect",), ROLES, [event(EN, "Effect", "caused", ("Cause", "ASA"), ("Theme", "seizures"))]),
    (
        EN,
        "en",
        ("Effect", "Expression, gene"),
        ROLES,
        [
            event(EN, "Expression, gene", "expression", ("Theme", "Na+/K(+)-ATPase"), ("Cause", "Aspirin (ASA)")),
            event(EN, "Effect", "caused", ("Theme", "seizures"), ("Theme", "pain, abdominal"), Polarity="certain"),
        ],
    ),
    (EN, "en", ("Effect",), ROLES, [event(EN, "Effect", "caused", Polarity="negated, or not")]),
    (EN, "en", ("Effect",), ROLES, []),
    (
        ZH,
        "zh",
        ("临床发现",),
        ROLES_ZH,
        [
            event(ZH, "临床发现", "疼痛", ("描述词", "阵发性加重"), ("解剖部位", "腹部")),
            event(ZH, "临床发现", "呕吐", 发生状态="否定"),
            event(ZH, "临床发现", "13-三体综合征(Patau)", 发生状态="不确定"),
        ],
    ),
    (
        ZH,
        "zh",
        ("临床发现",),
        ("主体词", *ROLES_ZH),
        [event(ZH, "临床发现", "", ("主体词", "疼痛"), ("解剖部位", "腹部"))],
    ),
    (ZH, "zh", ("临床发现",), ROLES_ZH, []),
]


@pytest.mark.parametrize(("text", "lang", "labels", "roles", "events"), CASES)
def test_what_is_rendered_parses_to_the_same_events_and_the_grammar_accepts_it(
    text, lang, labels, roles, events, accepts
):
    asked = request(text, lang, labels, roles)
    gold = document(text, lang, *events)
    reply = TASK.render(gold, asked)
    parsed = TASK.parse(reply, asked)
    assert content(parsed.document) == content(gold)
    assert parsed.issues == ()
    assert accepts(TASK.grammar(asked), reply)


def test_the_form_of_a_reply():
    gold = document(EN, "en", event(EN, "Effect", "caused", ("Theme", "seizures"), ("Cause", "ASA")))
    assert (
        TASK.render(gold, request(EN, "en", ("Effect",), ROLES))
        == "Effect: (Trigger: caused, Cause: ASA, Theme: seizures)"
    )
    gold = document(ZH, "zh", event(ZH, "临床发现", "疼痛", ("解剖部位", "腹部")))
    assert TASK.render(gold, request(ZH, "zh", ("临床发现",), ROLES_ZH)) == "临床发现：(触发词：疼痛，解剖部位：腹部)"


def test_a_role_names_the_values_it_takes():
    assert Role.of("Polarity=yes|no") == Role("Polarity", ("yes", "no"))
    assert Role.of("Theme") == Role("Theme")
    assert Role.of("发生状态").values == ("否定", "不确定")
    assert (
        "Polarity (certain, negated\\, or not)"
        in TASK.prompt(request(EN, "en", ("Effect",), ROLES)).messages[-1].content
    )


@pytest.mark.parametrize(
    "reply",
    [
        "Effect: ()",
        "Effect: (Trigger: induced)",
        "Effect: (Trigger: caus)",
        "Effect: (Theme: )",
        "Effect: (Polarity: seizures)",
        "Effect: (Agent: ASA)",
        "Outcome: (Trigger: caused)",
        "Effect: (Trigger: caused",
        "",
    ],
)
def test_the_grammar_refuses_what_is_not_grounded_or_not_asked_for(reply, accepts):
    assert not accepts(TASK.grammar(request(EN, "en", ("Effect",), ROLES)), reply)


TOLERATED = [
    ("Effect: (Trigger: caused, Theme: seizures, Cause: ASA]", {("Cause", "ASA"), ("Theme", "seizures")}),
    (
        "Events:\n- **Effect**：（trigger：caused，theme：seizures；cause：ASA）",
        {("Cause", "ASA"), ("Theme", "seizures")},
    ),
    ("(Trigger: caused, Theme: seizures)", {("Theme", "seizures")}),
    ("Trigger: caused; Theme: seizures, Cause: ", {("Theme", "seizures")}),
    ("Effect: (Trigger: caused, Theme: headache, Cause: ASA)", {("Cause", "ASA")}),
]


@pytest.mark.parametrize(("reply", "arguments"), TOLERATED)
def test_replies_that_stray_from_the_form_are_read(reply, arguments):
    parsed = TASK.parse(reply, request(EN, "en", ("Effect",), ROLES))
    assert content(parsed.document) == {("Effect", "caused", frozenset(arguments))}


def test_the_bare_chinese_form_is_read():
    reply = "上述句子中的临床发现事件如下：\n主体词：呕吐；发生状态：否定；描述词：；解剖部位：腹部"
    parsed = TASK.parse(reply, request(ZH, "zh", ("临床发现",), ROLES_ZH))
    assert content(parsed.document) == {("临床发现", "呕吐", frozenset({("发生状态", "否定"), ("解剖部位", "腹部")}))}
    assert parsed.issues == ()


def test_an_event_whose_trigger_is_not_in_the_text_is_left_out_with_an_issue():
    parsed = TASK.parse("Effect: (Trigger: induced, Theme: seizures)", request(EN, "en", ("Effect",), ROLES))
    assert parsed.document.events == ()
    assert [(i.kind, i.detail) for i in parsed.issues] == [("absent", "induced")]


def test_complete_events_of_a_reply_that_breaks_off_are_kept():
    reply = "Effect: (Trigger: caused, Theme: seizures)\nEffect: (Trigger: cau"
    parsed = TASK.parse(reply, request(EN, "en", ("Effect",), ROLES))
    assert content(parsed.document) == {("Effect", "caused", frozenset({("Theme", "seizures")}))}
    assert [i.kind for i in parsed.issues] == ["unparsed"]


def test_of_several_places_the_ones_nearest_to_the_rest_are_meant():
    reply = "Effect: (Trigger: caused, Cause: ASA, Theme: pain\\, abdominal)"
    [found] = TASK.parse(reply, request(EN, "en", ("Effect",), ROLES)).document.events
    assert found.trigger[0].start == EN.rindex("caused")
    assert found.arguments[0].spans[0].start == EN.rindex("ASA")


def test_an_event_knows_where_the_reply_names_it():
    reply = "Effect: (Trigger: caused, Theme: seizures)"
    parsed = TASK.parse(reply, request(EN, "en", ("Effect",), ROLES))
    span = parsed.reply_spans[parsed.document.events[0].id]
    assert reply[span.start : span.end] == "(Trigger: caused, Theme: seizures)"
