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

_LETTER = r"(?P<letter>(?-i:a)(?!\s+[a-z])|(?-i:[A-Zb-zＡ-Ｚａ-ｚ]))(?![A-Za-z])"  # "a" may be an article
_NOT_ALONE = r"(?!\s*(?:\b(?:and|or)\b|[/&、和或])\s*(?:option\s*)?(?-i:[A-Z])(?![A-Za-z]))"
_NOT_DENIED = r"(?!\W*(?:\b(?:is|was)\s+(?:not|wrong|incorrect|false)|项?(?:是|为)?(?:错|不|误)))"
_CHOSEN = _LETTER + _NOT_ALONE + _NOT_DENIED
_SAYING = (
    r"(?:\banswer|\b(?:correct|right|best) (?:option|choice)|\b(?:choose|select|pick)\b|\\boxed|答案"
    r"|(?:正确|最佳)的?(?:选项|选择)?|(?<!不)选(?:择|(?!项)))\W*"
    r"(?:\b(?:is|should be|would be)\b\W*|(?:应该|应)?(?:选择|选|是|为)\W*)?(?:\b(?:option|choice|answer)\b\W*)?"
)
_CONCLUDING = r"(?:\b(?:final|therefore|thus|hence|so)\b|最终|综上|因此|所以|故)[^.。\n]{0,40}?"
# From the surest form to the least. What is concluded counts where it is said last; what is merely said, where it is
# said first, since some models go on with questions of their own after they have answered.
_CONCLUDED = re.compile(_CONCLUDING + _SAYING + _CHOSEN, re.IGNORECASE)
_SAID = re.compile(_SAYING + _CHOSEN, re.IGNORECASE)
_FIRST = re.compile(rf"\W*(?P<letter>[A-Za-zＡ-Ｚａ-ｚ])(?!\s+[a-z])(?=\W|_|$|[^\x00-\x7f]){_NOT_ALONE}{_NOT_DENIED}")
_MENTIONED = re.compile(r"(?:\b(?:option|choice)|选项)\W*" + _CHOSEN, re.IGNORECASE)
_ALONE = re.compile(r"(?<![A-Za-z])(?<!not )(?P<letter>[B-HJ-ZＡ-Ｚ]|A(?!\s+(?!(?:and|or) [A-Z])[a-z]))(?![A-Za-z'’-])")
_BEFORE_OPTION = re.compile(rf"\A\W*|{_SAYING}", re.IGNORECASE)


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
    """The letter that is concluded or said to be the answer or begins the reply; else that of the option whose text is
    said so; else that of the one option that the reply names; else the one letter that stands in it."""
    known = _known(request)
    concluded = [match for match in _CONCLUDED.finditer(reply) if _plain(match) in known]
    said = [match for match in (*_SAID.finditer(reply), *_begins(reply)) if _plain(match) in known]
    for match in (*concluded[-1:], *said):
        return _plain(match), Span(*match.span("letter"))
    repeated = _option_said(reply, request) or _repeated(reply, request)
    if repeated:
        return (repeated[0], Span(0, len(reply))) if len(repeated) == 1 else None
    for pattern in (_MENTIONED, _ALONE):
        found = [match for match in pattern.finditer(reply) if _plain(match) in known]
        if len(set(map(_plain, found))) == 1:
            return _plain(found[0]), Span(*found[0].span("letter"))
    return None


def _begins(reply: str) -> list[re.Match[str]]:
    return list(filter(None, [_FIRST.match(reply)]))


def _option_said(reply: str, request: Request) -> list[str]:
    """The letter of the option whose text begins the reply or follows words such as "the answer is", and ends there
    ("no difference" says no "no")."""
    for match in _BEFORE_OPTION.finditer(reply):
        rest = reply[match.end() :].casefold()
        for letter, option in sorted(_lettered(request), key=lambda row: -len(row[1])):
            if rest.startswith(option.casefold()) and re.match(r"\W*(?:$|[^\w\s])|\s*\n|\s*[(（]", rest[len(option) :]):
                return [letter]
    return []


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
