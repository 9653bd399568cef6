"""What all tasks share whose reply is free text."""

from __future__ import annotations

from taiyi.conversation import Conversation
from taiyi.document import Document
from taiyi.errors import Issue
from taiyi.tasks.asking import ask
from taiyi.tasks.base import Parsed, Request


class WritingTask:
    """A task whose reply, without the white space around it, is the answer."""

    id: str

    def fields(self, request: Request) -> dict[str, str]:
        """The values of the template's fields."""
        return {"text": request.text}

    def prompt(self, request: Request) -> Conversation:
        """The template of the request, filled in."""
        return ask(self.id, request, **self.fields(request))

    def render(self, gold: Document, request: Request) -> str:
        """The answer."""
        return (gold.answer or "").strip()

    def parse(self, reply: str, request: Request) -> Parsed:
        """The reply as the answer; an empty one is an issue."""
        answer = reply.strip()
        document = Document(request.document_id, request.text_lang, request.text, answer=answer)
        return Parsed(document, () if answer else (Issue("empty"),))

    def grammar(self, request: Request) -> None:
        """Any text will do."""
        return
