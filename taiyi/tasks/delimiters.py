"""The marks that part a reply into names, and the escape that keeps a name whole which holds such a mark.

A reply is made of names (labels, roles, mentions) and marks between them. Full-width `，；：` are marks wherever they
stand; ASCII `,;:` only before white space or at the end, so `1,2-dichloroethane`, `t(9;22)` and `1:2` are written as
they are. Inside a name a mark gets a backslash before it; a backslash is doubled and a line end is written `\\n`
(carriage return `\\r`). Render, parse and grammar share this one rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

FULL_WIDTH = "，；："
ASCII = ",;:"
COLON = {"en": ":", "zh": "："}
BETWEEN = {"en": "; ", "zh": "；"}  # two items of a list
_MARK = re.compile(rf"[\\\r\n{FULL_WIDTH}]|[{ASCII}](?=\s|$)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LETTER_BY_BREAK = {"\n": "n", "\r": "r"}
_BREAK_BY_LETTER = {letter: mark for mark, letter in _LETTER_BY_BREAK.items()}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reply as it is written, and its range there (code points)."""

    text: str
    start: int
    end: int

    def part(self, start: int, end: int) -> Piece:
        """The piece of this piece from `start` to `end`, without the white space around it."""
        raw = self.text[start:end]
        left = start + len(raw) - len(raw.lstrip())
        stripped = raw.strip()
        return Piece(stripped, self.start + left, self.start + left + len(stripped))


def escape(name: str) -> str:
    """A name as it stands in a reply."""
    return _MARK.sub(lambda match: "\\" + _LETTER_BY_BREAK.get(match[0], match[0]), name)


def head(label: str, lang: str, filled: bool = True) -> str:
    """A label and its colon; with the space that English puts before what follows, where anything does."""
    return escape(label) + COLON[lang] + (" " if filled and lang == "en" else "")


def unescape(written: str) -> str:
    """The name that `escape` wrote. A lone backslash before another character stays what it is."""

    def plain(match: re.Match[str]) -> str:
        mark = match[1]
        if mark in _BREAK_BY_LETTER:
            return _BREAK_BY_LETTER[mark]
        return mark if mark in "\\" + FULL_WIDTH + ASCII else match[0]

    return _ESCAPED.sub(plain, written)


def escaped_units(text: str) -> Iterator[str]:
    """The characters of `text` as `escape` writes them, an escaped one with its backslash."""
    end = 0
    for match in _MARK.finditer(text):
        yield from text[end : match.start()]
        yield "\\" + _LETTER_BY_BREAK.get(match[0], match[0])
        end = match.end()
    yield from text[end:]


def split(piece: Piece, kinds: str) -> list[Piece]:
    """The parts between the marks of these kinds (in ASCII: `;` stands for `；` too), empty ones left out."""
    wide = "".join(FULL_WIDTH[ASCII.index(kind)] for kind in kinds)
    return split_at(piece, rf"\\.|(?P<mark>[{wide}]|[{kinds}](?=\s|$))")


def split_at(piece: Piece, pattern: str) -> list[Piece]:
    """The parts between matches of a pattern, empty ones left out. Where it has a group `mark`, matches without it
    part nothing."""
    matches = re.compile(pattern, re.DOTALL).finditer(piece.text)
    cuts = [match.span() for match in matches if match.groupdict().get("mark", True)]
    bounds = [(0, 0), *cuts, (len(piece.text), len(piece.text))]
    parts = [piece.part(before[1], after[0]) for before, after in pairwise(bounds)]
    return [part for part in parts if part.text]


def lines(reply: str) -> list[Piece]:
    """The lines that hold anything, without the white space around them."""
    return split_at(Piece(reply, 0, len(reply)), "\n")
