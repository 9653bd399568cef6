"""Highlighted text: every character once, every mention named on each of its pieces, nothing executed."""

from __future__ import annotations

import colorsys
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.document import Argument, Document, Entity, Event, Label, Relation, Span
from taiyi.formats.html import DARK, LIGHT, MAX_LINES, highlight, page, stylesheet


class Markup(HTMLParser):
    """The text of the markup, the pieces of mentions as (ids, text), and the labels with the offsets they stand at."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.in_piece = False
        self.pieces: list[tuple[str, str]] = []
        self.labels: list[tuple[str, int]] = []
        self.attributes: list[dict[str, str | None]] = []
        self.tags: set[str] = set()
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.add(tag)
        self.attributes.append(values)
        if tag == "mark":
            self.in_piece = True
            self.pieces.append((values["data-ids"] or "", ""))
        if values.get("class") == "ty-tag":
            self.labels.append((values["data-label"] or "", len(self.text)))

    def handle_endtag(self, tag: str) -> None:
        self.in_piece = self.in_piece and tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.in_piece:
            ids, before = self.pieces.pop()
            self.pieces.append((ids, before + data))


def document_of(text: str, *mentions: tuple[str, int, int]) -> Document:
    """A document with entities T1, T2, ... of (label, start, end)."""
    return Document(
        "d", "zh", text, tuple(Entity(f"T{n}", la, (Span(a, b),)) for n, (la, a, b) in enumerate(mentions, 1))
    )


def test_nested_mentions_share_the_pieces_they_cover() -> None:
    """糖尿病 (2-5) and 肾 (5-6) in 2型糖尿病肾病 (0-7); their labels wait until the outer word is at its end."""
    markup = Markup(highlight(document_of("2型糖尿病肾病。", ("疾病", 0, 7), ("疾病", 2, 5), ("身体", 5, 6))))
    assert markup.text == "2型糖尿病肾病。"
    assert markup.pieces == [("T1", "2型"), ("T2 T1", "糖尿病"), ("T3 T1", "肾"), ("T1", "病")]
    assert markup.labels == [("疾病", 7), ("身体", 7), ("疾病", 7)]


def test_crossing_mentions_are_both_there_in_the_middle() -> None:
    markup = Markup(highlight(document_of("视网膜病变", ("身体", 0, 3), ("疾病", 1, 5))))
    assert markup.pieces == [("T1", "视"), ("T1 T2", "网膜"), ("T2", "病变")]
    assert markup.labels == [("身体", 3), ("疾病", 5)]


def test_repeated_mentions_each_have_their_own_piece_and_label() -> None:
    markup = Markup(highlight(document_of("头痛，头痛", ("症状", 0, 2), ("症状", 3, 5))))
    assert markup.pieces == [("T1", "头痛"), ("T2", "头痛")]
    assert markup.labels == [("症状", 2), ("症状", 5)]


def test_a_mention_keeps_its_line_through_all_of_its_pieces() -> None:
    """The inner mention is drawn next to the text (4 px above the lower of two lines), the outer below."""
    markup = Markup(
        highlight(document_of("abcd", ("Outer", 0, 4), ("Inner", 1, 2)), hue_by_label={"Outer": 10, "Inner": 99})
    )
    offsets = [
        re.findall(
            r"gradient\(hsl\((\d+) [^)]*\)\),hsl\(\d+ [^)]*\)\)\) \d+px calc\(100% - (\d+)px\)/", a["style"] or ""
        )
        for a in markup.attributes
        if a.get("class") == "ty-mention"
    ]
    assert offsets == [[("10", "0")], [("99", "4"), ("10", "0")], [("10", "0")]]


def test_a_discontinuous_mention_has_one_label_after_its_last_piece() -> None:
    document = Document("d", "en", "alpha and beta actin", (Entity("T1", "Gene", (Span(0, 5), Span(15, 20))),))
    markup = Markup(highlight(document))
    assert markup.pieces == [("T1", "alpha"), ("T1", "actin")]
    assert markup.labels == [("Gene", 20)]


def test_triggers_and_fillers_of_events_are_marked() -> None:
    event = Event("E1", "用药", (Span(0, 1),), (Argument("药物", (Span(1, 5),)), Argument("状态", value="停用")))
    markup = Markup(highlight(Document("d", "zh", "服二甲双胍", events=(event,))))
    assert markup.pieces == [("E1", "服"), ("E1-1", "二甲双胍")]
    assert markup.labels == [("用药", 1), ("药物", 5)]


def test_ids_link_to_the_labels() -> None:
    markup = Markup(highlight(document_of("头痛", ("症状", 0, 2)), ids="entities-"))
    assert "entities-T1" in [a.get("id") for a in markup.attributes]


def test_a_mention_says_its_name_once_and_its_title_on_every_piece() -> None:
    entities = (Entity("T1", "疾病", (Span(0, 4),), 0.876), Entity("T2", "身体", (Span(1, 2),)))
    marks = [a for a in Markup(highlight(Document("d", "zh", "胃肠感冒", entities))).attributes if "data-ids" in a]
    assert [a["title"] for a in marks] == [
        "疾病: 胃肠感冒 (0.88)",
        "身体: 肠\n疾病: 胃肠感冒 (0.88)",
        "疾病: 胃肠感冒 (0.88)",
    ]
    assert [a.get("aria-label") for a in marks] == ["疾病: 胃肠感冒 (0.88)", "身体: 肠", None]


def test_nothing_in_text_label_or_id_becomes_markup() -> None:
    evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;"
    entities = (Entity(evil, evil, (Span(0, len(evil)),)),)
    document = Document(evil, "en", evil, entities, (Relation("R", evil, evil, evil),), labels=(Label(evil),))
    markup = Markup(highlight(document, ids=evil))
    assert markup.text == evil
    assert markup.tags == {"div", "mark", "span"}
    assert "script" not in Markup(page(document, evil, "en")).tags


def test_as_many_types_as_one_likes_on_one_word() -> None:
    document = document_of("fever", *[(f"type {n}", 0, 5) for n in range(500)])
    markup = Markup(highlight(document))
    assert len(markup.labels) == 500
    assert (markup.attributes[1]["style"] or "").count("linear-gradient") == MAX_LINES


texts = st.text(st.characters() | st.sampled_from("\r\n\0\ud800<&\"'病\u202e𠮷"), max_size=30)


@given(texts, st.data())
def test_any_text_with_any_mentions_keeps_its_characters_and_its_mentions(text: str, data: st.DataObject) -> None:
    mentions = []
    for n in range(data.draw(st.integers(0, 6)) if text else 0):
        start = data.draw(st.integers(0, len(text) - 1))
        mentions.append((f"L{n}", start, data.draw(st.integers(start + 1, len(text)))))
    markup = Markup(highlight(document_of(text, *mentions)))
    shown = "".join("\u2400" if c == "\0" else "\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert markup.text == shown
    for n, (label, start, end) in enumerate(mentions, 1):
        pieces = [piece for ids, piece in markup.pieces if f"T{n}" in ids.split()]
        assert "".join(pieces) == shown[start:end]
        assert [at >= end for name, at in markup.labels if name == label] == [True]


def luminance(red: float, green: float, blue: float) -> float:
    """Relative luminance of sRGB values in [0, 1] (WCAG 2.2)."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    low, high = sorted((luminance(*one[:3]), luminance(*two[:3])))
    return (high + 0.05) / (low + 0.05)


def shade(hue: int, value: str) -> tuple[float, float, float]:
    saturation, lightness = (float(part.rstrip("%")) / 100 for part in value.split())
    return colorsys.hls_to_rgb(hue / 360, lightness, saturation)


def colour(value: str) -> tuple[float, ...]:
    return tuple(int(value[n : n + 2], 16) / 255 for n in (1, 3, 5))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_hue_reaches_wcag_aa(palette: dict[str, str]) -> None:
    """4.5:1 for text and labels on the tint, 3:1 for the lines on tint and page."""
    for hue in range(360):
        tint = shade(hue, palette["tint"])
        assert contrast(colour(palette["ink"]), tint) >= 4.5
        assert contrast(shade(hue, palette["label"]), tint) >= 4.5
        assert contrast(shade(hue, palette["line"]), tint) >= 3
        assert contrast(shade(hue, palette["line"]), colour(palette["page"])) >= 3


def test_dark_colours_follow_the_system_or_a_selector() -> None:
    assert "prefers-color-scheme:dark" in stylesheet()
    assert "prefers-color-scheme" not in stylesheet(".dark")
    assert ".dark{--ty-page:" in stylesheet(".dark")


PAGE_TEXT = "患者因2型糖尿病肾病入院。\r\n<b>COX-2</b> 抑制剂\u200f停用 😀 𠮷氏"
PAGE_DOCUMENT = Document(
    "病例",
    "zh",
    PAGE_TEXT,
    (
        Entity("T1", "疾病", (Span(3, 10),), 0.9),
        Entity("T2", "身体", (Span(8, 9),)),
        Entity("T3", "药物", (Span(13, 29),), 0.5),
    ),
    (Relation("R1", "禁忌", "T3", "T1", 0.25),),
    labels=(Label("住院", 0.5),),
)


@pytest.mark.browser
def test_a_browser_shows_the_page_with_the_texts_own_characters(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "case.html"
    file.write_bytes(page(PAGE_DOCUMENT, "病例 <1>", "zh").encode())
    asked: list[str] = []
    view = chromium.new_page(viewport={"width": 390, "height": 800})
    view.on("request", lambda request: asked.append(request.url))
    view.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert view.evaluate("document.querySelector('.ty-doc').textContent") == PAGE_TEXT
    assert view.title() == "病例 <1>"
    assert view.locator("mark[data-ids~=T1]").all_text_contents() == ["2型糖尿病", "肾", "病"]
    assert view.evaluate("document.documentElement.scrollWidth") <= 390
    rows = view.locator("tbody tr").all_text_contents()
    assert rows == [
        "疾病2型糖尿病肾病3100.90",
        "身体肾89",
        f"药物{PAGE_TEXT[13:29]}13290.50",
        f"{PAGE_TEXT[13:29]}禁忌2型糖尿病肾病0.25",
        "住院0.50",
    ]
    view.close()


@pytest.mark.browser
def test_copied_text_holds_no_labels(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "case.html"
    file.write_bytes(page(PAGE_DOCUMENT, "x", "en").encode())
    view = chromium.new_page()
    view.goto(file.as_uri())
    selected = view.evaluate(
        "getSelection().selectAllChildren(document.querySelector('.ty-doc')), String(getSelection())"
    )
    assert "疾病" not in selected
    assert selected.startswith("患者因2型糖尿病肾病入院。")
    view.close()
