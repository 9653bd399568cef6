"""The second form of an entity reply: marks in a copy of the text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taiyi.document import Document, Entity, Span
from taiyi.prompts import choose, marked_templates, templates
from taiyi.tasks import TASKS
from taiyi.tasks.base import Request
from taiyi.tasks.marked import shown, unit_ends, wants_marks

TASK = TASKS["entities"]
TEXT = "Naloxone eased severe toxic headache (0.2 mg/kg), {see} table.\nFever."


def request(text: str = TEXT, labels: tuple[str, ...] = ("Chemical", "Disease"), **more: str) -> Request:
    return Request("entities", text, labels=labels, template="mark", **more)  # type: ignore[arg-type]


def document(*found: tuple[str, str], text: str = TEXT) -> Document:
    entities = (
        Entity(f"T{n}", label, (Span(text.index(name), text.index(name) + len(name)),))
        for n, (label, name) in enumerate(found, start=1)
    )
    return Document("text", "en", text, tuple(entities))


def found(reply: str, asked: Request) -> list[tuple[str, int, int]]:
    return [(entity.label, entity.start, entity.end) for entity in TASK.parse(reply, asked).document.entities]


def test_mentions_are_marked_where_they_stand_with_the_blank_before_them() -> None:
    gold = document(("Chemical", "Naloxone"), ("Disease", "headache"), ("Disease", "Fever"))
    assert TASK.render(gold, request()) == (
        "{Naloxone|Chemical} eased severe toxic{ headache|Disease} (0.2 mg/kg), (see) table.\n{Fever|Disease}."
    )


def test_nested_mentions_are_marked_in_one_another_and_come_back() -> None:
    gold = document(("Disease", "severe toxic headache"), ("Disease", "headache"), ("Chemical", "headache"))
    reply = TASK.render(gold, request())
    assert "{ severe toxic{ headache|Chemical}|Disease}" in reply, "no more than two deep"
    assert found(reply, request()) == [("Disease", 15, 36), ("Chemical", 28, 36)]


def test_of_two_mentions_that_cross_the_first_is_marked() -> None:
    reply = TASK.render(document(("Disease", "severe toxic"), ("Disease", "toxic headache")), request())
    assert "{ severe toxic|Disease} headache" in reply


def test_types_that_were_not_asked_for_are_not_marked() -> None:
    gold = document(("Chemical", "Naloxone"), ("Disease", "Fever"))
    assert TASK.render(gold, request(labels=("Disease",))).count("|") == 1


def test_chinese_mentions_begin_and_end_at_any_character(accepts: Callable[[str, str], bool]) -> None:
    asked = request("患者服用阿司匹林后头痛。", ("药物", "症状"), lang="zh", text_lang="zh")
    reply = "患者服用{阿司匹林|药物}后{头痛|症状}。"
    assert found(reply, asked) == [("药物", 4, 8), ("症状", 9, 11)]
    assert accepts(TASK.grammar(asked) or "", reply)


@pytest.mark.parametrize(
    ("reply", "fits"),
    [
        ("{Naloxone|Chemical} eased severe toxic headache (0.2 mg/kg), (see) table.\nFever.", True),
        ("Naloxone eased severe toxic headache (0.2 mg/kg), (see) table.\nFever.", True),
        ("Naloxone eased{ severe{ toxic headache|Disease}|Disease} (0.2 mg/kg), (see) table.\nFever.", True),
        ("{Naloxone|Gene} eased severe toxic headache (0.2 mg/kg), (see) table.\nFever.", True),
        ("{Naloxon|Chemical}e eased severe toxic headache (0.2 mg/kg), (see) table.\nFever.", False),
        ("Naloxone eased severe toxic headache (0.2 mg/kg){,|Disease} (see) table.\nFever.", False),
        ("Naloxone eased severe toxic headache (0.2 mg/kg), (see) table.\n{Fever|Disease}", False),
        ("Morphine eased severe toxic headache (0.2 mg/kg), (see) table.\nFever.", False),
        ("Naloxone eased severe toxic headache (0.2 mg/kg), (see) table.\nFever{.|Disease}", True),
        ("Naloxone eased severe toxic headache (0.2 mg/kg), (see) table.\n{Fever.", True),
        ("Naloxone eased severe toxic headache (0.2 mg/kg), (see){ table.\nFever|Disease}.", False),
        ("Naloxone eased severe toxic headache ({0.2 mg/kg|Disease}), (see) table.\nFever.", True),
        ("Naloxone eased{ severe{ toxic{ headache|Disease}|Disease}|Disease} (0.2 mg/kg), (see) table.\nFever.", False),
    ],
    ids=[
        "one",
        "none",
        "nested",
        "other type",
        "half a word",
        "mark alone",
        "cut",
        "invented",
        "stop",
        "open",
        "two sentences",
        "point",
        "deep",
    ],
)
def test_the_grammar_takes_the_whole_text_and_marks_of_words_alone(
    reply: str, fits: bool, accepts: Callable[[str, str], bool]
) -> None:
    assert accepts(TASK.grammar(request()) or "", reply) is fits


def test_a_reply_that_breaks_off_keeps_what_was_closed() -> None:
    assert found("{Naloxone|Chemical} eased{ severe tox", request()) == [("Chemical", 0, 8)]


def test_a_reply_that_changes_the_text_is_searched_for_in_it() -> None:
    parsed = TASK.parse(
        "The drug{ naloxone|chemical} and{ morphine|Chemical} helped against{ fever|Disease}.", request()
    )
    assert [(e.label, e.start, e.match) for e in parsed.document.entities] == [
        ("Chemical", 0, "normalised"),
        ("Disease", TEXT.index("Fever"), "normalised"),
    ]
    assert [(issue.kind, issue.detail) for issue in parsed.issues] == [("absent", "morphine")]


def test_a_mark_of_a_type_that_was_not_asked_for_is_left_out() -> None:
    parsed = TASK.parse("{Naloxone|Gene} eased{ severe toxic headache|Disease}", request())
    assert [(e.label, e.start) for e in parsed.document.entities] == [("Disease", 15)]
    assert not parsed.issues


def test_a_mark_that_is_not_closed_lapses_with_its_sentence(accepts: Callable[[str, str], bool]) -> None:
    reply = "{Naloxone eased{ severe toxic headache|Disease} (0.2 mg/kg), (see) table.\n{Fever|Disease}."
    assert found(reply, request()) == [("Disease", 15, 36), ("Disease", 63, 68)]
    assert accepts(TASK.grammar(request()) or "", reply)
    assert not accepts(TASK.grammar(request()) or "", reply.replace("table.\n", "table.\n|Disease}"))


def test_where_a_mark_stands_in_the_reply_is_told() -> None:
    parsed = TASK.parse("{Naloxone|Chemical} eased", request())
    assert parsed.reply_spans == {"T1": Span(0, 19)}


def test_the_prompt_shows_the_text_as_it_is_copied() -> None:
    assert "(see) table" in TASK.prompt(request()).messages[-1].content


def test_templates_for_marks_are_chosen_by_their_ids_alone() -> None:
    for lang in ("en", "zh"):
        ids = [template.id for template in marked_templates("entities", lang)]
        assert ids and not set(ids) & {template.id for template in templates("entities", lang)}
        assert all(choose("entities", lang, id).fields == {"labels", "text"} for id in ids)
        assert wants_marks(Request("entities", lang=lang, template=ids[0]))
    assert not any(wants_marks(Request("entities", template=id)) for id in (None, "identify", "unknown"))


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_is_marked_comes_back_and_fits_the_grammar(
    data: st.DataObject, odd: st.SearchStrategy[str], accepts: Callable[[str, str], bool]
) -> None:
    """For any text: the copy is the text, each mention that is marked is one of the gold's, at its place."""
    text = data.draw(odd)
    places = st.integers(0, max(len(text) - 1, 0))
    borders = data.draw(st.sampled_from(["words", "any"]))
    spans = data.draw(st.lists(st.tuples(places, places, st.sampled_from(["A", "b|}"])), max_size=6))
    entities = [
        Entity(f"T{n}", label, (Span(min(a, b), max(a, b) + 1),))
        for n, (a, b, label) in enumerate(spans)
        if text.strip()
    ]
    asked = request(text, ("A", "b|}"), borders=borders)
    reply = TASK.render(Document("text", "en", text, tuple(entities)), asked)
    assert accepts(TASK.grammar(asked) or "", reply)
    read = TASK.parse(reply, asked)
    assert not read.issues
    gold = {(e.label, _trimmed(text, e.spans[0])) for e in entities}
    assert {(e.label, e.spans[0]) for e in read.document.entities} <= gold
    assert all(e.match == "verbatim" for e in read.document.entities)


def _trimmed(text: str, span: Span) -> Span:
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return Span(start, start + len(inside.strip()))


@given(st.text(max_size=80))
def test_units_part_the_whole_text_and_none_ends_behind_a_blank(text: str) -> None:
    ends = unit_ends(text)
    assert ends == sorted(set(ends)) and ends[-1:] == ([len(text)] if text else [])
    assert all(text[end - 1] != " " for end in ends[:-1])
    assert len(shown(text)) == len(text)
