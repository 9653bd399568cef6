"""Windows cover a text and end at sentence ends; what was found in them becomes one document again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Span
from taiyi.segment import Window, merge, sentence_ends, windows


def sentences(text: str, lang: str) -> list[str]:
    ends = sentence_ends(text, lang)
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("zh", ["患者发热。", "咳嗽；", "有痰！", "何故？", "“好。”", "他说。"]),
        ("zh", ["体温38.5℃，脉搏90次.", "继续观察.", "血压120/80mmHg"]),  # Latin stops, no spaces, a decimal
        ("zh", ["咳嗽……", "发热。\r\n", "皮疹\n", "\u3000\u3000水肿"[2:]]),
        ("en", ["Fever was seen. ", "It fell! ", "Why? ", '"No one knows." ', "(It is rare.) ", "The end."]),
        ("en", ["Dr. Moss gave E. coli strains, e.g. Nissle, at 3.5 mg (Fig. 2). ", "It worked."]),
        ("en", ["Smith et al. Reported it vs. placebo in approx. 5 mL. ", "Then no. 7 fell ill."]),
        ("en", ["First line\r\n", "second line\n\n", "Third"]),
        ("en", ["中文句子。", "Then English. ", "End"]),
        ("en", ["Aspirin etc. were given."]),
        ("en", [". ", "A"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(lang: str, expected: list[str]) -> None:
    assert sentences("".join(expected), lang) == expected


def test_a_text_that_fits_is_one_window() -> None:
    assert windows("", "en", 10, 0) == (Window(0, 0, ""),)
    assert windows("Fever.", "en", 10, 3) == (Window(0, 6, "Fever."),)


def test_windows_end_at_sentences_and_begin_with_the_sentences_that_fit_into_the_overlap() -> None:
    text = "发热三天。咳嗽。头痛。胸闷气短。"
    assert [window.text for window in windows(text, "zh", 11, 3)] == ["发热三天。咳嗽。头痛。", "头痛。胸闷气短。"]
    assert [window.text for window in windows(text, "zh", 11, 0)] == ["发热三天。咳嗽。头痛。", "胸闷气短。"]


def test_an_overlap_does_not_cut_a_sentence_that_fits_without_it() -> None:
    """With "头痛。" before it, the third sentence (10) would pass the limit of 11, so the overlap is left out."""
    text = "咳嗽发热。头痛。胸闷气短两天余了。"
    assert [window.text for window in windows(text, "zh", 11, 3)] == ["咳嗽发热。头痛。", "胸闷气短两天余了。"]


def test_a_sentence_longer_than_a_window_is_cut_at_a_clause_and_overlaps() -> None:
    text = "发热伴咳嗽三天，头痛伴呕吐两天，胸闷伴气短一天"
    parts = windows(text, "zh", 9, 3)
    assert parts[0].text == "发热伴咳嗽三天，"
    assert all(later.start <= earlier.end for earlier, later in pairwise(parts))
    assert parts[1].start == 5


def test_words_are_not_cut_where_there_is_a_space() -> None:
    parts = windows("word " * 50, "en", 23, 0)
    assert {window.text for window in parts} == {"word word word word ", "word word "}


@pytest.mark.parametrize("overlap", [-1, 10, 11])
def test_an_overlap_must_be_smaller_than_a_window(overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        windows("text", "en", 10, overlap)


@given(
    st.text("病毒。；.!? \n\r,，abA1)”\u0301😀𠮷", max_size=120),
    st.sampled_from(["zh", "en"]),
    st.integers(1, 30),
    st.data(),
)
def test_windows_of_any_text_cover_it_in_order(text: str, lang: str, max_chars: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, max_chars - 1))
    parts = windows(text, lang, max_chars, overlap)
    covered = set()
    for window in parts:
        assert window.text == text[window.start : window.end]
        assert len(window.text) <= max_chars
        covered |= set(range(window.start, window.end))
    assert all(text[n].isspace() for n in set(range(len(text))) - covered)
    for earlier, later in pairwise(parts):
        assert earlier.start < later.start
        assert earlier.end < later.end
        assert earlier.end - later.start <= overlap


def test_a_very_long_text_is_cut_completely() -> None:
    for text in ("病" * 200_000, "a" * 200_000, "发热，体温38.5℃。" * 20_000, "\n" * 200_000):
        parts = windows(text, "zh", 1000, 150)
        assert parts[0].start == 0
        assert text.isspace() or parts[-1].end == len(text)


TEXT = "甲肝病毒与乙肝病毒。丙肝病毒感染。"


def read(start: int, end: int, *mentions: str, label: str = "Microbe", **more: object) -> tuple[Window, Document]:
    """A window of TEXT in which these mentions were found, as T1, T2, ... with offsets of the window."""
    window = Window(start, end, TEXT[start:end])
    entities = tuple(
        Entity(f"T{n}", label, (Span(window.text.index(m), window.text.index(m) + len(m)),), 0.5)
        for n, m in enumerate(mentions, 1)
    )
    return window, Document("d", "zh", window.text, entities, **more)  # type: ignore[arg-type]


def found(document: Document) -> list[tuple[str, int, str]]:
    return [(e.id, e.start, document.text_of(e.spans)) for e in document.entities]


def test_offsets_are_those_of_the_whole_text_and_ids_follow_it() -> None:
    merged = merge([read(0, 10, "乙肝病毒", "甲肝病毒"), read(10, 17, "丙肝病毒")], TEXT)
    assert found(merged) == [("T1", 0, "甲肝病毒"), ("T2", 5, "乙肝病毒"), ("T3", 10, "丙肝病毒")]
    assert (merged.id, merged.lang, merged.text) == ("d", "zh", TEXT)


def test_what_an_overlap_shows_twice_is_kept_once_with_the_higher_score() -> None:
    first, (window, second) = read(0, 10, "乙肝病毒"), read(5, 17, "乙肝病毒")
    better = Document("d", "zh", second.text, (Entity("T9", "Microbe", second.entities[0].spans, 0.9),))
    merged = merge([first, (window, better)], TEXT)
    assert found(merged) == [("T1", 5, "乙肝病毒")]
    assert merged.entities[0].score == 0.9


def test_the_same_place_with_another_label_is_another_entity() -> None:
    merged = merge([read(0, 10, "乙肝病毒"), read(5, 17, "乙肝病毒", label="Disease")], TEXT)
    assert [entity.label for entity in merged.entities] == ["Disease", "Microbe"]


def test_a_mention_cut_by_a_border_gives_way_to_the_whole_one_and_relations_follow() -> None:
    """The first window ends inside 乙肝病毒 (5-9) and reads 乙肝; the second one has it whole."""
    relation = (Relation("R1", "与", "T1", "T2", 0.4),)
    merged = merge([read(0, 7, "甲肝病毒", "乙肝", relations=relation), read(5, 17, "乙肝病毒")], TEXT)
    assert found(merged) == [("T1", 0, "甲肝病毒"), ("T2", 5, "乙肝病毒")]
    assert merged.relations == (Relation("R1", "与", "T1", "T2", 0.4),)


def test_a_mention_cut_at_the_beginning_of_its_window_gives_way_too() -> None:
    merged = merge([read(0, 9, "乙肝病毒"), read(7, 17, "病毒")], TEXT)
    assert found(merged) == [("T1", 5, "乙肝病毒")]


def test_a_nested_mention_at_a_border_stays_where_the_other_window_has_it_too() -> None:
    merged = merge([read(0, 7, "乙肝"), read(5, 17, "乙肝", "乙肝病毒")], TEXT)
    assert [text for *_, text in found(merged)] == ["乙肝", "乙肝病毒"]


def test_a_mention_at_a_border_stays_where_nothing_longer_is_known() -> None:
    assert found(merge([read(0, 7, "乙肝"), read(7, 17)], TEXT)) == [("T1", 5, "乙肝")]


def test_relations_found_twice_are_kept_once() -> None:
    one = read(0, 10, "甲肝病毒", "乙肝病毒", relations=(Relation("R1", "与", "T1", "T2"),))
    two = read(0, 17, "丙肝病毒", "甲肝病毒", "乙肝病毒", relations=(Relation("R7", "与", "T2", "T3", 0.8),))
    merged = merge([one, two], TEXT)
    assert merged.relations == (Relation("R1", "与", "T1", "T2", 0.8),)
    assert merged.text_of(merged.entity("T2").spans) == "乙肝病毒"


def event(trigger: tuple[int, int], *fillers: tuple[int, int]) -> Event:
    return Event("E1", "感染", (Span(*trigger),), tuple(Argument("病原", (Span(*filler),)) for filler in fillers))


def test_an_event_gives_way_to_one_with_the_same_trigger_that_says_more() -> None:
    """感染 stands at 14-16; the second window begins at 5, so there it stands at 9-11 and 丙肝病毒 at 5-9."""
    less = read(0, 17, events=(event((14, 16)),))
    more = read(5, 17, events=(event((9, 11), (5, 9)),))
    assert merge([less, more], TEXT).events == (event((14, 16), (10, 14)),)
    assert merge([more, less], TEXT).events == (event((14, 16), (10, 14)),)


def test_two_events_of_one_window_with_the_same_trigger_both_stay() -> None:
    one, two = event((14, 16), (10, 14)), event((14, 16), (5, 9))
    merged = merge(
        [read(0, 17, events=(one, Event("E2", *[getattr(two, n) for n in ("label", "trigger", "arguments")])))], TEXT
    )
    assert [e.arguments for e in merged.events] == [one.arguments, two.arguments]
    assert [e.id for e in merged.events] == ["E1", "E2"]


def test_a_filler_cut_by_a_border_is_made_whole() -> None:
    """The first window ends inside 丙肝病毒 (10-14): its event names 丙肝, the second one's all four characters."""
    cut = read(0, 12, events=(event((0, 2), (10, 12)),))
    whole = read(0, 17, events=(event((0, 2), (10, 14)),))
    assert merge([cut, whole], TEXT).events == (event((0, 2), (10, 14)),)


def test_classes_of_any_window_are_the_texts_with_the_highest_score() -> None:
    one = read(0, 10, labels=(Label("a", 0.2), Label("b")))
    two = read(10, 17, labels=(Label("a", 0.6),))
    assert merge([one, two], TEXT).labels == (Label("a", 0.6), Label("b"))


def test_no_window_at_all_gives_a_document_of_the_text_alone() -> None:
    assert merge([], TEXT) == Document("text", "zh", TEXT)


def test_relations_without_places_are_those_of_all_windows() -> None:
    one, two = ("causes", "x", "y"), ("causes", "y", "z")
    documents = [replace(read(0, 10)[1], meta={"unplaced_relations": rows}) for rows in ((one,), (one, two))]
    windows = [read(0, 10)[0], read(0, 10)[0]]
    assert merge(list(zip(windows, documents, strict=True)), TEXT).meta == {"unplaced_relations": (one, two)}
