"""Relations: `(head, tail, type); (head, tail, type)` in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from taiyi.conversation import Conversation
from taiyi.document import Document, Entity, Relation, Span
from taiyi.errors import Issue
from taiyi.prompts import words
from taiyi.tasks.asking import ask, listed
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.brackets import Item, read_items, unglued
from taiyi.tasks.delimiters import Piece, escape, split, unescape
from taiyi.tasks.grounding import Grounding, denies, says_nothing
from taiyi.tasks.headings import label_of, unparsed
from taiyi.tasks.json_replies import json_triples
from taiyi.tasks.lark import literal, mention_terminals, one_of

MAX_RELATIONS = 100
MAX_FIELDS = 12  # of one item whose commas are not where they should be: more are not tried


class RelationTask:
    """Triples of a head, a tail and a type asked for."""

    id = "relations"

    def prompt(self, request: Request) -> Conversation:
        """The text and the relation types."""
        return ask(self.id, request, text=request.text, labels=listed(request.labels, request.lang))

    def render(self, gold: Document, request: Request) -> str:
        """The triples in the order of the text, none twice, then those whose names do not stand in it (gold of CMeIE
        has some, as `unplaced_relations` of its meta); or the word for none."""

        def place(relation: Relation) -> tuple[int, int, int]:
            head, tail = gold.entity(relation.head), gold.entity(relation.tail)
            return head.start, tail.start, request.labels.index(relation.label)

        triples = dict.fromkeys(
            (gold.text_of(gold.entity(r.head).spans).strip(), gold.text_of(gold.entity(r.tail).spans).strip(), r.label)
            for r in sorted((r for r in gold.relations if r.label in request.labels), key=place)
        )
        for label, written_head, written_tail in gold.meta.get("unplaced_relations", ()):
            if label in request.labels:
                triples.setdefault((written_head, written_tail, label))
        written = [f"({', '.join(map(escape, triple))})" for triple in triples]
        return "; ".join(written[:MAX_RELATIONS]) or words(self.id, request.lang)["nothing"]

    def parse(self, reply: str, request: Request) -> Parsed:
        """The relations of a reply. Of several places of a head and a tail those count that are nearest to each other;
        the entities are the places that relations name, without a label. Triples with a name that does not stand in the
        text become issues; as they are written they stand in the document's meta as `unplaced_relations`."""
        reading = _Reading(reply, request)
        if triples := json_triples(reply):
            for fields in triples:
                start, end = min(piece.start for piece in fields), max(piece.end for piece in fields)
                reading.note(fields, Item(Piece("", start, end), Piece("", start, start), start, end))
            return reading.parsed()
        items, left = read_items(reply)
        for item in items:
            reading.read(item)
        for piece in left:
            if not (says_nothing(piece, self.id) or denies(piece) or piece.text.endswith((":", "："))):
                reading.issues.append(unparsed(piece))
        return reading.parsed()

    def grammar(self, request: Request) -> str:
        """At most MAX_RELATIONS triples, heads and tails parts of the text; or the word for none."""
        return "\n".join(
            [
                f"start: TRIPLES | {literal(words(self.id, request.lang)['nothing'])}",
                f'TRIPLES: TRIPLE ("; " TRIPLE){{0,{MAX_RELATIONS - 1}}}',
                'TRIPLE: "(" MENTION ", " MENTION ", " TYPE ")"',
                f"TYPE: {one_of(request.labels)}",
                mention_terminals(request.text, request.borders),
            ]
        )


class _Reading:
    """One reply while it is read."""

    def __init__(self, reply: str, request: Request) -> None:
        self.request = request
        self.grounding = Grounding(request, reply)
        self.issues: list[Issue] = []
        self.found: dict[tuple[Span, Span, str], Span] = {}  # head, tail, type -> place in the reply
        self.match_by_span: dict[Span, str] = {}
        self.unplaced: dict[tuple[str, str, str], None] = {}  # label, head, tail of those not in the text

    def read(self, item: Item) -> None:
        """Note the relation of an item, or of each where several are glued together."""
        fields = self._fields(item.body)
        if fields is not None:
            self.note(fields, item)
            return
        bodies = unglued(item.body)
        for body in bodies if len(bodies) > 1 else ():
            fields = self._fields(body)
            if fields is None:
                self.issues.append(unparsed(body))
            else:
                self.note(fields, replace(item, start=body.start, end=body.end))
        if len(bodies) == 1:
            self.issues.append(unparsed(item.body))

    def _fields(self, body: Piece) -> tuple[Piece, ...] | None:
        """Head, tail and, where there is one, type."""
        fields = split(body, ",")
        if len(fields) == 3 and label_of(unescape(fields[2].text), self.request.labels) is not None:
            return tuple(fields)
        if len(fields) == 3 and label_of(unescape(fields[1].text), self.request.labels) is not None:
            return fields[0], fields[2], fields[1]  # subject, predicate, object: the order of most knowledge graphs
        loose = self._loose_fields(body)
        if loose is not None or not 2 <= len(fields) <= 3:
            return loose
        return (
            tuple(fields)
            if len(fields) == 3 or label_of(unescape(fields[1].text), self.request.labels) is None
            else None
        )

    def _loose_fields(self, body: Piece) -> tuple[Piece, ...] | None:
        """Fields whose commas are without space or within names: the cuts after which both names stand in the text and
        the last field is a type asked for, or, where only one type is, is not there."""
        commas = [at for at, char in enumerate(body.text) if char in ",，、|" and body.text[at - 1 : at] != "\\"]
        cuts: list[tuple[int, int | None]] = list(combinations(commas[:MAX_FIELDS], 2))
        if len(self.request.labels) == 1:
            cuts += [(at, None) for at in commas[:MAX_FIELDS]]
        for first, second in cuts:
            ends = body.part(0, first), body.part(first + 1, len(body.text) if second is None else second)
            kind = () if second is None else (body.part(second + 1, len(body.text)),)
            known = all(label_of(unescape(piece.text), self.request.labels) is not None for piece in kind)
            if known and all(map(self.grounding.stands, ends)):
                return (*ends, *kind)
        return None

    def note(self, fields: tuple[Piece, ...], item: Item) -> None:
        """Note the relation of these fields of an item."""
        label = self._label(fields, item)
        if label is None:
            return
        head, head_issues = self.grounding.mention(fields[0], label)
        tail, tail_issues = self.grounding.mention(fields[1], label)
        self.issues += head_issues + tail_issues
        if head is None or tail is None:
            self.unplaced.setdefault((label, unescape(fields[0].text), unescape(fields[1].text)))
        else:
            nearest = nearest_pair(head.spans, tail.spans)
            self.match_by_span.update(zip(nearest, (head.match, tail.match), strict=True))
            self.found.setdefault((*nearest, label), Span(item.start, item.end))

    def _label(self, fields: tuple[Piece, ...], item: Item) -> str | None:
        """The type of an item; of a pair, the type in the words before it or the only one asked for."""
        labels = self.request.labels
        if len(fields) == 2:
            announced = label_of(unescape(item.before.text.strip(" ;；:：")), labels)
            if announced is None and len(labels) > 1:
                self.issues.append(unparsed(item.body))
            return announced or (labels[0] if len(labels) == 1 else None)
        written = unescape(fields[2].text)
        label = label_of(written, labels)
        if label != written:
            self.issues.append(Issue("label", written, label))
        return label

    def parsed(self) -> Parsed:
        """What was noted, as a document."""
        spans = sorted({span for head, tail, _ in self.found for span in (head, tail)})
        id_by_span = {span: f"T{n}" for n, span in enumerate(spans, start=1)}
        entities = tuple(Entity(id_by_span[span], "", (span,), match=self.match_by_span[span]) for span in spans)
        rows = sorted(self.found.items(), key=lambda row: (row[0][0], row[0][1], self.request.labels.index(row[0][2])))
        relations = tuple(
            Relation(f"R{n}", label, id_by_span[head], id_by_span[tail])
            for n, ((head, tail, label), _) in enumerate(rows, start=1)
        )
        request = self.request
        meta = {"unplaced_relations": tuple(self.unplaced)} if self.unplaced else {}
        document = Document(request.document_id, request.text_lang, request.text, entities, relations, meta=meta)
        places = {relation.id: place for relation, (_, place) in zip(relations, rows, strict=True)}
        return Parsed(document, tuple(dict.fromkeys(self.issues)), places)


def nearest_pair(heads: Sequence[Span], tails: Sequence[Span]) -> tuple[Span, Span]:
    """The place of a head and the place of a tail with the fewest characters between them, the first such pair."""
    return min(((head, tail) for head in heads for tail in tails), key=lambda pair: (gap(*pair), pair))


def gap(one: Span, other: Span) -> int:
    """Code points between two places; 0 where they touch or overlap."""
    return max(0, other.start - one.end, one.start - other.end)
