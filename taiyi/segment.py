"""Long texts in windows: cut at sentence ends with some overlap, and the windows' documents made one again."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from taiyi.document import Document, Entity, Event, Label, Relation, Span
from taiyi.language import detect_language, is_cjk

_CLOSING = r"[”’」』）】》\"')\]]*"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_SPACED_END = rf"[.!?]+{_CLOSING}(?=\s|$)"
_CHINESE_END = rf"[。！？；…]+{_CLOSING}"
# Chinese notes are often typed with Latin stops and no space after them; a decimal point has no Han character before.
_LATIN_STOP_AFTER_HAN = rf"(?<=[{_HAN}])[.!?;]+{_CLOSING}"
_END_BY_LANGUAGE = {
    "en": re.compile(rf"(?:{_CHINESE_END}|{_SPACED_END}|(?=[\r\n]))\s*"),
    "zh": re.compile(rf"(?:{_CHINESE_END}|{_LATIN_STOP_AFTER_HAN}|{_SPACED_END}|(?=[\r\n]))\s*"),
}
_ABBREVIATION = re.compile(
    r"(?:^|[^A-Za-z])(?:[A-Za-z]|e\.g|i\.e|al|approx|ca|cf|dr|eq|etc|figs?|inc|mr|mrs|ms|no|nos|prof|ref|refs|resp|sp|spp"
    r"|ssp|st|subsp|tab|var|vol|vs)\.$",
    re.IGNORECASE,
)
_CLAUSE_MARKS = frozenset("，,、；;：: \t\u3000")
_CLAUSE_CUT_SHARE = 0.25  # of a window: how far back from its limit a clause's end is looked for


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of a text: `text` is the whole text's `[start:end]`."""

    start: int
    end: int
    text: str


def sentence_ends(text: str, lang: str) -> list[int]:
    """The offsets just after each sentence and the white space that follows it; the last one is len(text).

    A sentence ends at `。！？；…`, at a line's end, and at `.!?` before white space unless the stop belongs to an
    abbreviation or an initial or a small letter follows; in Chinese (`lang` "zh") also at `.!?;` right after a Han
    character. A missed end costs little, a wrong one cuts a mention: in doubt there is none.
    """
    ends = [match.end() for match in _END_BY_LANGUAGE[lang].finditer(text) if match.group() and _is_end(text, match)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]


def _is_end(text: str, match: re.Match[str]) -> bool:
    at_line_end = "\n" in match.group() or "\r" in match.group()
    after_han = match.start() > 0 and is_cjk(text[match.start() - 1])
    if match.group().rstrip() != "." or at_line_end or after_han:
        return True
    if text[match.end() : match.end() + 1].islower():
        return False
    return not _ABBREVIATION.search(text, max(0, match.start() - 10), match.start() + 1)


def windows(text: str, lang: str, max_chars: int, overlap_chars: int) -> tuple[Window, ...]:
    """Windows of at most `max_chars` that cover the text (blank ones are left out), at least one.

    Each ends at a sentence's end, and begins with as many of the last sentences before it as fit into
    `overlap_chars`. A sentence longer than a window is cut at a clause's end or between words where there is one near
    the limit, and its pieces overlap by up to `overlap_chars` characters.
    Raises ValueError unless 0 <= overlap_chars < max_chars.
    """
    if not 0 <= overlap_chars < max_chars:
        raise ValueError(f"The overlap ({overlap_chars}) must be at least 0 and smaller than a window ({max_chars}).")
    if len(text) <= max_chars:
        return (Window(0, len(text), text),)
    ends = sentence_ends(text, lang)
    found: list[Window] = []
    clause_chars = int(max_chars * _CLAUSE_CUT_SHARE)
    start = end = 0
    while end < len(text):
        limit = start + max_chars
        sentence_end = ends[bisect_right(ends, limit) - 1] if ends[0] <= limit else 0
        end = sentence_end if sentence_end > end else _clause_end(text, max(end, limit - clause_chars), limit)
        found.append(Window(start, end, text[start:end]))
        start = _next_start(text, ends, found[-1], max_chars, overlap_chars)
    return tuple(window for window in found if not window.text.isspace()) or (found[0],)


def _next_start(text: str, ends: list[int], window: Window, max_chars: int, overlap_chars: int) -> int:
    """Where the window after `window` begins: with its overlap, and so that the next sentence fits where it can."""
    end = window.end
    lowest = max(end - overlap_chars, window.start + 1)
    following = bisect_right(ends, end)
    if following < len(ends) and ends[following] - end <= max_chars:
        lowest = max(lowest, ends[following] - max_chars)
    start = ends[bisect_left(ends, lowest)]
    if start <= end:
        return start
    return next((at for at in range(lowest, end) if _is_between_words(text, at) and not text[at].isspace()), lowest)


def _clause_end(text: str, lowest: int, limit: int) -> int:
    """The best place to cut in (lowest, limit]: after a clause mark or space, else between words, else at the limit."""
    cuts = range(limit, lowest, -1)
    after_mark = next((at for at in cuts if text[at - 1] in _CLAUSE_MARKS), None)
    return after_mark or next((at for at in cuts if _is_between_words(text, at)), limit)


def _is_between_words(text: str, at: int) -> bool:
    if at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after):
        return False
    return not (before.isalnum() and after.isalnum()) or is_cjk(before) or is_cjk(after)


def merge(documents: Sequence[tuple[Window, Document]], whole_text: str) -> Document:
    """One document of `whole_text` from those of its windows: offsets moved, what overlaps found twice kept once.

    Of two findings of one thing the higher score is kept. A mention that ends at the border where its window was cut
    is dropped where another window has it whole; relations then name the whole one. An event is dropped where another
    window has it with the same trigger and these arguments or more. Ids are given anew, in text order (T1, R1, E1).
    Classes of the whole text are those of any window. Answers and sections are not joined: they are the caller's.
    """
    placed = [
        _Placed(window, n, replace(e, spans=_moved(e.spans, window.start)))
        for n, (window, document) in enumerate(documents)
        for e in document.entities
    ]
    kept_by_source = {(item.source, item.entity.id): _whole(item, placed, len(whole_text)) for item in placed}
    best: dict[_Key, Entity] = {}
    for entity in kept_by_source.values():
        best[_key(entity)] = _higher(best.get(_key(entity)), entity)
    ordered = sorted(best, key=lambda key: (key[0][0].start, key[0][-1].end, key[1], key))
    id_by_key = {key: f"T{n}" for n, key in enumerate(ordered, 1)}
    id_by_source = {source: id_by_key[_key(entity)] for source, entity in kept_by_source.items()}
    first = documents[0][1] if documents else Document("text", detect_language(whole_text), "")
    return Document(
        id=first.id,
        lang=first.lang,
        text=whole_text,
        entities=tuple(replace(best[key], id=id_by_key[key]) for key in ordered),
        relations=_merged_relations(documents, id_by_source),
        events=_merged_events(documents, len(whole_text)),
        labels=_merged_labels(documents),
        meta=_merged_meta(documents, first),
    )


_Key = tuple[tuple[Span, ...], str]
_Scored = TypeVar("_Scored", Entity, Relation, Label)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An entity with offsets of the whole text, and the window (number `source`) that it was found in."""

    window: Window
    source: int
    entity: Entity

    def crosses(self, other: _Placed, n_chars: int) -> bool:
        """Whether this mention holds the other one and goes on where the other one's window was cut."""
        mine, its = self.entity, other.entity
        if not (mine.start <= its.start and its.end <= mine.end):
            return False
        over_end = its.end == other.window.end < n_chars and mine.end > its.end
        over_start = its.start == other.window.start > 0 and mine.start < its.start
        return over_end or over_start


def _moved(spans: tuple[Span, ...], by: int) -> tuple[Span, ...]:
    return tuple(Span(span.start + by, span.end + by) for span in spans)


def _key(entity: Entity) -> _Key:
    return entity.spans, entity.label


def _higher(one: _Scored | None, two: _Scored) -> _Scored:
    """The item with the higher score; the earlier one where they are equal or have none."""
    if one is None:
        return two
    return two if (two.score or 0.0) > (one.score or 0.0) else one


def _whole(item: _Placed, placed: Iterable[_Placed], n_chars: int) -> Entity:
    """The mention that `item` is a fragment of, or its own entity where it is none.

    A mention at a border is no fragment where the window that has the longer one has this one too: it is nested then.
    """
    entity = item.entity
    if not (entity.end == item.window.end < n_chars or entity.start == item.window.start > 0):
        return entity
    longer = [other for other in placed if other.source != item.source and other.crosses(item, n_chars)]
    sources = {other.source for other in longer}
    if not longer or any(other.source in sources and _key(other.entity) == _key(entity) for other in placed):
        return entity
    return max(
        longer, key=lambda other: (other.entity.label == entity.label, other.entity.end - other.entity.start)
    ).entity


def _merged_relations(
    documents: Sequence[tuple[Window, Document]], id_by_source: dict[tuple[int, str], str]
) -> tuple[Relation, ...]:
    best: dict[tuple[str, str, str], Relation] = {}
    for n, (_, document) in enumerate(documents):
        for relation in document.relations:
            head, tail = id_by_source[n, relation.head], id_by_source[n, relation.tail]
            if head == tail and relation.head != relation.tail:
                continue  # two pieces of what another window has as one mention
            key = (relation.label, head, tail)
            best[key] = _higher(best.get(key), replace(relation, head=head, tail=tail))
    return tuple(replace(relation, id=f"R{n}") for n, relation in enumerate(best.values(), 1))


def _merged_events(documents: Sequence[tuple[Window, Document]], n_chars: int) -> tuple[Event, ...]:
    events_by_trigger: dict[_Key, list[tuple[int, Event]]] = {}
    for n, event in _whole_events(documents, n_chars):
        events_by_trigger.setdefault((event.trigger, event.label), []).append((n, event))
    kept = [
        event
        for group in events_by_trigger.values()
        for at, (n, event) in enumerate(group)
        if not any(n != m and _repeats(event, other, at > before) for before, (m, other) in enumerate(group))
    ]
    kept.sort(key=lambda event: (event.trigger, event.label))
    return tuple(replace(event, id=f"E{n}") for n, event in enumerate(kept, 1))


def _repeats(event: Event, other: Event, is_later: bool) -> bool:
    """Whether `other` says all that `event` says, and more, or the same and earlier."""
    mine, its = set(event.arguments), set(other.arguments)
    return mine < its or (mine == its and is_later)


def _whole_events(documents: Sequence[tuple[Window, Document]], n_chars: int) -> Iterator[tuple[int, Event]]:
    """Each window's events with offsets of the whole text, cut triggers and fillers made whole."""

    def placed(window: Window, source: int, item: str, label: str, spans: tuple[Span, ...]) -> list[_Placed]:
        return [_Placed(window, source, Entity(item, label, _moved(spans, window.start)))] if spans else []

    triggers: list[_Placed] = []
    fillers: list[_Placed] = []
    for n, (window, document) in enumerate(documents):
        for event in document.events:
            triggers += placed(window, n, event.id, event.label, event.trigger)
            for k, argument in enumerate(event.arguments):
                fillers += placed(window, n, f"{event.id}/{k}", argument.role, argument.spans)
    spans_by_source = {
        (item.source, item.entity.id): _whole(item, group, n_chars).spans
        for group in (triggers, fillers)
        for item in group
    }
    for n, (_, document) in enumerate(documents):
        for event in document.events:
            yield (
                n,
                replace(
                    event,
                    trigger=spans_by_source.get((n, event.id), ()),
                    arguments=tuple(
                        replace(argument, spans=spans_by_source.get((n, f"{event.id}/{k}"), ()))
                        for k, argument in enumerate(event.arguments)
                    ),
                ),
            )


def _merged_meta(documents: Sequence[tuple[Window, Document]], first: Document) -> Mapping[str, Any]:
    """That of the first, with the relations of all windows whose names don't stand in the text."""
    unplaced = dict.fromkeys(row for _, document in documents for row in document.meta.get("unplaced_relations", ()))
    return {**first.meta, "unplaced_relations": tuple(unplaced)} if unplaced else first.meta


def _merged_labels(documents: Sequence[tuple[Window, Document]]) -> tuple[Label, ...]:
    best: dict[str, Label] = {}
    for _, document in documents:
        for label in document.labels:
            best[label.name] = _higher(best.get(label.name), label)
    return tuple(best.values())
