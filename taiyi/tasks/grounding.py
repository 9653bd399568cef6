"""From names written in a reply to places in the text: the one use that tasks make of `align`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from taiyi.align import Aligner, Placement, is_border
from taiyi.document import Span
from taiyi.errors import Issue
from taiyi.language import LANGUAGES
from taiyi.prompts import words
from taiyi.tasks.base import Request
from taiyi.tasks.delimiters import Piece, split_at, unescape
from taiyi.tasks.headings import unparsed

FOUND = frozenset({"verbatim", "normalised"})
_SURE_MARK = r"[,;]\s|[，；、]"  # what else may stand for a `;`
_UNSURE_MARK = r"[,;]"
_EXPLAINED = re.compile(r"(?P<name>.+?)\s*[(（][^()（）]*[)）]", re.DOTALL)
_DENIAL = re.compile(
    r"(?:there (?:is|are|was|were) )?(?:no|none|not)\b.*\b(?:found|mentioned|identified|present|listed|named|given"
    r"|detected|stated|specified|text|passage|abstract)"
    r"|[^，,；;。]{0,8}(?:没有|无|未)[^，,；;。]{0,30}?(?:提及|提到|发现|涉及|识别到?|实体|关系|内容|信息)[^，,；;。]{0,8}",
    re.IGNORECASE,
)
WRAPPING = "\"'“”‘’「」『』《》[]{}*_`。.,， "


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of the reply that stands in the text."""

    piece: Piece
    surface: str
    spans: tuple[Span, ...]
    match: str


class Grounding:
    """Places the names of one reply in its text."""

    def __init__(self, request: Request, reply: str) -> None:
        self.request = request
        self.reply = reply
        self.aligner = Aligner(request.text, inside_words=request.borders == "any")

    def mentions(self, pieces: Sequence[Piece], label: str) -> tuple[list[Mention], list[Issue]]:
        """The pieces that stand in the text, in their order and at the places that the request wants, and an issue for
        each of the others.

        The text decides how a piece is read: as written; without the quotes or the full stop around it; or, where the
        whole is not in the text, without an explanation in parentheses after it, or as a list with other marks
        (`a, b` for `a; b`). Marks alone, and sentences that there is nothing, are no names.
        """
        read = [
            reading
            for piece in pieces
            for reading in self._readings(piece)
            if self.stands(reading) or not (_says_nothing_else(reading) or denies(reading))
        ]
        surfaces = [unescape(piece.text) for piece in read]
        mentions: list[Mention] = []
        issues: list[Issue] = []
        placements = self.aligner.place(surfaces, self.request.occurrences)
        for piece, placement in zip(read, placements, strict=True):
            if placement.status in FOUND:
                mentions.append(Mention(piece, placement.surface, placement.spans, placement.status))
            else:
                issues.append(self._issue(piece, placement, label))
        return mentions, issues

    def mention(self, piece: Piece, label: str) -> tuple[Mention | None, list[Issue]]:
        """One name that belongs to a larger item, with all its places in the text."""
        reading = self._bare(piece)
        placement = self.aligner.place([unescape(reading.text)], "all")[0]
        if placement.status not in FOUND:
            return None, [self._issue(reading, placement, label)]
        spans = placement.spans[:1] if self.request.occurrences == "first" else placement.spans
        return Mention(reading, placement.surface, spans, placement.status), []

    def stands(self, piece: Piece) -> bool:
        """Whether all of it is in the text, but for case, width and white space."""
        return bool(piece.text) and self.aligner.place([unescape(piece.text)], "first")[0].status in FOUND

    def lists(self, piece: Piece) -> bool:
        """Whether a piece is a list of names, of which half or more stand in the text."""
        parts = [reading for part in split_at(piece, ";|；") for reading in self._readings(part)]
        return bool(parts) and 2 * sum(map(self.stands, parts)) >= len(parts)

    def _issue(self, piece: Piece, placement: Placement, label: str) -> Issue:
        if not placement.spans:
            return Issue("absent", placement.surface, label)
        span = placement.spans[0]
        if piece.end == len(self.reply.rstrip()) and not is_border(self.request.text, span.end):
            return unparsed(piece)  # the reply broke off inside a word
        return Issue("part", placement.surface, label, span.start, span.end)

    def _bare(self, piece: Piece) -> Piece:
        if self.stands(piece):
            return piece
        left = len(piece.text) - len(piece.text.lstrip(WRAPPING))
        right = len(piece.text.rstrip(WRAPPING))
        bare = piece.part(left, max(left, right))
        return bare if bare.text else piece

    def _readings(self, piece: Piece) -> list[Piece]:
        bare = self._bare(piece)
        if self.stands(bare):
            return [bare]
        explained = _EXPLAINED.fullmatch(bare.text)
        if explained and self.stands(name := bare.part(0, explained.end("name"))):
            return [name]
        parts = split_at(bare, _SURE_MARK)
        if len(parts) > 1 and any(map(self.stands, parts)):
            return [reading for part in parts for reading in self._readings(part)]
        parts = split_at(bare, _UNSURE_MARK)
        return parts if len(parts) > 1 and all(map(self.stands, parts)) else [bare]


def denies(piece: Piece) -> bool:
    """Whether a piece is a sentence that there is nothing (`No diseases are mentioned`, `文本中没有相关实体`)."""
    return _DENIAL.fullmatch(piece.text.strip(WRAPPING + " ()（）!！")) is not None


def _says_nothing_else(piece: Piece) -> bool:
    """Whether a piece is nothing but marks, such as what is left of a heading in bold type."""
    return not piece.text.strip(WRAPPING + "()（）#:：-")


def says_nothing(piece: Piece, task: str) -> bool:
    """Whether a piece only says that there is nothing (`none`, `无`)."""
    said = piece.text.strip(WRAPPING + " ()（）").casefold()
    return any(said in words(task, lang)["none"] for lang in LANGUAGES)
