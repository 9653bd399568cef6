"""Entities: `Chemical: aspirin; ibuprofen`, a line a type in the order asked for; or, where the template asks for it,
the text with its mentions marked (`taiyi.tasks.marked`)."""

from __future__ import annotations

from taiyi.conversation import Conversation
from taiyi.document import Document, Entity, Span
from taiyi.errors import Issue
from taiyi.tasks import marked
from taiyi.tasks.asking import ask, listed
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.delimiters import BETWEEN, Piece, escape, head, lines, split, split_at
from taiyi.tasks.grounding import Grounding, Mention, denies, says_nothing
from taiyi.tasks.headings import Block, behind_bullet, read_blocks
from taiyi.tasks.json_replies import json_blocks
from taiyi.tasks.lark import literal, mention_terminals

MAX_MENTIONS = 100  # of one type in one reply: what bounds a list that would go on for ever
MANY_LABELS = 20  # with more types than this a reply leaves out the types without mentions


class EntityTask:
    """Mentions of the types asked for."""

    id = "entities"

    def prompt(self, request: Request) -> Conversation:
        """The text and the types, in a template of the prompt's language."""
        text = marked.shown(request.text) if marked.wants_marks(request) else request.text
        return ask(self.id, request, labels=listed(request.labels, request.lang), text=text)

    def render(self, gold: Document, request: Request) -> str:
        """A line a type; mentions in the order of the text, none twice within a type, without white space at
        their ends (corpora have some). A lone mention that reads as the word for none (`无` is annotated as a sign) is
        written twice, which `parse` takes for the mention."""
        if marked.wants_marks(request):
            return marked.render(gold, request)
        lines = []
        for label in request.labels:
            own = sorted((entity for entity in gold.entities if entity.label == label), key=lambda e: (e.start, e.end))
            names = list(dict.fromkeys(gold.text_of(entity.spans).strip() for entity in own))
            if len(names) == 1 and says_nothing(Piece(names[0], 0, len(names[0])), self.id):
                names *= 2
            if names or len(request.labels) <= MANY_LABELS:
                written = BETWEEN[request.lang].join(map(escape, names[:MAX_MENTIONS]))
                lines.append(head(label, request.lang, bool(written)) + written)
        return "\n".join(lines)

    def parse(self, reply: str, request: Request) -> Parsed:
        """The entities of a reply. A name that was written twice within a type counts once, except where the places
        are wanted as generated."""
        if marked.wants_marks(request):
            return marked.parse(reply, request)
        grounding = Grounding(request, reply)
        blocks, issues = _read(reply, request, grounding)
        found: dict[tuple[Span, str], tuple[Mention, Span]] = {}
        for label in dict.fromkeys(block.label for block in blocks):
            pieces = [
                piece
                for block in blocks
                if block.label == label
                if not says_nothing(block.body, self.id)
                for piece in split(block.body, ";")
            ]
            mentions, problems = grounding.mentions(pieces, label)
            issues += problems
            for mention in mentions:
                for span in mention.spans:
                    found.setdefault((span, label), (mention, Span(mention.piece.start, mention.piece.end)))
        return _parsed(found, issues, request)

    def grammar(self, request: Request) -> str:
        """A line a type, in the order asked for, each with at most MAX_MENTIONS parts of the text.

        That a list names nothing twice is not expressible without one state per set of names: the engine sees to it
        (`SamplingParams.distinct_items`), the bound ends the list in any case, and `parse` drops repeats.
        The list is one terminal, since llguidance's lexer is greedy and a name may hold the beginning of what parts it
        from the next.
        """
        if marked.wants_marks(request):
            return marked.grammar(request)
        lang = request.lang
        every_type = len(request.labels) <= MANY_LABELS
        lines = [
            f"line_{n}: {literal(head(label, lang, True))} NAMES"
            + (f" | {literal(head(label, lang, False))}" if every_type else "")
            for n, label in enumerate(request.labels)
        ]
        names = f"NAMES: MENTION ({literal(BETWEEN[lang])} MENTION){{0,{MAX_MENTIONS - 1}}}"
        order = ' "\\n" '.join(f"line_{n}" for n in range(len(lines)))
        start = f"start: {order}" if every_type else _some_of(len(lines))
        return "\n".join([start, *lines, names, mention_terminals(request.text, request.borders)])


def _read(reply: str, request: Request, grounding: Grounding) -> tuple[list[Block], list[Issue]]:
    """The blocks of a reply in JSON or in headed lines. Where one type is asked for, lines without a heading are lists
    of it, if some of what they name stands in the text."""
    read = json_blocks(reply, request.labels)
    if read is not None:
        return read
    blocks, issues = read_blocks(reply, request.labels)
    if not blocks and len(request.labels) == 1:
        bodies = (_unheaded(line, grounding) for line in lines(reply))
        listed = [Block(request.labels[0], body) for body in bodies if grounding.lists(body)]
        if listed:
            return listed, []
    return blocks, issues if blocks else [issue for issue in issues if not _is_none(issue.detail)]


def _unheaded(line: Piece, grounding: Grounding) -> Piece:
    """A line without its bullet and the words that announce a list (`The drugs are: a, b`)."""
    body = behind_bullet(line)
    *_, last = split_at(body, ":(?=\\s)|：") or [body]
    return last if grounding.lists(last) else body


def _is_none(written: str) -> bool:
    piece = Piece(written, 0, len(written))
    return says_nothing(piece, "entities") or denies(piece)


def _some_of(n: int) -> str:
    """Rules for any of the lines 0 to n - 1, in order, with a line end between two."""
    rules = ["start: from_0?"]
    for i in range(n):
        later = [] if i + 1 == n else [f'line_{i} "\\n" from_{i + 1}', f"from_{i + 1}"]
        rules.append(f"from_{i}: " + " | ".join([f"line_{i}", *later]))
    return "\n".join(rules)


def _parsed(found: dict[tuple[Span, str], tuple[Mention, Span]], issues: list[Issue], request: Request) -> Parsed:
    order = {label: n for n, label in enumerate(request.labels)}
    rows = sorted(found.items(), key=lambda row: (row[0][0], order[row[0][1]]))
    entities = tuple(
        Entity(f"T{n}", label, (span,), match=mention.match)
        for n, ((span, label), (mention, _)) in enumerate(rows, start=1)
    )
    reply_spans = {entity.id: row[1][1] for entity, row in zip(entities, rows, strict=True)}
    document = Document(request.document_id, request.text_lang, request.text, entities)
    return Parsed(document, tuple(dict.fromkeys(issues)), reply_spans)
