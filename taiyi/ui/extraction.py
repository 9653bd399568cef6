"""What was extracted, as HTML: the highlighted text, tables of items, triples with their sentences, and a graph."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from taiyi.agreement import Comparison
from taiyi.document import Document, Entity, Event, Span
from taiyi.formats.html import highlight
from taiyi.formats.words import words
from taiyi.labels import hue_of
from taiyi.predictors.base import Result
from taiyi.segment import sentence_ends
from taiyi.ui.locale import t
from taiyi.ui.second_opinion import opinion
from taiyi.ui.show import LANGUAGE_TAGS, chip, escaped, issues, nothing, score_cell, table

FAR_APART_CHARS = {"en": 300, "zh": 100}  # between a head and a tail: such a pair should be looked at
MAX_GRAPH_NODES = 30


def entities_view(result: Result, lang: str) -> str:
    """The text with its mentions marked, what is not in the text, and the table; of two answers, where they differ."""
    document = result.document
    parts = [highlight(document, lang=lang) if document.text else "", issues(result.issues, lang)]
    parts.append(entity_table(document, lang) if document.entities else nothing(lang))
    return "".join([*parts, _compared(result, lang)])


def _compared(result: Result, lang: str) -> str:
    """Of two answers, how they agree."""
    found = result.agreement()
    if found is None:
        return ""
    first, second = result.alternatives
    return opinion(Comparison(first.by, second.by, found), lang)


def entity_table(document: Document, lang: str) -> str:
    """Type and what the text says of the mention, the mention and whether it is verbatim, place, score."""
    return table(
        t("table.entities", lang),
        [t(f"column.{name}", lang) for name in ("type", "text", "start", "end", "score")],
        [
            (
                f"{chip(e.label)} {_said(e, lang)}",
                _mention(document, e, lang),
                str(e.start),
                str(e.end),
                score_cell(e.score),
            )
            for e in document.entities
        ],
    )


def _mention(document: Document, entity: Entity, lang: str) -> str:
    text = quoted(document, entity.spans)
    if entity.match == "verbatim":
        return text
    return f'{text} <span class="ty-state">{escaped(t(f"state.{entity.match}", lang))}</span>'


def _said(entity: Entity, lang: str) -> str:
    shown = words("attribute", lang)
    return " ".join(
        f'<span class="ty-said ty-said-{escaped(name)}">{escaped(shown.get(name, name))}</span>'
        for name in entity.attributes
    )


def quoted(document: Document, spans: tuple[Span, ...]) -> str:
    """The characters under spans, in the language of the text."""
    tag = LANGUAGE_TAGS.get(document.lang, "en")
    return f'<bdi lang="{tag}">{escaped(document.text_of(spans))}</bdi>'


def relations_view(result: Result, lang: str) -> str:
    """Triples with the sentence each comes from, and a graph of them."""
    document = result.document
    if not document.relations:
        return issues(result.issues, lang) + nothing(lang)
    ends = sentence_ends(document.text, document.lang)
    rows, sentences = [], []
    for relation in document.relations:
        head, tail = document.entity(relation.head), document.entity(relation.tail)
        rows.append(
            (
                quoted(document, head.spans),
                chip(relation.label),
                quoted(document, tail.spans),
                score_cell(relation.score),
            )
        )
        sentences.append(_evidence(document, head, tail, ends, lang))
    columns = [t(f"column.{name}", lang) for name in ("head", "relation", "tail", "score")]
    triples = table(t("table.relations", lang), columns, rows, below=sentences)
    return issues(result.issues, lang) + triples + graph(document, lang)


def _evidence(document: Document, head: Entity, tail: Entity, ends: Sequence[int], lang: str) -> str:
    """The sentence, or the sentences from the one end to the other, with both ends marked."""
    start, end = min(head.start, tail.start), max(head.end, tail.end)
    first = bisect_right(ends, start)
    left = ends[first - 1] if first else 0
    right = next(place for place in ends if place >= end)
    text = document.text[left:right]
    marks = tuple(
        Entity(name, "", tuple(Span(s.start - left, s.end - left) for s in entity.spans))
        for name, entity in (("head", head), ("tail", tail))
    )
    shown = _underlined(text, marks)
    gap = max(0, max(head.start, tail.start) - min(head.end, tail.end))
    far = gap > FAR_APART_CHARS.get(document.lang, 300)
    warning = f' <span class="ty-state">{escaped(t("state.far", lang))}</span>' if far else ""
    tag = LANGUAGE_TAGS.get(document.lang, "en")
    return f'<span class="ty-evidence" lang="{tag}" dir="auto">{shown}</span>{warning}'


def _underlined(text: str, marks: Sequence[Entity]) -> str:
    """The text with the characters of `marks` emphasised; where two overlap, their union."""
    inside = bytearray(len(text))
    for mark in marks:
        for span in mark.spans:
            inside[span.start : span.end] = b"\1" * (span.end - span.start)
    parts, at = [], 0
    while at < len(text):
        end = inside.find(1 - inside[at], at)
        end = len(text) if end < 0 else end
        piece = escaped(text[at:end])
        parts.append(f"<b>{piece}</b>" if inside[at] else piece)
        at = end
    return "".join(parts).strip()


def graph(document: Document, lang: str) -> str:
    """Heads and tails on a circle with an arrow for each relation; what it shows stands in the table, too."""
    texts = dict.fromkeys(
        document.text_of(document.entity(name).spans) for r in document.relations for name in (r.head, r.tail)
    )
    if len(texts) > MAX_GRAPH_NODES:
        return f'<p class="ty-note">{escaped(t("graph.too_many", lang, limit=MAX_GRAPH_NODES))}</p>'
    # An ellipse: names are wide. Two of them stand side by side.
    across, down = 160 + 12 * len(texts), 70 + 12 * len(texts) if len(texts) > 2 else 12
    width, height = 2 * across + 160, 2 * down + 60
    place_by_text = {}
    for n, text in enumerate(texts):
        angle = 2 * math.pi * n / len(texts) - math.pi * (0.5 if len(texts) > 2 else 1)
        place_by_text[text] = (width / 2 + across * math.cos(angle), height / 2 + down * math.sin(angle))
    edges = dict.fromkeys(
        (document.text_of(document.entity(r.head).spans), document.text_of(document.entity(r.tail).spans), r.label)
        for r in document.relations
    )
    lines = "".join(_edge(place_by_text[head], place_by_text[tail], label) for head, tail, label in edges)
    nodes = "".join(_node(place, text) for text, place in place_by_text.items())
    title = escaped(t("graph.title", lang))
    return (
        f'<figure class="ty-graph"><svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{title}">'
        '<defs><marker id="ty-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{lines}{nodes}</svg><figcaption>{title}</figcaption></figure>"
    )


def _edge(head: tuple[float, float], tail: tuple[float, float], label: str) -> str:
    """An arrow that stops short of the tail's box, with the label in its middle."""
    (x1, y1), (x2, y2) = head, tail
    length = math.hypot(x2 - x1, y2 - y1)
    if not length:  # a relation of a name with itself
        return f'<text class="ty-edge-label" x="{x1:.1f}" y="{y1 - 24:.1f}">↻ {escaped(_short(label))}</text>'
    # The boxes are 28 high and up to 150 wide: leave where the line crosses the border of such a box.
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    margin = min(80 / abs(dx) if dx else math.inf, 17 / abs(dy) if dy else math.inf, length / 2 - 8)
    start, end = (x1 + dx * margin, y1 + dy * margin), (x2 - dx * margin, y2 - dy * margin)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - 5)
    return (
        f'<line class="ty-edge" style="--ty-hue:{hue_of(label)}" x1="{start[0]:.1f}" y1="{start[1]:.1f}" '
        f'x2="{end[0]:.1f}" y2="{end[1]:.1f}" marker-end="url(#ty-arrow)"/>'
        f'<text class="ty-edge-label" x="{middle[0]:.1f}" y="{middle[1]:.1f}">{escaped(_short(label))}</text>'
    )


def _node(place: tuple[float, float], text: str) -> str:
    x, y = place
    return (
        f'<g class="ty-node"><rect x="{x - 75:.1f}" y="{y - 14:.1f}" width="150" height="28" rx="14"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}">{escaped(_short(text))}</text><title>{escaped(text)}</title></g>'
    )


def _short(text: str) -> str:
    """At most some 18 columns, a Han or full-width character counting as two."""
    columns = 0
    for n, char in enumerate(text):
        columns += 2 if ord(char) > 0x2E7F else 1
        if columns > 18 and n + 1 < len(text):
            return text[:n] + "…"
    return text


def events_view(result: Result, lang: str) -> str:
    """The text with triggers and fillers marked, and a table of the events."""
    document = result.document
    if not document.events:
        return issues(result.issues, lang) + nothing(lang)
    columns = [t(f"column.{name}", lang) for name in ("type", "trigger", "arguments", "score")]
    rows = [
        (chip(event.label), quoted(document, event.trigger), _arguments(document, event), score_cell(event.score))
        for event in document.events
    ]
    marked = highlight(replace(document, entities=(), relations=()))
    return marked + issues(result.issues, lang) + table(t("table.events", lang), columns, rows)


def _arguments(document: Document, event: Event) -> str:
    fillers = (
        f"<dt>{escaped(a.role)}</dt><dd>{escaped(a.value) if a.value is not None else quoted(document, a.spans)}</dd>"
        for a in event.arguments
    )
    return f'<dl class="ty-roles">{"".join(fillers)}</dl>'


def labels_view(result: Result, lang: str, shown_by_name: dict[str, str] | None = None) -> str:
    """The classes with their scores; `shown_by_name` adds words to a name, as an option's text to its letter."""
    document = result.document
    parts = []
    if document.labels:
        rows = [
            f"<li>{chip(label.name)}"
            f"<span>{escaped((shown_by_name or {}).get(label.name, ''))}</span>{score_cell(label.score)}</li>"
            for label in document.labels
        ]
        parts.append(f'<ul class="ty-classes">{"".join(rows)}</ul>')
    else:
        parts.append(nothing(lang))
    return "".join([*parts, _compared(result, lang), issues(result.issues, lang)])
