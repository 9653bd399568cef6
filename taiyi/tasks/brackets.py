"""Replies of bracketed items: `(a, b, c); (d, e, f)`, in brackets of any kind and either width."""

from __future__ import annotations

import re
from dataclasses import dataclass

from taiyi.tasks.delimiters import Piece, lines, split_at

_OPEN, _CLOSE = "(（[【", ")）\\]】"
# An item ends at a bracket after which the item, the line or the reply is over; brackets within names don't count.
_ITEM = re.compile(rf"[{_OPEN}](?P<body>(?:\\.|[^\\])*?)[{_CLOSE}](?=\s*(?:[;；。.]|$)|\s+[^\s,，]*[:：]?\s*[{_OPEN}])")
_GLUED = rf"\\.|(?P<mark>[{_CLOSE}]\s*[,，、]?\s*[{_OPEN}])"


@dataclass(frozen=True, slots=True)
class Item:
    """What stands between two brackets, the brackets' own range in the reply, and the words before them on the line
    since the last item."""

    body: Piece
    before: Piece
    start: int
    end: int


def read_items(reply: str) -> tuple[list[Item], list[Piece]]:
    """The items of a reply, and what is left: prose, and an item that breaks off."""
    items: list[Item] = []
    left: list[Piece] = []
    for line in lines(reply):
        end = 0
        for match in _ITEM.finditer(line.text):
            before = line.part(end, match.start())
            items.append(
                Item(line.part(*match.span("body")), before, line.start + match.start(), line.start + match.end())
            )
            end = match.end()
        end += len(line.text[end:]) - len(line.text[end:].lstrip(";；。.,， "))
        if end < len(line.text):
            left.append(line.part(end, len(line.text)))
    return items, left


def unglued(body: Piece) -> list[Piece]:
    """The bodies of items between which the mark is missing or another, as `(a, b, c), (d, e, f)`."""
    return split_at(body, _GLUED)
