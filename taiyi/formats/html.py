"""HTML: a text with its mentions marked, nested, crossing and repeated ones too.

HTML elements nest and mentions don't, so the text is cut at every border of a mention into segments. A segment is one
element that names all its mentions and draws a line for each under the text; every mention keeps its line through all
of its segments. Labels stand after the mention's end, those of nested mentions after the end of the outermost, so that
no word is torn apart. They are generated content of the style sheet: the characters of the markup are those of the
text, and what is selected, copied or searched is the text alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from taiyi.document import Document, Span
from taiyi.formats.words import words
from taiyi.labels import hue_of

MAX_LINES = 8  # drawn under one text; a segment's title names all its mentions
LINE_PX = 4  # one line with the gap above it
GAP_PX = 2  # before a mention's line, so that two side by side are seen as two
LANGUAGE_TAGS = {"zh": "zh-Hans", "en": "en"}

# Saturation and lightness by use; with these every hue reaches WCAG AA: 4.5:1 for text, 3:1 for lines.
LIGHT = {"page": "#ffffff", "ink": "#1b1f24", "tint": "70% 93%", "line": "60% 33%", "label": "65% 24%"}
DARK = {"page": "#16191d", "ink": "#e8eaed", "tint": "35% 20%", "line": "60% 70%", "label": "60% 80%"}

_RULES = """
.ty-doc{color:var(--ty-ink);white-space:pre-wrap;overflow-wrap:anywhere;
line-height:calc(1.75em + var(--ty-lines,1)*4px)}
.ty-mention{color:inherit;padding:1px 0 calc(var(--ty-lines,1)*4px);box-decoration-break:clone;
-webkit-box-decoration-break:clone;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.ty-tag{margin:0 .3em 0 .2em;padding:0 .35em;border-radius:.6em;font-size:.72em;font-weight:600;white-space:nowrap;
color:hsl(var(--ty-hue) var(--ty-label));background:hsl(var(--ty-hue) var(--ty-tint));user-select:none;
-webkit-user-select:none;scroll-margin:4em}
.ty-tag::after{content:attr(data-label)}
.ty-negated{text-decoration:line-through;text-decoration-thickness:1px}
.ty-uncertain{outline:1px dashed hsl(var(--ty-hue) var(--ty-line));outline-offset:-1px}
.ty-tag[data-said]::after{content:attr(data-label) " · " attr(data-said)}
.ty-mention:target,.ty-tag:target{outline:2px solid hsl(var(--ty-hue) var(--ty-line))}
"""
_PAGE_RULES = """
body{margin:2rem auto;max-width:60rem;padding:0 1rem;background:var(--ty-page);color:var(--ty-ink);
font:16px/1.6 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
h1{font-size:1.5rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin-top:2rem}
ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.6rem}li .ty-tag{font-size:.85em}
.ty-scroll{overflow-x:auto}table{border-collapse:collapse}
th,td{text-align:start;padding:.25rem .8rem .25rem 0;border-bottom:1px solid;vertical-align:top}
"""


@dataclass(frozen=True, slots=True)
class _Mention:
    """Something marked: `id` names it on the page, `place` is one span of it, `is_last` says whether its label
    follows here (of a discontinuous mention, after the last piece); `said` are the words for its `attributes`."""

    id: str
    label: str
    place: Span
    is_last: bool
    title: str
    attributes: tuple[str, ...] = ()
    said: str = ""


def stylesheet(dark: str | None = None) -> str:
    """The rules for `highlight`. Dark colours apply inside the selector `dark`, or as the system says if None."""
    rules = f":root{{{_variables(LIGHT)}}}"
    if dark is None:
        rules += f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
    else:
        rules += f"{dark}{{{_variables(DARK)}}}"
    return rules + _RULES


def _variables(palette: Mapping[str, str]) -> str:
    return ";".join(f"--ty-{name}:{value}" for name, value in palette.items())


def highlight(
    document: Document,
    *,
    hue_by_label: Mapping[str, int] | None = None,
    ids: str | None = None,
    lang: str | None = None,
) -> str:
    """The text as safe HTML with entities, triggers and fillers of roles marked; needs `stylesheet`.

    A negated mention is struck through, an uncertain one has a dashed border, and the label says so in `lang` (default:
    the document's own).
    A label without a hue in `hue_by_label` gets the one it has everywhere (`labels.hue_of`). With `ids`, each mention's
    label element has the id `<ids><mention's id>`, to link to; the mentions' ids stand in `data-ids` of every segment.
    Every character of the text becomes one character of the page; NUL and lone surrogates, which HTML cannot hold, are
    shown as U+2400 and U+FFFD.
    """
    mentions = list(_mentions(document, words("attribute", lang or document.lang)))
    hue = {m.label: (hue_by_label or {}).get(m.label, hue_of(m.label)) for m in mentions}
    segments = list(_segments(mentions, len(document.text)))
    lines, n_lines = _lines(mentions, segments)
    labelled_at = _label_places(mentions, segments)
    parts = []
    for place, inside in segments:
        text = _escaped(document.text[place.start : place.end])
        if inside:
            parts.append(_segment(text, place, [mentions[n] for n in inside], [lines[n] for n in inside], n_lines, hue))
        else:
            parts.append(text)
        parts += [_tag(mentions[n], hue[mentions[n].label], ids) for n in labelled_at.get(place.end, ())]
    lang = LANGUAGE_TAGS.get(document.lang, "en")
    return f'<div class="ty-doc" lang="{lang}" dir="auto" style="--ty-lines:{n_lines}">{"".join(parts)}</div>'


def _escaped(text: str) -> str:
    """Text for markup; a carriage return is written as a reference, as parsers turn the character into a newline."""
    whole = text.replace("\0", "\u2400").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return escape(whole).replace("\r", "&#13;")


def _mentions(document: Document, words_by_attribute: Mapping[str, str]) -> Iterator[_Mention]:
    """All that is to be marked, shortest first (see `_lines`), a place with the same label once."""
    rows: list[tuple[str, str, tuple[Span, ...], float | None, tuple[str, ...]]] = [
        (entity.id, entity.label, entity.spans, entity.score, entity.attributes) for entity in document.entities
    ]
    for event in document.events:
        rows.append((event.id, event.label, event.trigger, event.score, ()))
        rows += [(f"{event.id}-{n}", a.role, a.spans, None, ()) for n, a in enumerate(event.arguments, 1)]
    seen: set[tuple[str, tuple[Span, ...]]] = set()
    found = []
    for name, label, spans, score, attributes in rows:
        if (label, spans) in seen:
            continue
        seen.add((label, spans))
        said = ", ".join(words_by_attribute.get(attribute, attribute) for attribute in attributes)
        title = f"{label}: {document.text_of(spans)}" + (f" ({score:.2f})" if score is not None else "")
        title += f", {said}" if said else ""
        found += [_Mention(name, label, span, span == spans[-1], title, attributes, said) for span in spans]
    return iter(sorted(found, key=lambda m: (m.place.end - m.place.start, m.place.start, m.label)))


def _segments(mentions: list[_Mention], n_chars: int) -> Iterator[tuple[Span, list[int]]]:
    """The text's pieces between borders, each with the numbers of the mentions that cover it."""
    starting: dict[int, list[int]] = {}
    for n, mention in enumerate(mentions):
        starting.setdefault(mention.place.start, []).append(n)
    borders = sorted({0, n_chars} | starting.keys() | {m.place.end for m in mentions})
    inside: list[int] = []
    for start, end in pairwise(borders):
        inside = [n for n in inside if mentions[n].place.end > start] + starting.get(start, [])
        yield Span(start, end), sorted(inside)


def _lines(mentions: list[_Mention], segments: list[tuple[Span, list[int]]]) -> tuple[list[int], int]:
    """The line of each mention, 0 nearest to the text, and how many lines are drawn.

    In the order given (shortest first) each takes the first line that is free in all of its segments, so an inner
    mention's line lies between the text and the line of the one around it.
    """
    segments_by_mention: dict[int, list[int]] = {}
    for at, (_, inside) in enumerate(segments):
        for n in inside:
            segments_by_mention.setdefault(n, []).append(at)
    taken: list[set[int]] = [set() for _ in segments]
    lines = []
    for n in range(len(mentions)):
        own = segments_by_mention[n]
        used = set().union(*(taken[at] for at in own))
        line = next(candidate for candidate in range(len(used) + 1) if candidate not in used)
        for at in own:
            taken[at].add(line)
        lines.append(line)
    return lines, min(MAX_LINES, max(lines, default=0) + 1)


def _label_places(mentions: list[_Mention], segments: list[tuple[Span, list[int]]]) -> dict[int, list[int]]:
    """The mentions whose labels stand at an offset: where the outermost mention that holds them ends; inner first."""
    places: dict[int, list[int]] = {}
    for segment, inside in segments:
        outermost_end = max((mentions[n].place.end for n in inside), default=0)
        for n in inside:
            if mentions[n].place.start == segment.start and mentions[n].is_last:
                places.setdefault(outermost_end, []).append(n)
    return {end: sorted(names, key=lambda n: (mentions[n].place.end, n)) for end, names in places.items()}


def _segment(
    text: str, place: Span, inside: list[_Mention], lines: list[int], n_lines: int, hue: Mapping[str, int]
) -> str:
    """One segment's element. Where mentions begin it is a named group, so that a screen reader says them once."""
    background = []
    for mention, line in zip(inside, lines, strict=True):
        if line < n_lines:
            color = f"hsl({hue[mention.label]} var(--ty-line))"
            gap = GAP_PX if mention.place.start == place.start else 0
            up = (n_lines - 1 - line) * LINE_PX
            background.append(
                f"linear-gradient({color},{color}) {gap}px calc(100% - {up}px)/calc(100% - {gap}px) 3px no-repeat"
            )
    innermost = hue[inside[0].label]
    background.append(f"hsl({innermost} var(--ty-tint))")
    starting = [mention.title for mention in inside if mention.place.start == place.start]
    named = f' role="group" aria-label="{_escaped("; ".join(starting))}"' if starting else ""
    title = _escaped("\n".join(mention.title for mention in inside))
    names = _escaped(" ".join(mention.id for mention in inside))
    style = f"--ty-hue:{innermost};background:{','.join(background)}"
    kinds = " ".join(["ty-mention", *(f"ty-{attribute}" for attribute in inside[0].attributes)])
    return f'<mark class="{_escaped(kinds)}" data-ids="{names}" title="{title}"{named} style="{style}">{text}</mark>'


def _tag(mention: _Mention, hue: int, ids: str | None) -> str:
    name = f' id="{_escaped(ids + mention.id)}"' if ids is not None else ""
    label = _escaped(mention.label)
    said = f' data-said="{_escaped(mention.said)}"' if mention.said else ""
    return f'<span class="ty-tag"{name} data-label="{label}"{said} aria-hidden="true" style="--ty-hue:{hue}"></span>'


def write(document: Document) -> bytes:
    """The page of a document in its own language, titled with its id."""
    return page(document, document.id, document.lang).encode("utf-8", errors="replace")


def page(document: Document, title: str, lang: str, *, hue_by_label: Mapping[str, int] | None = None) -> str:
    """A self-contained page, its words in `lang`: the types with their counts, the marked text, and what was found as
    tables. It loads nothing, runs nothing, and a policy forbids both."""
    shown = words("page", lang)
    body = [f"<h1>{_escaped(title)}</h1>", f"<p>{_escaped(shown['notice'])}</p>"]
    counts = Counter(entity.label for entity in document.entities) + Counter(e.label for e in document.events)
    if counts:
        body += [f"<h2>{shown['legend']}</h2>", _legend(counts, hue_by_label or {})]
    body += [f"<h2>{shown['text']}</h2>", highlight(document, hue_by_label=hue_by_label, ids="", lang=lang)]
    for heading, columns, rows in _tables(document, words("attribute", lang)):
        if rows:
            body += [f"<h2>{shown[heading]}</h2>", _table([shown[column] for column in columns], rows)]
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE_TAGS.get(lang, "en")}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="light dark"><title>{_escaped(title)}</title><style>{stylesheet()}{_PAGE_RULES}</style></head>\n'
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _legend(counts: Mapping[str, int], hue_by_label: Mapping[str, int]) -> str:
    items = [
        f'<li><span class="ty-tag" style="--ty-hue:{hue_by_label.get(label, hue_of(label))}" '
        f'data-label="{_escaped(label)}" role="img" aria-label="{_escaped(label)}"></span>{n}</li>'
        for label, n in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    ]
    return f"<ul>{''.join(items)}</ul>"


def _tables(
    document: Document, words_by_attribute: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, ...], list[tuple[object, ...]]]]:
    """Heading, columns and rows of each table."""
    text_of = document.text_of
    spans_by_id = {entity.id: entity.spans for entity in document.entities}
    yield (
        "entities",
        ("type", "mention", "attributes", "start", "end", "score"),
        [
            (
                e.label,
                text_of(e.spans),
                ", ".join(words_by_attribute.get(a, a) for a in e.attributes),
                e.start,
                e.end,
                _score(e.score),
            )
            for e in document.entities
        ],
    )
    yield (
        "relations",
        ("head", "type", "tail", "score"),
        [
            (text_of(spans_by_id[r.head]), r.label, text_of(spans_by_id[r.tail]), _score(r.score))
            for r in document.relations
        ],
    )
    yield (
        "events",
        ("type", "trigger", "arguments", "score"),
        [
            (
                event.label,
                text_of(event.trigger),
                "; ".join(f"{a.role}: {a.value or text_of(a.spans)}" for a in event.arguments),
                _score(event.score),
            )
            for event in document.events
        ],
    )
    yield "classes", ("type", "score"), [(label.name, _score(label.score)) for label in document.labels]


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f'<th scope="col">{_escaped(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{_escaped(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="ty-scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
