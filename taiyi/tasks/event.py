"""Events: `Type: (Trigger: x, Role: y, Role: z)`, a line an event; in Chinese `类型：(触发词：甲，角色：乙)`.

A role may take one of a list of values instead of a part of the text: those that the data name (`values`), and those
that are asked for as `Polarity=negated|uncertain`. An event need not have a trigger (CHIP-CDEE's have none).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from taiyi.conversation import Conversation
from taiyi.document import Argument, Document, Event, Span
from taiyi.errors import Issue
from taiyi.language import LANGUAGES
from taiyi.prompts import words
from taiyi.tasks.asking import ask, listed
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.brackets import Item, read_items
from taiyi.tasks.delimiters import Piece, escape, head, split, unescape
from taiyi.tasks.grounding import Grounding, Mention, says_nothing
from taiyi.tasks.headings import folded, label_of, unparsed
from taiyi.tasks.lark import literal, mention_terminals
from taiyi.tasks.relation import gap

MAX_EVENTS = 50
MAX_PARTS = 12  # of one event
_BETWEEN_PARTS = {"en": ", ", "zh": "，"}


@dataclass(frozen=True, slots=True)
class Role:
    """A role as asked for, with the values it takes where it takes no part of the text."""

    name: str
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, written: str) -> Role:
        """The role of `Name` or `Name=value|value`."""
        name, _, listed_values = written.partition("=")
        values = tuple(value.strip() for value in listed_values.split("|") if value.strip())
        return cls(name.strip(), values or _known_values().get(name.strip(), ()))

    def shown(self, lang: str) -> str:
        """The role as a prompt lists it."""
        return escape(self.name) + (f" ({listed(self.values, lang)})" if self.values else "")


def roles_of(request: Request) -> tuple[Role, ...]:
    """The roles asked for, the trigger not among them."""
    return tuple(role for role in map(Role.of, request.roles) if role.name and not _is_trigger(role.name))


@cache
def _known_values() -> dict[str, tuple[str, ...]]:
    return {role: tuple(values) for lang in LANGUAGES for role, values in words("events", lang)["values"].items()}


def _is_trigger(name: str) -> bool:
    return any(folded(name) == folded(words("events", lang)["trigger"]) for lang in LANGUAGES)


def _also_trigger(name: str) -> bool:
    return any(name in words("events", lang)["trigger_also"] for lang in LANGUAGES)


class EventTask:
    """Events of the types asked for, with trigger and arguments."""

    id = "events"

    def prompt(self, request: Request) -> Conversation:
        """The text, the event types and the roles."""
        roles = _BETWEEN_PARTS[request.lang].join(role.shown(request.lang) for role in roles_of(request))
        return ask(
            self.id,
            request,
            text=request.text,
            labels=listed(request.labels, request.lang),
            roles=roles or words(self.id, request.lang)["trigger"],
        )

    def render(self, gold: Document, request: Request) -> str:
        """A line an event in the order of the text, its roles in the order asked for; or the word for none."""
        order = {role.name: n for n, role in enumerate(roles_of(request))}
        rows: dict[str, int] = {}
        for event in gold.events:
            parts = [(words(self.id, request.lang)["trigger"], gold.text_of(event.trigger))] if event.trigger else []
            arguments = [argument for argument in event.arguments if argument.role in order]
            arguments.sort(key=lambda a: (order[a.role], a.spans[0] if a.spans else Span(0, 0)))
            parts += [(a.role, a.value if a.value is not None else gold.text_of(a.spans)) for a in arguments]
            if event.label in request.labels and parts:
                spans = [*event.trigger, *(span for a in arguments for span in a.spans)]
                rows.setdefault(self._line(event.label, parts, request.lang), min(spans, default=Span(0, 0)).start)
        lines = sorted(rows, key=lambda line: rows[line])
        return "\n".join(lines[:MAX_EVENTS]) or words(self.id, request.lang)["nothing"]

    def _line(self, label: str, parts: Sequence[tuple[str, str]], lang: str) -> str:
        written = (head(role, lang) + escape(filler.strip()) for role, filler in list(parts)[:MAX_PARTS])
        return f"{head(label, lang)}({_BETWEEN_PARTS[lang].join(written)})"

    def parse(self, reply: str, request: Request) -> Parsed:
        """The events of a reply. Of several places of a trigger or a filler those count that are nearest to the rest.

        An event whose trigger is not in the text is left out; a filler that is not there leaves the event without it.
        """
        reading = _Reading(reply, request)
        items, left = read_items(reply)
        for item in items:
            reading.read(item)
        for piece in left:
            if not reading.read_bare(piece) and not says_nothing(piece, self.id):
                reading.issues.append(unparsed(piece))
        return reading.parsed()

    def grammar(self, request: Request) -> str:
        """At most MAX_EVENTS lines, each with at most MAX_PARTS parts; or the word for none."""
        lang = request.lang
        trigger = words(self.id, lang)["trigger"]
        parts = [f"{literal(head(trigger, lang))} MENTION"]
        for role in roles_of(request):
            fillers = " | ".join(literal(escape(value)) for value in role.values)
            parts.append(f"{literal(head(role.name, lang))} " + (f"({fillers})" if fillers else "MENTION"))
        between = literal(_BETWEEN_PARTS[lang])
        return "\n".join(
            [
                f"start: EVENTS | {literal(words(self.id, lang)['nothing'])}",
                f'EVENTS: EVENT ("\\n" EVENT){{0,{MAX_EVENTS - 1}}}',
                f'EVENT: TYPE "(" PART ({between} PART){{0,{MAX_PARTS - 1}}} ")"',
                "TYPE: " + " | ".join(literal(head(label, lang)) for label in request.labels),
                "PART: " + " | ".join(parts),
                mention_terminals(request.text, request.borders),
            ]
        )


_HEAD = re.compile(r"(?P<name>(?:\\.|[^:：\\])+?)\s*(?:：|:(?!\S)|:)\s*")


class _Reading:
    """One reply while it is read."""

    def __init__(self, reply: str, request: Request) -> None:
        self.request = request
        self.roles = roles_of(request)
        self.grounding = Grounding(request, reply)
        self.issues: list[Issue] = []
        self.found: list[tuple[Event, Span]] = []

    def read(self, item: Item) -> None:
        """Note the event of a bracketed item."""
        label = self._label(item.before)
        if label is not None:
            self._note(label, item.body, Span(item.start, item.end))

    def read_bare(self, line: Piece) -> bool:
        """Note the event of a line without brackets, `主体词：甲；描述词：乙`; whether the line is one, or only
        announces others."""
        first = _HEAD.match(line.text)
        if first and first.end() == len(line.text):
            return True
        if first and self._role(unescape(first["name"])) is not None and len(self.request.labels) == 1:
            self._note(self.request.labels[0], line, Span(line.start, line.end))
            return True
        return False

    def _label(self, before: Piece) -> str | None:
        labels = self.request.labels
        written = unescape(re.sub(r"[\s*]*[:：]?[\s*]*$", "", before.text).lstrip("-*•;； \t"))
        if not written:  # another event of the type before, or of the only one
            return self.found[-1][0].label if self.found else labels[0] if len(labels) == 1 else None
        label = label_of(written, labels)
        if label != written:
            self.issues.append(Issue("label", written, label))
        return label

    def _role(self, written: str) -> Role | None:
        """The role asked for that a reply names; one without a name is the trigger."""
        if _is_trigger(written):
            return Role("")
        name = label_of(written, [role.name for role in self.roles])
        if name is None and _also_trigger(written):
            return Role("")
        return next((role for role in self.roles if role.name == name), None)

    def _note(self, label: str, body: Piece, place: Span) -> None:
        trigger: Mention | None = None
        fillers: list[tuple[Role, Mention]] = []
        values: list[tuple[Role, str]] = []
        for role, piece in self._parts(body):
            if role.values:
                value = label_of(unescape(piece.text), role.values)
                if value is None:
                    self.issues.append(Issue("label", unescape(piece.text), role.name))
                else:
                    values.append((role, value))
                continue
            mention, issues = self.grounding.mention(piece, role.name or label)
            self.issues += issues
            if mention is None and not role.name:
                return
            if mention is not None and role.name:
                fillers.append((role, mention))
            elif mention is not None:
                trigger = mention
        if trigger is None and not fillers and not values:
            return
        anchor = _anchor(trigger, [mention for _, mention in fillers])
        arguments = [Argument(role.name, (_nearest(mention, anchor),)) for role, mention in fillers]
        arguments += [Argument(role.name, value=value) for role, value in values]
        spans = (_nearest(trigger, anchor),) if trigger else ()
        event = Event("", label, spans, tuple(dict.fromkeys(arguments)))
        if event not in [known for known, _ in self.found]:
            self.found.append((event, place))

    def _parts(self, body: Piece) -> list[tuple[Role, Piece]]:
        """Role and filler of each part. A part without a role of its own is another filler of the role before."""
        parts: list[tuple[Role, Piece]] = []
        for piece in split(body, ",;"):
            match = _HEAD.match(piece.text)
            role = self._role(unescape(match["name"])) if match else None
            if match and role is not None:
                filler = piece.part(match.end(), len(piece.text))
                if filler.text:
                    parts.append((role, filler))
            elif parts:
                parts.append((parts[-1][0], piece))
            else:
                self.issues.append(unparsed(piece))
        return parts

    def parsed(self) -> Parsed:
        """What was noted, as a document; events in the order of the text."""

        def first(row: tuple[Event, Span]) -> Span:
            event = row[0]
            return min([*event.trigger, *(span for a in event.arguments for span in a.spans)], default=Span(0, 0))

        rows = sorted(self.found, key=first)
        events = tuple(
            Event(f"E{n}", event.label, event.trigger, event.arguments) for n, (event, _) in enumerate(rows, start=1)
        )
        request = self.request
        document = Document(request.document_id, request.text_lang, request.text, events=events)
        places = {event.id: place for event, (_, place) in zip(events, rows, strict=True)}
        return Parsed(document, tuple(dict.fromkeys(self.issues)), places)


def _anchor(trigger: Mention | None, fillers: Sequence[Mention]) -> Span | None:
    """The place around which an event lies: that of its trigger, else of its first filler, which is nearest to the
    other parts."""
    parts = [*([trigger] if trigger else []), *fillers]
    if not parts:
        return None
    return min(parts[0].spans, key=lambda span: (sum(gap(span, _nearest(part, span)) for part in parts[1:]), span))


def _nearest(mention: Mention, anchor: Span | None) -> Span:
    return min(mention.spans, key=lambda span: (gap(span, anchor) if anchor else 0, span))
