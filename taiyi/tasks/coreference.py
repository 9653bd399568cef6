"""Coreference, a line a chain: the mentions of one thing in the order of the text: `oestrogen receptor; ER; it`.

In a document each mention of a chain but the first is the head of a relation `coreference` to the one before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from taiyi.conversation import Conversation
from taiyi.document import Document, Entity, Relation, Span
from taiyi.errors import Issue
from taiyi.prompts import words
from taiyi.tasks.asking import ask
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.delimiters import BETWEEN, Piece, escape, lines, split
from taiyi.tasks.grounding import Grounding, Mention, denies, says_nothing
from taiyi.tasks.headings import behind_bullet, unparsed
from taiyi.tasks.json_replies import json_lists
from taiyi.tasks.lark import literal, mention_terminals

COREFERENCE = "coreference"  # the label of the relations that make a chain
MAX_CHAINS = 50
MAX_MENTIONS = 100  # of one chain
_WRAPPED = re.compile(  # `Chain 1: ...`, `链1：...`, `[...]`
    r"(?:[^\s:：;；]{1,20}(?:\s*\d{1,3})?[:：]\s*)?(?:[(（\[【](?P<inside>.*)[)）\]】][.。]?|(?P<behind>.*))"
)

Placed = tuple[Span, Mention]


class CoreferenceTask:
    """Which mentions of a text are of the same thing."""

    id = "coreference"

    def prompt(self, request: Request) -> Conversation:
        """The text."""
        return ask(self.id, request, text=request.text)

    def render(self, gold: Document, request: Request) -> str:
        """The chains in the order of their first mentions; or the word for none."""
        written = (
            BETWEEN[request.lang].join(escape(gold.text_of(entity.spans).strip()) for entity in chain[:MAX_MENTIONS])
            for chain in chains(gold)
        )
        return "\n".join(list(dict.fromkeys(written))[:MAX_CHAINS]) or words(self.id, request.lang)["nothing"]

    def parse(self, reply: str, request: Request) -> Parsed:
        """The chains of a reply. Of several places of its names those count that follow each other in the order of
        the reply, and of these the ones that are closest together. Two names or more make a chain."""
        grounding = Grounding(replace(request, occurrences="all"), reply)
        issues: list[Issue] = []
        found: dict[tuple[Span, ...], list[Placed]] = {}
        for line, pieces in _read(reply, grounding):
            if says_nothing(line, self.id) or denies(line) or line.text.endswith((":", "：")):
                continue
            mentions, problems = grounding.mentions(pieces[:MAX_MENTIONS], "")
            issues += problems
            chain = _placed(mentions)
            if len(chain) > 1:
                found.setdefault(tuple(span for span, _ in chain), chain)
            elif not problems:
                issues.append(unparsed(line))
        return _parsed([found[spans] for spans in sorted(found)], issues, request)

    def grammar(self, request: Request) -> str:
        """At most MAX_CHAINS lines, each of two to MAX_MENTIONS parts of the text; or the word for none."""
        between = literal(BETWEEN[request.lang])
        return "\n".join(
            [
                f"start: CHAINS | {literal(words(self.id, request.lang)['nothing'])}",
                f'CHAINS: CHAIN ("\\n" CHAIN){{0,{MAX_CHAINS - 1}}}',
                f"CHAIN: MENTION ({between} MENTION){{1,{MAX_MENTIONS - 1}}}",
                mention_terminals(request.text, request.borders),
            ]
        )


def chains(document: Document) -> tuple[tuple[Entity, ...], ...]:
    """The mentions that relations `coreference` connect, each chain and all of them in the order of the text."""
    ids_by_id: dict[str, set[str]] = {}
    for relation in document.relations:
        if relation.label == COREFERENCE:
            joined = {relation.head, relation.tail}
            joined |= ids_by_id.get(relation.head, set()) | ids_by_id.get(relation.tail, set())
            ids_by_id |= dict.fromkeys(joined, joined)
    places = {entity.id: (entity.spans, entity.id) for entity in document.entities}
    found = {tuple(sorted(ids, key=places.__getitem__)) for ids in ids_by_id.values()}
    ordered = sorted(found, key=lambda ids: [places[id] for id in ids])
    return tuple(tuple(map(document.entity, ids)) for ids in ordered)


def chained(chain: Sequence[str], number: int) -> tuple[Relation, ...]:
    """The relations that make a chain of the mentions of these ids, numbered from `number`."""
    pairs = zip(chain[1:], chain, strict=False)
    return tuple(Relation(f"R{n}", COREFERENCE, *pair) for n, pair in enumerate(pairs, start=number))


def _read(reply: str, grounding: Grounding) -> Iterator[tuple[Piece, list[Piece]]]:
    """What each chain of a reply is written as, and its names."""
    listed = json_lists(reply)
    for names in listed:
        written = "; ".join(name.text for name in names)
        yield Piece(written, min(name.start for name in names), max(name.end for name in names)), names
    for line in [] if listed else lines(reply):
        yield line, _names(behind_bullet(line), grounding)


def _names(body: Piece, grounding: Grounding) -> list[Piece]:
    """The names of a line; where it does not begin with one, those behind its heading or within its brackets."""
    names = split(body, ";")
    wrapped = _WRAPPED.fullmatch(body.text)
    if names and wrapped and not grounding.stands(names[0]):
        inner = "inside" if wrapped["inside"] is not None else "behind"
        names = split(body.part(*wrapped.span(inner)), ";")
    return names


def _placed(mentions: Sequence[Mention]) -> list[Placed]:
    """A place for each mention, none twice: in the order of the reply if the text has them so, and as close together as
    it has them. A mention that is named more often than it stands is left out."""
    if not mentions:
        return []

    def spread(way: Sequence[Placed]) -> tuple[int, int, int]:
        n_back = sum(later < earlier for (earlier, _), (later, _) in pairwise(way))
        return -len(way), n_back, max(span.end for span, _ in way) - min(span.start for span, _ in way)

    best = min((_following(start, mentions) for start in mentions[0].spans), key=spread)
    return sorted(best, key=lambda placed: placed[0])


def _following(start: Span, mentions: Sequence[Mention]) -> list[Placed]:
    """Each mention at its first place after the one before it; where there is none, at its first place at all."""
    way = [(start, mentions[0])]
    taken = {start}
    for mention in mentions[1:]:
        at = bisect_right(mention.spans, way[-1][0])
        span = mention.spans[at] if at < len(mention.spans) else mention.spans[0]
        if span not in taken:
            taken.add(span)
            way.append((span, mention))
    return way


def _parsed(found: Sequence[Sequence[Placed]], issues: Sequence[Issue], request: Request) -> Parsed:
    """The chains as entities without a label and relations. A place that two chains name is a mention of each."""
    rows = sorted(
        ((span, n, mention) for n, chain in enumerate(found) for span, mention in chain), key=lambda row: row[:2]
    )
    id_by_row = {(span, n): f"T{number}" for number, (span, n, _) in enumerate(rows, start=1)}
    entities = tuple(Entity(id_by_row[span, n], "", (span,), match=mention.match) for span, n, mention in rows)
    places = {id_by_row[span, n]: Span(mention.piece.start, mention.piece.end) for span, n, mention in rows}
    relations: list[Relation] = []
    for n, chain in enumerate(found):
        relations += chained([id_by_row[span, n] for span, _ in chain], len(relations) + 1)
    for relation in relations:
        ends = places[relation.head], places[relation.tail]
        places[relation.id] = Span(min(end.start for end in ends), max(end.end for end in ends))
    document = Document(request.document_id, request.text_lang, request.text, entities, tuple(relations))
    return Parsed(document, tuple(dict.fromkeys(issues)), places)
