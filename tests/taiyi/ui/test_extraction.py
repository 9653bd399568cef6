"""Extracted items as HTML: everything escaped, every place right."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Span
from taiyi.errors import Issue
from taiyi.predictors.base import Result
from taiyi.ui.extraction import entities_view, events_view, labels_view, relations_view
from taiyi.ui.show import issues, progress, written

EVIL = "<script>x</script>\"'&{{a}}${b}"


class Tags(HTMLParser):
    """Collects the tags and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_sentence_of_a_triple_is_shown_with_both_ends() -> None:
    text = "First one. Lithium caused tremor in two. Last one."
    at = text.index
    document = Document(
        "x", "en", text,
        (Entity("T1", "", (Span(at("L"), at("L") + 7),)), Entity("T2", "", (Span(at("tremor"), at("tremor") + 6),))),
        (Relation("R1", "induces", "T1", "T2", 0.5),),
    )  # fmt: skip
    html = relations_view(Result(document), "en")
    assert "<b>Lithium</b> caused <b>tremor</b> in two." in html
    assert "First one" not in html and "Last one" not in html
    assert "<svg" in html


def test_ends_that_stand_far_apart_are_flagged_and_the_sentences_between_are_shown() -> None:
    text = "Aspirin." + " Nothing here." * 40 + " Bleeding."
    at = text.index("Bleeding")
    document = Document(
        "x", "en", text, (Entity("T1", "", (Span(0, 7),)), Entity("T2", "", (Span(at, at + 8),))),
        (Relation("R1", "r", "T1", "T2"),),
    )  # fmt: skip
    assert "far apart" in relations_view(Result(document), "en")


def test_crossing_ends_are_both_emphasised() -> None:
    """ "ab" and "bc" overlap in "abc": their union is one emphasis."""
    document = Document(
        "x", "en", "abc", (Entity("T1", "", (Span(0, 2),)), Entity("T2", "", (Span(1, 3),))),
        (Relation("R1", "r", "T1", "T2"),),
    )  # fmt: skip
    assert "<b>abc</b>" in relations_view(Result(document), "en")


def test_a_relation_of_a_name_with_itself_has_a_graph() -> None:
    document = Document("x", "en", "abc", (Entity("T1", "", (Span(0, 2),)),), (Relation("R1", "r", "T1", "T1"),))
    assert "↻" in relations_view(Result(document), "en")


@given(st.text(min_size=1, max_size=40), st.data())
def test_nothing_of_a_text_becomes_markup(text: str, data: st.DataObject) -> None:
    """Whatever the text, the label and the issues are, the tags are ours and no attribute breaks out."""
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    document = Document(
        "x",
        "zh",
        text,
        (Entity("T1", EVIL, (span,), 0.5),),
        (Relation("R1", EVIL, "T1", "T1"),),
        (Event("E1", EVIL, (span,), (Argument(EVIL, (span,)), Argument("r", value=EVIL))),),
        (Label(EVIL, 0.4),),
        EVIL,
    )
    result = Result(document, EVIL, (Issue("absent", EVIL, EVIL), Issue("unparsed", EVIL), Issue(EVIL, EVIL)), EVIL)
    both = Result(document, by=EVIL, alternatives=(result, result))
    for view in (entities_view, relations_view, events_view, labels_view, written):
        for shown in (result, both):
            assert "script" not in Tags(view(shown, "en")).tags


def test_the_two_answers_of_both_are_compared_row_by_row() -> None:
    """One names (0, 2) and the other (0, 2) and (3, 5): F1 is 2*1/3 = .67."""
    one = Document("x", "en", "ab cd", (Entity("T1", "A", (Span(0, 2),)),))
    two = Document("x", "en", "ab cd", (Entity("T1", "A", (Span(0, 2),)), Entity("T2", "A", (Span(3, 5),))))
    both = Result(two, alternatives=(Result(one, by="first one"), Result(two, by="second one")))
    html = entities_view(both, "en")
    assert "0.67" in html
    assert re.findall(r"ty-kind-(\w+)", html) == ["second"]
    assert "only the second" in html and "first one against second one" in html


def test_what_the_text_says_of_a_mention_is_shown_in_words_too() -> None:
    document = Document("x", "en", "No fever.", (Entity("T1", "Symptom", (Span(3, 8),), attributes=("negated",)),))
    html = entities_view(Result(document), "zh")
    assert '<mark class="ty-mention ty-negated"' in html
    assert 'data-label="Symptom" data-said="否定"' in html
    assert '<span class="ty-said ty-said-negated">否定</span>' in html


def test_ungrounded_items_stand_apart_from_notes() -> None:
    html = issues((Issue("absent", "x", "Gene"), Issue("windows", "3")), "en")
    assert html.index("ty-ungrounded") < html.index("ty-notes")
    assert issues((), "en") == ""


def test_progress_says_the_queue_before_the_share_read() -> None:
    from taiyi.predictors.base import Partial

    assert "3" in progress(Partial(waiting=3, done=0.5), "en")
    assert 'value="50"' in progress(Partial(done=0.5), "en")


def test_an_event_without_trigger_and_an_argument_with_a_value_are_shown() -> None:
    document = Document("x", "zh", "无发热", events=(Event("E1", "发现", (), (Argument("状态", value="否定"),)),))
    assert "否定" in Tags(events_view(Result(document), "zh")).text
