"""What a task is: it writes the prompt, states what a reply may be, and reads the reply back.

Two laws hold for every task and language: `parse(render(gold)) == gold` in all that the task's metric compares, and
the grammar accepts `render(gold)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from taiyi.conversation import Conversation, Message
from taiyi.document import Document, Span
from taiyi.errors import Issue

Occurrences = Literal["all", "first", "generated"]
Borders = Literal["words", "any"]


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked for. Which fields matter depends on the task; the others stay empty.

    `lang` is the language of the prompt (and of the labels' separators), `text_lang` that of the text; the language of
    the interface is a third thing and not known here. `labels` are the types, relations, event types or classes exactly
    as they shall stand in prompt and result. `occurrences` says which places of a mention that stands several times in
    the text are returned: all, the first, or as many as the reply names. `borders` says where a mention may begin and
    end: at a word, without a mark at its ends; or anywhere, as in corpora whose annotators cut words (`Na` of `NaCl`).
    `scheme` names the corpus as whose annotators a specialist shall mark, where it learnt from several; empty, the
    labels decide. Who knows one way alone, as the language model does, passes it over.
    """

    task: str
    text: str = ""
    lang: str = "en"
    text_lang: str = "en"
    labels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # events: the roles asked for
    options: tuple[str, ...] = ()  # multiple choice: the options' texts, lettered A, B, ... in order
    question: str = ""  # multiple choice, and questions with a context
    text_b: str = ""  # pairs: the second text
    multi: bool = False  # classification: several labels may hold
    history: tuple[Message, ...] = ()  # chat
    system: str = ""
    template: str | None = None  # id of a template; None takes the task's first
    occurrences: Occurrences = "all"
    borders: Borders = "words"
    scheme: str = ""
    document_id: str = "text"


@dataclass(frozen=True, slots=True)
class Example:
    """A request with its right answer: what corpora yield, what training and evaluation consume."""

    id: str
    request: Request
    gold: Document
    source: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A reply read back: the document, what was wrong, and where in the reply each item stands.

    `reply_spans` maps the id of an entity, relation or event, or `label:<name>` for a class, to the range of the reply
    (code points) that names it; item scores are made from the tokens there.
    """

    document: Document
    issues: tuple[Issue, ...] = ()
    reply_spans: Mapping[str, Span] = field(default_factory=dict)


class Task(Protocol):
    """One kind of work. Implementations are stateless."""

    id: str

    def prompt(self, request: Request) -> Conversation:
        """The conversation to answer. Raises InputError where the request lacks what the task needs."""
        ...

    def render(self, gold: Document, request: Request) -> str:
        """The reply a perfect model would give."""
        ...

    def parse(self, reply: str, request: Request) -> Parsed:
        """The items of a reply, placed in the text. Never raises, whatever the reply; what can't be read or placed
        becomes an issue: "part" (only a part stands in the text), "absent", "label" (not asked for), "unparsed".
        """
        ...

    def grammar(self, request: Request) -> str | None:
        """What a reply may be, in llguidance's Lark form; None where any text will do."""
        ...
