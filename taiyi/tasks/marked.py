"""Entities as marks in a copy of the text: `Take{ aspirin|Chemical} for{ severe{ headache|Disease}|Disease}.`

The second form of an entity reply, beside the list of `taiyi.tasks.entity`. A model that was trained on it decides,
word by word, where a mention begins, where it ends and which type it has; all else is copied. So every mention has its
place, and a small model need not hold in mind what it has listed already. GPT-NER (Wang et al. 2023, arXiv:2304.10428)
marks one type at a time in this way.

A mark opens before the blank that precedes a mention, so that the copy has the tokens of the text. Mentions may nest,
`MAX_DEPTH` deep; of two that cross the later one is left out, and so are mentions of several pieces and those that go
on over the end of a sentence: a mark that is not closed by then lapses. A mark may also have a type that was not asked
for, and is left out then: a model that knows what a name is should not have to call it something else. Braces and bars
of the text itself are shown to the model as parentheses and strokes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taiyi.align import is_border
from taiyi.document import Document, Entity, Span
from taiyi.errors import Issue
from taiyi.prompts import asks_for_marks
from taiyi.tasks.base import Borders, Parsed, Request
from taiyi.tasks.delimiters import Piece
from taiyi.tasks.grounding import Grounding
from taiyi.tasks.lark import EDGE, literal

OPEN, BEFORE_LABEL, CLOSE = "{", "|", "}"
MAX_DEPTH = 2
_SENTENCE_END = re.compile(r"(?<!\b[A-Z])[.!?](?=\s+[^\sa-z])|[。！？\n]")
_OTHER = r"\|[^{}|\n]{1,32}\}"  # a type that was not asked for
_SHOWN = str.maketrans(OPEN + BEFORE_LABEL + CLOSE, "(/)")


def wants_marks(request: Request) -> bool:
    """Whether the request's template asks for the text with marks."""
    return asks_for_marks(request.task, request.lang, request.template)


def shown(text: str) -> str:
    """The text as a marked reply copies it: of the same length, without the characters that marks are made of."""
    return text.translate(_SHOWN)


def unit_ends(text: str, borders: Borders = "words") -> list[int]:
    """Where the units of a text end: the smallest pieces between which a mark may stand. A word has the blanks before
    it, so none ends behind a blank."""
    places = range(1, len(text))
    inner = [at for at in places if text[at - 1] != " " and (borders == "any" or is_border(text, at))]
    return [*inner, len(text)] if text else []


def render(gold: Document, request: Request) -> str:
    """The text with its mentions of the types asked for in marks."""
    ends = [0, *unit_ends(gold.text, request.borders)]
    opened: dict[int, list[Entity]] = {}
    for entity in _nesting(gold, request, frozenset(ends)):
        opened.setdefault(_mark_before(gold.text, entity.start), []).append(entity)
    text, pieces, stack = shown(gold.text), [], list[Entity]()
    for begin, end in zip(ends, [*ends[1:], None], strict=True):
        while stack and stack[-1].end == begin:
            pieces.append(_closing(stack.pop().label))
        for entity in opened.get(begin, ()):
            pieces.append(OPEN)
            stack.append(entity)
        pieces.append(text[begin:end] if end is not None else "")
    return "".join(pieces)


def _closing(label: str) -> str:
    return BEFORE_LABEL + shown(label) + CLOSE


def _mark_before(text: str, start: int) -> int:
    return len(text[:start].rstrip(" "))


def _nesting(gold: Document, request: Request, places: frozenset[int]) -> list[Entity]:
    """The mentions that marks can show, outer ones before inner ones."""
    text, order = gold.text, {label: n for n, label in enumerate(request.labels)}
    found = {
        (entity.start, -entity.end, order[entity.label]): entity
        for entity in gold.entities
        if entity.label in order and len(entity.spans) == 1
        if entity.end in places and _mark_before(text, entity.start) in places
        if _may_begin(text[entity.start :], request.borders) and _may_end(text[: entity.end], request.borders)
        if not _SENTENCE_END.search(text, entity.start, entity.end)
    }
    kept: list[Entity] = []
    for _, entity in sorted(found.items()):
        around = [other for other in kept if other.end > entity.start]
        if len(around) < MAX_DEPTH and all(entity.end <= other.end for other in around):
            kept.append(entity)
    return kept


def _may_begin(text: str, borders: Borders) -> bool:
    """Whether a mention may begin with what begins this text, as white space and the marks of `EDGE` may not."""
    first = text.lstrip(" ")[:1]
    return bool(first) and not first.isspace() and (borders == "any" or first not in EDGE)


def _may_end(text: str, borders: Borders) -> bool:
    return bool(text) and not text[-1].isspace() and (borders == "any" or text[-1] not in EDGE)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark that was read: its label, its place in the copy, and its place in the reply."""

    label: str
    copied: Span
    written: Span


def _read(reply: str) -> tuple[str, list[_Mark]]:
    """The copy without marks, and the marks that were closed, in the order of their ends."""
    copy: list[str] = []
    marks: list[_Mark] = []
    stack: list[tuple[int, int]] = []
    at = 0
    while at < len(reply):
        close = reply.find(CLOSE, at) if reply[at] == BEFORE_LABEL and stack else -1
        if reply[at] == OPEN:
            stack.append((len(copy), at))
        elif close >= 0:
            begin, opened = stack.pop()
            marks.append(_Mark(reply[at + 1 : close].strip(), Span(begin, len(copy)), Span(opened, close + 1)))
            at = close
        else:
            copy.append(reply[at])
        at += 1
    return "".join(copy), marks


def parse(reply: str, request: Request) -> Parsed:
    """The entities of a reply. Where it copies the text, or its beginning, each stands where it is marked; where it
    does not, as a model without the grammar may write, each name is looked for in the text."""
    copy, marks = _read(reply)
    known = {shown(label).casefold(): label for label in request.labels}
    issues: list[Issue] = []
    asked = [mark for mark in marks if mark.label.casefold() in known]
    if shown(request.text).startswith(copy.rstrip()):
        placed = [(known[mark.label.casefold()], _trimmed(copy, mark.copied), "verbatim", mark) for mark in asked]
    else:
        placed = []
        grounding = Grounding(request, reply)
        for label in request.labels:
            own = [mark for mark in asked if known[mark.label.casefold()] == label]
            placed += _looked_for(grounding, label, own, copy, issues)
    return _parsed(request, placed, issues)


_Placed = tuple[str, Span, str, _Mark]


def _trimmed(copy: str, span: Span) -> Span:
    written = copy[span.start : span.end]
    start = span.start + len(written) - len(written.lstrip())
    return Span(start, start + len(written.strip()))


def _looked_for(
    grounding: Grounding, label: str, marks: Sequence[_Mark], copy: str, issues: list[Issue]
) -> Iterator[_Placed]:
    for mark in marks:
        name = copy[mark.copied.start : mark.copied.end].strip()
        start = grounding.reply.find(name, mark.written.start)
        mentions, problems = grounding.mentions([Piece(name, start, start + len(name))], label)
        issues += problems
        for mention in mentions:
            for span in mention.spans:
                yield label, span, mention.match, mark


def _parsed(request: Request, placed: Sequence[_Placed], issues: Sequence[Issue]) -> Parsed:
    order = {label: n for n, label in enumerate(request.labels)}
    found = {(span, label): (match, mark) for label, span, match, mark in placed if span.start < span.end}
    rows = sorted(found.items(), key=lambda row: (row[0][0], order[row[0][1]]))
    entities = tuple(
        Entity(f"T{n}", label, (span,), match=match) for n, ((span, label), (match, _)) in enumerate(rows, start=1)
    )
    spans = {entity.id: mark.written for entity, (_, (_, mark)) in zip(entities, rows, strict=True)}
    document = Document(request.document_id, request.text_lang, request.text, entities)
    return Parsed(document, tuple(dict.fromkeys(issues)), spans)


def grammar(request: Request) -> str:
    """The text, in order and whole, with marks of the types asked for, or of any other, between its units.

    `outside_i`, `inside_i` and `deep_i` go on from the i-th unit in no mark, in one and in two. No mention begins or
    ends with white space or a mark of `EDGE`, and all marks that are open at the end of a sentence lapse.
    """
    text, ends = shown(request.text), unit_ends(request.text, request.borders)
    starts = [0, *ends][: len(ends)]
    units = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    may_close = [False, *(_may_end(unit, request.borders) for unit in units)]
    full_stops = {match.start() for match in _SENTENCE_END.finditer(text)}
    goes_on = [not full_stops.intersection(range(start, end)) for start, end in zip(starts, ends, strict=True)]
    labels = " | ".join(literal(_closing(label)) for label in request.labels)
    rules = ["start: outside_0", f"close: {labels} | OTHER", f"OTHER: /{_OTHER}/"]
    for at, unit in enumerate(units):
        copied, mark = literal(unit), literal(OPEN)
        opens = goes_on[at] and _may_begin(unit, request.borders)
        deeper = f"{mark} {copied} deep_{at + 1}" if opens else ""
        marks = [f"{mark} {copied} inside_{at + 1}", f"{mark} {deeper}"] if opens else []
        rules.append(_rule(f"outside_{at}", f"{copied} outside_{at + 1}", *marks))
        inner, deepest = ("inside", "deep") if goes_on[at] else ("outside", "outside")
        if at:
            inside, deep = _closings(at, may_close[at])
            rules.append(_rule(f"inside_{at}", f"{copied} {inner}_{at + 1}", deeper, inside))
            rules.append(_rule(f"deep_{at}", f"{copied} {deepest}_{at + 1}", deep))
    last = len(units)
    if last:
        inside, deep = _closings(last, may_close[last])
        rules += [_rule(f"inside_{last}", '""', inside), _rule(f"deep_{last}", '""', deep)]
    return "\n".join([*rules, f'outside_{last}: ""'])


def _closings(at: int, may_close: bool) -> tuple[str, str]:
    """What closes a mark before a unit, in one mark and in two."""
    return (f"close outside_{at}", f"close inside_{at}") if may_close else ("", "")


def _rule(name: str, *ways: str) -> str:
    return f"{name}: " + " | ".join(way for way in ways if way)
