"""Multiple choice: `Answer: B`, `答案：B`."""

from __future__ import annotations

import re
import unicodedata
from string import ascii_uppercase

from taiyi.conversation import Conversation
from taiyi.document import Document, Label, Span
from taiyi.prompts import words
from taiyi.tasks.asking import ask
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.delimiters import Piece, head
from taiyi.tasks.headings import folded, unparsed
from taiyi.tasks.labels_in_reply import labels_within
from taiyi.tasks.lark import literal

_LETTER = r"(?P<letter>[A-Za-zＡ-Ｚａ-ｚ])"
# From the surest form to the least: what is said to be the answer, a letter that begins the reply, a capital alone.
_SAID = re.compile(
    rf"(?:answer|option|choice|答案|选项|正确的?|选择?|应选)\W*(?:is|为|是)?\W*{_LETTER}(?![A-Za-z])", re.IGNORECASE
)
_FIRST = re.compile(rf"\W*{_LETTER}(?!\s+[a-z])(?=\W|_|$|[^\x00-\x7f])")
_ALONE = re.compile(r"(?<![A-Za-z])(?P<letter>[B-HJ-ZＡ-Ｚ]|A(?!\s+[a-z]))(?![A-Za-z'’-])")


class ChooseTask:
    """The letter of the right option. The label of the document is the letter."""

    id = "choose"

    def prompt(self, request: Request) -> Conversation:
        """The question (after its context, where `Request.question` is set and the text is the context) and the
        options, a letter before each."""
        text = f"{request.text}\n{request.question}" if request.question else request.text
        options = "\n".join(f"{letter}. {option}" for letter, option in _lettered(request))
        return ask(self.id, request, text=text, options=options)

    def render(self, gold: Document, request: Request) -> str:
        """The answer's heading and the letter."""
        name = gold.labels[0].name if gold.labels else ""
        return head(words(self.id, request.lang)["answer"], request.lang, bool(name)) + name

    def parse(self, reply: str, request: Request) -> Parsed:
        """The letter that a reply gives, or the one of the option whose text it repeats."""
        found = _letter(reply, request)
        document = Document(
            request.document_id, request.text_lang, request.text, labels=(Label(found[0]),) if found else ()
        )
        if found is None:
            return Parsed(document, (unparsed(Piece(reply.strip(), 0, len(reply))),))
        return Parsed(document, (), {f"label:{found[0]}": found[1]})

    def grammar(self, request: Request) -> str:
        """The heading and one of the letters."""
        letters = " | ".join(literal(letter) for letter, _ in _lettered(request))
        return f"start: {literal(head(words(self.id, request.lang)['answer'], request.lang))} ({letters})"


def _lettered(request: Request) -> list[tuple[str, str]]:
    return list(zip(ascii_uppercase, request.options, strict=False))


def _letter(reply: str, request: Request) -> tuple[str, Span] | None:
    """The letter that is said to be the answer or begins the reply; else that of the one option whose text the reply
    repeats; else the one letter that stands alone."""
    for match in (*_SAID.finditer(reply), *filter(None, [_FIRST.match(reply)])):
        letter = _plain(match)
        if letter in _known(request):
            return letter, Span(*match.span("letter"))
    repeated = _repeated(reply, request)
    if repeated:
        return (repeated[0], Span(0, len(reply))) if len(repeated) == 1 else None
    alone = [match for match in _ALONE.finditer(reply) if _plain(match) in _known(request)]
    if len(set(map(_plain, alone))) == 1:
        return _plain(alone[0]), Span(*alone[0].span("letter"))
    return None


def _known(request: Request) -> set[str]:
    return {letter for letter, _ in _lettered(request)}


def _plain(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match["letter"]).upper()


def _repeated(reply: str, request: Request) -> list[str]:
    """The letters of the options that a reply is, or else of those that it names ("unknown" names no "no")."""
    said = folded(reply.strip(" \n。.，,"))
    same = [letter for letter, option in _lettered(request) if folded(option) == said]
    named = {option for option, _ in labels_within(reply, request.options)}
    return same or [letter for letter, option in _lettered(request) if option in named]
