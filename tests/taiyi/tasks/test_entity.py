"""Entities: both laws, and replies that are not what was asked for."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Request
from taiyi.tasks.entity import MAX_MENTIONS, EntityTask
from taiyi.tasks.lark import EDGE, chunks

TASK = EntityTask()

EN = (
    "Exposure to 1,2-dichloroethane and N,N-dimethylformamide lowered Na+/K(+)-ATPase activity in IL-2 treated mice; "
    "caffeine-induced seizures, and pain, abdominal, followed: t(9;22) was seen. Caffeine was stopped."
)
ZH = "患儿确诊13-三体综合征(Patau)，伴多囊肾、肾盂积水；既往接触1,2-二氯乙烷，𠮷医生建议复查ＣＯＸ－２。肾功能正常😀"


def request(text: str, lang: str, *labels: str, **more: object) -> Request:
    return Request("entities", text, lang, lang, labels, **more)  # type: ignore[arg-type]


def gold(text: str, lang: str, *mentions: tuple[str, str]) -> Document:
    entities = []
    for n, (label, mention) in enumerate(mentions):
        start = text.index(mention)
        entities.append(Entity(f"g{n}", label, (Span(start, start + len(mention)),)))
    return Document("text", lang, text, tuple(entities))


def pairs(document: Document) -> set[tuple[str, str]]:
    return {(entity.label, document.text_of(entity.spans)) for entity in document.entities}


CASES = [
    (EN, "en", ("Chemical", "Disease"), [("Chemical", "1,2-dichloroethane"), ("Disease", "seizures")]),
    (EN, "en", ("Gene", "Chemical"), [("Gene", "Na+/K(+)-ATPase"), ("Chemical", "Na+"), ("Gene", "IL-2")]),
    (EN, "en", ("Disease", "Variant"), [("Disease", "pain, abdominal"), ("Variant", "t(9;22)")]),
    (EN, "en", ("Chemical",), [("Chemical", "caffeine"), ("Chemical", "Caffeine")]),
    (EN, "en", ("Species",), []),
    (EN, "zh", ("化学物质", "疾病"), [("化学物质", "N,N-dimethylformamide"), ("疾病", "seizures")]),
    (ZH, "zh", ("疾病", "身体"), [("疾病", "13-三体综合征(Patau)"), ("疾病", "多囊肾"), ("身体", "肾")]),
    (ZH, "zh", ("药物", "医学检验项目"), [("药物", "1,2-二氯乙烷"), ("医学检验项目", "ＣＯＸ－２")]),
    (ZH, "en", ("Disease", "Person"), [("Disease", "肾盂积水"), ("Person", "𠮷医生")]),
]


@pytest.mark.parametrize(("text", "lang", "labels", "mentions"), CASES)
def test_what_is_rendered_parses_to_the_same_items_and_the_grammar_accepts_it(text, lang, labels, mentions, accepts):
    asked = request(text, lang, *labels)
    document = gold(text, lang, *mentions)
    reply = TASK.render(document, asked)
    parsed = TASK.parse(reply, asked)
    assert pairs(parsed.document) == set(mentions)
    assert parsed.issues == ()
    assert accepts(TASK.grammar(asked), reply)


def test_a_reply_has_a_line_a_type_in_the_order_asked_for():
    document = gold(EN, "en", ("Disease", "seizures"), ("Chemical", "caffeine"), ("Chemical", "1,2-dichloroethane"))
    reply = TASK.render(document, request(EN, "en", "Chemical", "Species", "Disease"))
    assert reply == "Chemical: 1,2-dichloroethane; caffeine\nSpecies:\nDisease: seizures"


def test_a_chinese_reply_uses_full_width_marks():
    document = gold(ZH, "zh", ("疾病", "多囊肾"), ("疾病", "肾盂积水"))
    assert TASK.render(document, request(ZH, "zh", "疾病", "药物")) == "疾病：多囊肾；肾盂积水\n药物："


AWKWARD_LABELS = (
    'a "quoted" one',
    "with [brackets] (x)",
    "two\nlines",
    "back\\slash",
    "colon: here",
    "甲：乙；丙",
    "{text}",
)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_awkward_labels_survive_prompt_reply_and_grammar(lang, accepts):
    asked = request(EN, lang, *AWKWARD_LABELS)
    mentions = [(label, "caffeine") for label in AWKWARD_LABELS]
    reply = TASK.render(gold(EN, lang, *mentions), asked)
    assert pairs(TASK.parse(reply, asked).document) == set(mentions)
    assert TASK.parse(reply, asked).issues == ()
    assert accepts(TASK.grammar(asked), reply)
    assert EN in TASK.prompt(asked).messages[-1].content


def test_five_hundred_labels_make_a_grammar_and_a_short_reply(accepts):
    labels = [f"类型{n}" for n in range(500)]
    asked = request(ZH, "zh", *labels)
    reply = TASK.render(gold(ZH, "zh", ("类型7", "多囊肾"), ("类型499", "肾")), asked)
    assert reply == "类型7：多囊肾\n类型499：肾"
    assert accepts(TASK.grammar(asked), reply)
    assert accepts(TASK.grammar(asked), "")


@pytest.mark.parametrize(
    "reply",
    [
        "Chemical: ",
        "Chemical: aspirin",  # not in the text
        "Chemical: caff",  # a fragment of a word
        "Chemical: ;",
        "Chemical:  caffeine",
        "Chemical: caffeine; ",
        "Chemical: ,",
        "Chemical: caffeine,",
        "Chemical: +",
        "Drug: caffeine",
        "Chemical: caffeine\nChemical: caffeine",
        "Chemical: " + "; ".join(["caffeine"] * (MAX_MENTIONS + 1)),
        "",
    ],
)
def test_the_grammar_refuses_junk(reply, accepts):
    assert not accepts(TASK.grammar(request(EN, "en", "Chemical")), reply)


def test_a_hyphenated_part_may_stand_alone(accepts):
    assert accepts(TASK.grammar(request(EN, "en", "Chemical")), "Chemical: caffeine")
    assert accepts(TASK.grammar(request(EN, "en", "Chemical")), "Chemical: caffeine-induced seizures; ATPase")


def test_a_mention_over_a_line_break_keeps_its_place(accepts):
    text = "Signs of acute\nkidney injury were seen."
    asked = request(text, "en", "Disease")
    reply = TASK.render(gold(text, "en", ("Disease", "acute\nkidney injury")), asked)
    assert pairs(TASK.parse(reply, asked).document) == {("Disease", "acute\nkidney injury")}
    for written in (reply, "Disease: acute kidney injury"):
        assert accepts(TASK.grammar(asked), written)
    assert pairs(TASK.parse("Disease: acute kidney injury", asked).document) == {("Disease", "acute\nkidney injury")}


TOLERATED = [
    (
        "Here are the entities:\n\n**Chemical**: caffeine\nDisease： seizures。",
        "en",
        {("Chemical", "caffeine"), ("Disease", "seizures")},
    ),
    ("chemical: caffeine; caffeine\nDISEASE: seizures", "en", {("Chemical", "caffeine"), ("Disease", "seizures")}),
    ("Disease: seizures\n", "en", {("Disease", "seizures")}),
    (
        "Chemical:\n- caffeine\n- 1,2-dichloroethane\nDisease:\n1. seizures",
        "en",
        {("Chemical", "caffeine"), ("Chemical", "1,2-dichloroethane"), ("Disease", "seizures")},
    ),
    ("Chemical: none\nDisease: seizures", "en", {("Disease", "seizures")}),
    ("Chemical: 1,2-dichloroethane, IL-2\nDisease:", "en", {("Chemical", "1,2-dichloroethane"), ("Chemical", "IL-2")}),
    (
        "Chemical: \"caffeine\"; 'IL-2'. Disease: seizures.",
        "en",
        {("Chemical", "caffeine"), ("Chemical", "IL-2"), ("Disease", "seizures")},
    ),
    (
        "Chemical：caffeine；IL-2 Disease：seizures",
        "en",
        {("Chemical", "caffeine"), ("Chemical", "IL-2"), ("Disease", "seizures")},
    ),
]


@pytest.mark.parametrize(("reply", "lang", "expected"), TOLERATED)
def test_replies_that_stray_from_the_form_are_read(reply, lang, expected):
    parsed = TASK.parse(reply, request(EN, lang, "Chemical", "Disease", occurrences="first"))
    assert pairs(parsed.document) == expected


def test_a_chinese_reply_on_one_line_with_other_marks_is_read():
    asked = request(ZH, "zh", "疾病", "药物", occurrences="first")
    parsed = TASK.parse("上述文本中的实体如下：\n疾病:肾盂积水、多囊肾 药物：1,2-二氯乙烷；", asked)
    assert pairs(parsed.document) == {("疾病", "多囊肾"), ("疾病", "肾盂积水"), ("药物", "1,2-二氯乙烷")}


def test_what_is_not_in_the_text_becomes_an_issue_and_never_an_entity():
    parsed = TASK.parse("Chemical: aspirin; caffeine citrate\nProtein: IL-2", request(EN, "en", "Chemical"))
    assert pairs(parsed.document) == set()
    by_kind = {issue.kind: issue for issue in parsed.issues}
    assert by_kind["absent"].detail == "aspirin"
    part = by_kind["part"]
    assert (part.detail, part.label, EN[part.start : part.end].lower()) == ("caffeine citrate", "Chemical", "caffeine")
    assert by_kind["label"].detail == "Protein"


def test_a_label_in_other_spelling_is_taken_and_noted():
    parsed = TASK.parse("chemicals: caffeine", request(EN, "en", "Chemical", occurrences="first"))
    assert pairs(parsed.document) == {("Chemical", "caffeine")}
    assert [(issue.kind, issue.detail, issue.label) for issue in parsed.issues] == [("label", "chemicals", "Chemical")]


def test_a_reply_cut_inside_a_word_keeps_its_complete_items():
    parsed = TASK.parse("Chemical: caffeine; 1,2-dichloro", request(EN, "en", "Chemical", occurrences="first"))
    assert pairs(parsed.document) == {("Chemical", "caffeine")}
    assert [issue.kind for issue in parsed.issues] == ["unparsed"]


def test_each_item_knows_where_the_reply_names_it():
    reply = "Chemical: caffeine; 1,2-dichloroethane\nDisease: seizures"
    parsed = TASK.parse(reply, request(EN, "en", "Chemical", "Disease", occurrences="first"))
    for entity in parsed.document.entities:
        span = parsed.reply_spans[entity.id]
        assert reply[span.start : span.end] == parsed.document.text_of(entity.spans)


DOSED = "Lithium carbonate caused tremor but no nausea."


@pytest.mark.parametrize(
    "reply",
    [
        "Here you are:\n\n**Chemical:**\n- Lithium carbonate\n\n**Disease:**\n- tremor",
        "### Chemical\n- Lithium carbonate\n### Disease\n- tremor",
        "1. Chemical: Lithium carbonate\n2. Disease: tremor",
        "[Chemical] Lithium carbonate\n[Disease] tremor",
        "Chemical: Lithium carbonate (a mood stabiliser)\nDisease: tremor",
    ],
)
def test_the_ways_in_which_chat_models_set_a_list_leave_nothing_behind(reply):
    parsed = TASK.parse(reply, request(DOSED, "en", "Chemical", "Disease"))
    assert pairs(parsed.document) == {("Chemical", "Lithium carbonate"), ("Disease", "tremor")}
    assert parsed.issues == ()


@pytest.mark.parametrize(
    "reply",
    ["Lithium carbonate, tremor", "- Lithium carbonate\n- tremor", "The terms are: Lithium carbonate; tremor"],
)
def test_a_list_without_a_heading_is_of_the_one_type_asked_for(reply):
    parsed = TASK.parse(reply, request(DOSED, "en", "Term"))
    assert pairs(parsed.document) == {("Term", "Lithium carbonate"), ("Term", "tremor")}
    assert TASK.parse(reply, request(DOSED, "en", "Chemical", "Disease")).document.entities == ()


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("en", "None"),
        ("en", "There are no genes in this text."),
        ("en", "Gene: No gene is mentioned in the text."),
        ("en", "Gene: none found"),
        ("zh", "无"),
        ("zh", "上述文本中没有相关实体。"),
    ],
)
def test_a_sentence_that_there_is_nothing_is_an_empty_answer_and_no_mention(lang, reply):
    parsed = TASK.parse(reply, request(DOSED, lang, "Gene"))
    assert (parsed.document.entities, parsed.issues) == ((), ())


def test_names_under_a_heading_that_was_not_asked_for_are_not_of_the_label_before():
    parsed = TASK.parse(
        "**Chemical:**\n- Lithium carbonate\n\n**Gene:**\n- tremor", request(DOSED, "en", "Chemical", "Disease")
    )
    assert pairs(parsed.document) == {("Chemical", "Lithium carbonate")}
    assert [(issue.kind, issue.detail) for issue in parsed.issues] == [("label", "Gene"), ("unparsed", "- tremor")]


def test_a_mention_that_denies_something_is_still_a_mention():
    parsed = TASK.parse("Finding: no nausea", request(DOSED, "en", "Finding"))
    assert pairs(parsed.document) == {("Finding", "no nausea")}


ODD = st.text(
    alphabet=st.sampled_from("ab1 ,;:，；：、()（）[]\\\n\r\t\"'甲乙肾𠮷İß😀-+.。*#\u200f\u0301"), max_size=60
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    reply=st.one_of(ODD, st.text()),
    text=st.one_of(ODD, st.sampled_from([EN, ZH])),
    lang=st.sampled_from(["en", "zh"]),
    labels=st.lists(
        st.one_of(st.sampled_from(["a", "甲", "疾病", "Chemical"]), ODD.map(str.strip).filter(bool)),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    occurrences=st.sampled_from(["all", "first", "generated"]),
)
def test_any_reply_at_all_is_read_without_an_exception(reply, text, lang, labels, occurrences):
    asked = request(text, lang, *labels, occurrences=occurrences)
    for written in (reply, f"{labels[0]}: {reply}"):
        parsed = TASK.parse(written, asked)
        assert parsed.document.text == text
        assert set(parsed.reply_spans) == {entity.id for entity in parsed.document.entities}
        for entity in parsed.document.entities:
            assert entity.label in labels
            assert text[entity.start : entity.end]


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
@given(data=st.data(), lang=st.sampled_from(["en", "zh"]))
def test_the_laws_hold_for_any_text_any_labels_and_any_parts_of_the_text(data, lang, accepts):
    text = data.draw(ODD.filter(str.strip), "text")
    labels = data.draw(st.lists(ODD.map(str.strip).filter(bool), min_size=1, max_size=3, unique=True), "labels")
    pieces = list(chunks(text))
    bounds = [0]
    for unit in pieces:
        bounds.append(bounds[-1] + len(unit))
    ranges = [
        (a, b) for a in range(len(bounds)) for b in range(a + 1, len(bounds)) if _may_be_named(_plain(pieces[a:b]))
    ]
    mentions = data.draw(st.lists(st.sampled_from(ranges), max_size=4), "mentions") if ranges else []
    entities = []
    for n, (a, b) in enumerate(mentions):
        start = len(_plain(pieces[:a]))
        entities.append(
            Entity(f"g{n}", data.draw(st.sampled_from(labels)), (Span(start, start + len(_plain(pieces[a:b]))),))
        )
    document = Document("text", lang, text, tuple(entities))
    asked = request(text, lang, *labels)
    reply = TASK.render(document, asked)
    parsed = TASK.parse(reply, asked)
    assert pairs(parsed.document) == pairs(document)
    assert accepts(TASK.grammar(asked), reply)


def _may_be_named(part: str) -> bool:
    """Whether a part of a text may be a mention: no blank, mark or backslash at its ends, a letter or digit in it, and
    before that and before the last character no backslash."""
    cut = re.search(rf"^[\s\\{EDGE}]|\\.$|[\s\\{EDGE}]$", part)
    return not cut and bool(re.search(r"(?<!\\)\w", part))


def _plain(units: list[str]) -> str:
    from taiyi.tasks.delimiters import unescape

    return "".join(unescape(unit) for unit in units)


CUT = "Intake of NaCl,KCl and Hsp90beta, then TGF-beta, was noted; LiCl: no."


@pytest.mark.parametrize("mentions", [["Na", "KCl"], ["NaCl,"], ["TGF-beta,"], ["Cl,K"], ["beta, then TGF"], ["Cl:"]])
def test_mentions_that_annotators_cut_anywhere_obey_both_laws_where_borders_may_be_anywhere(mentions, accepts):
    asked = request(CUT, "en", "Chemical", borders="any")
    reply = TASK.render(gold(CUT, "en", *(("Chemical", mention) for mention in mentions)), asked)
    parsed = TASK.parse(reply, asked)
    assert pairs(parsed.document) == {("Chemical", mention) for mention in mentions}
    assert parsed.issues == ()
    assert accepts(TASK.grammar(asked), reply)


@pytest.mark.parametrize("reply", ["Chemical: KNa", "Chemical: ", "Chemical: ,", "Chemical:  Na", "Chemical: Na\\,"])
def test_what_does_not_stand_in_the_text_is_refused_with_any_borders_too(reply, accepts):
    assert not accepts(TASK.grammar(request(CUT, "en", "Chemical", borders="any")), reply)


def test_a_mention_that_reads_as_none_is_told_from_none(accepts):
    text = "咳嗽：无；发热：有"
    asked = request(text, "zh", "临床表现")
    reply = TASK.render(gold(text, "zh", ("临床表现", "无")), asked)
    assert reply == "临床表现：无；无"
    assert [(e.label, e.spans) for e in TASK.parse(reply, asked).document.entities] == [("临床表现", (Span(3, 4),))]
    assert accepts(TASK.grammar(asked), reply)
    assert TASK.parse("临床表现：无", asked).document.entities == ()
