"""From names written in a reply to places in the text: the one use that tasks make of `align`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from taiyi.align import Aligner, Placement
from taiyi.document import Span
from taiyi.errors import Issue
from taiyi.tasks.base import Occurrences
from taiyi.tasks.delimiters import Piece, unescape
from taiyi.tasks.headings import unparsed

FOUND = frozenset({"verbatim", "normalised"})
_OTHER_MARKS = (re.compile(r"[,;]\s|[，；、]"), re.compile(r"[,;]"))  # what may stand for a `;`, the surer first
_WRAPPING = "\"'“”‘’「」『』《》*`。."


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of the reply that stands in the text."""

    piece: Piece
    surface: str
    spans: tuple[Span, ...]
    match: str


class Grounding:
    """Places the names of one reply in its text, and gathers the issues."""

    def __init__(self, text: str, occurrences: Occurrences = "all") -> None:
        self.text = text
        self.aligner = Aligner(text)
        self.occurrences = occurrences

    def mentions(self, pieces: Sequence[Piece], label: str) -> tuple[list[Mention], list[Issue]]:
        """The pieces that stand in the text, in their order, and an issue for each of the others.

        The text decides how a piece is read: as written; without the quotes or the full stop around it; or, where the
        whole is not in the text, as a list with other marks (`a, b` for `a; b`) if any of its parts is.
        """
        read = [reading for piece in pieces for reading in self._readings(piece)]
        surfaces = [unescape(piece.text) for piece in read]
        mentions: list[Mention] = []
        issues: list[Issue] = []
        for piece, placement in zip(read, self.aligner.place(surfaces, self.occurrences), strict=True):
            if placement.status in FOUND and placement.spans:
                mentions.append(Mention(piece, placement.surface, placement.spans, placement.status))
            elif placement.status not in FOUND:
                issues.append(self.issue(placement, label))
        return mentions, issues

    def issue(self, placement: Placement, label: str) -> Issue:
        """What is wrong with a name that is not, or only in part, in the text."""
        if placement.spans:
            span = placement.spans[0]
            return Issue("part", placement.surface, label, span.start, span.end)
        return Issue("absent", placement.surface, label)

    def stands(self, surface: str) -> bool:
        """Whether all of it is in the text, but for case, width and white space."""
        return bool(surface) and self.aligner.place([surface], "first")[0].status in FOUND

    def _readings(self, piece: Piece) -> list[Piece]:
        if self.stands(unescape(piece.text)):
            return [piece]
        bare = _stripped(piece)
        if bare != piece and self.stands(unescape(bare.text)):
            return [bare]
        for mark in _OTHER_MARKS:
            parts = _split_at(bare, mark)
            if len(parts) > 1 and any(self.stands(unescape(part.text)) for part in parts):
                return [reading for part in parts for reading in self._readings(part)]
        return [bare if bare.text else piece]

    def cut_short(self, mention: Mention, reply: str) -> bool:
        """Whether the reply broke off inside a word: the mention is its last characters, and in the text the word
        goes on at each of its places."""
        return mention.piece.end == len(reply) and all(
            span.end < len(self.text)
            and self.text[span.end - 1].isascii()
            and self.text[span.end].isascii()
            and self.text[span.end - 1].isalnum()
            and self.text[span.end].isalnum()
            for span in mention.spans
        )


def drop_none(pieces: Sequence[Piece], words: Collection[str]) -> list[Piece]:
    """The pieces, or none where they only say that there is nothing (`none`, `无`)."""
    if len(pieces) == 1 and pieces[0].text.strip(_WRAPPING + "()（）").casefold() in words:
        return []
    return list(pieces)


def cut_off(mention: Mention) -> Issue:
    """The issue for a name at which the reply broke off."""
    return unparsed(mention.piece)


def _stripped(piece: Piece) -> Piece:
    left = len(piece.text) - len(piece.text.lstrip(_WRAPPING))
    right = len(piece.text.rstrip(_WRAPPING))
    return piece.part(left, max(left, right))


def _split_at(piece: Piece, mark: re.Pattern[str]) -> list[Piece]:
    bounds = [(0, 0), *(match.span() for match in mark.finditer(piece.text)), (len(piece.text),) * 2]
    parts = [piece.part(a[1], b[0]) for a, b in pairwise(bounds)]
    return [part for part in parts if part.text]
