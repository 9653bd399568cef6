"""What holds between two texts: similarity and entailment. The reply is the label alone."""

from __future__ import annotations

from taiyi.conversation import Conversation
from taiyi.document import Document, Label, Span
from taiyi.tasks.asking import ask, listed
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.delimiters import Piece, escape
from taiyi.tasks.headings import unparsed
from taiyi.tasks.labels_in_reply import labels_within, named_label
from taiyi.tasks.lark import one_of


class PairTask:
    """One of the labels for `Request.text` and `Request.text_b`."""

    id: str

    def prompt(self, request: Request) -> Conversation:
        """Both texts and the labels."""
        labels = listed(request.labels, request.lang)
        return ask(self.id, request, text=request.text, text_b=request.text_b, labels=labels)

    def render(self, gold: Document, request: Request) -> str:
        """The label."""
        return escape(gold.labels[0].name) if gold.labels else ""

    def parse(self, reply: str, request: Request) -> Parsed:
        """The label that a reply is, or the only one that it holds."""
        whole = Piece(reply, 0, len(reply)).part(0, len(reply))
        named = named_label(whole, request.labels)
        found = [(named[0], Span(whole.start, whole.end))] if named else labels_within(reply, request.labels)
        document = Document(request.document_id, request.text_lang, request.text)
        if len({label for label, _ in found}) != 1:
            return Parsed(document, (unparsed(whole),))
        label, span = found[0]
        document = Document(request.document_id, request.text_lang, request.text, labels=(Label(label),))
        return Parsed(document, (), {f"label:{label}": span})

    def grammar(self, request: Request) -> str:
        """One of the labels."""
        return f"start: {one_of(request.labels)}"


class SimilarityTask(PairTask):
    """How near two texts are in meaning."""

    id = "similarity"


class EntailmentTask(PairTask):
    """Whether the second text follows from the first."""

    id = "entailment"
