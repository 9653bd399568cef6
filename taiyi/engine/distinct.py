"""Lists without repeats: what a grammar can't express without a state for each set of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import torch

_MARK = re.compile("(?<!\\\\)(?:[;:](?: |$)|；|：)".encode())  # alternatives, not a class: these are bytes
_SEPARATORS = (b";", "；".encode())


class SeparatorTable:
    """What the rule must know of a vocabulary: the bytes of each token, and which tokens begin with a list mark."""

    def __init__(self, bytes_by_id: list[bytes]) -> None:
        self.bytes_by_id = bytes_by_id
        self.separator_ids = torch.tensor([i for i, piece in enumerate(bytes_by_id) if _begins_list_mark(piece)])


def _begins_list_mark(piece: bytes) -> bool:
    """Whether a token begins with a list mark, or is the first of the bytes that one is spelled in."""
    return bool(piece) and any(piece.startswith(mark) or mark.startswith(piece) for mark in _SEPARATORS)


class DistinctItems:
    """Watches the items of each line's list, parted by `;` or `；` (after a head that ends in a colon).

    A token that would complete an item named before is taken only where the grammar leaves nothing else; the list
    then ends: so a list names nothing more than twice, and a loop is not possible.
    """

    def __init__(self, table: SeparatorTable) -> None:
        self._table = table
        self._line = b""
        self._seen: set[bytes] = set()
        self._closing = False

    def mask(self, logits: torch.Tensor) -> torch.Tensor:
        """Logits (vocabulary,) without the list marks where the list must end and may."""
        if not self._closing or not len(self._table.separator_ids):
            return logits
        ended = logits.clone()
        ended[self._table.separator_ids] = float("-inf")
        return ended if bool(torch.isfinite(ended).any()) else logits

    def pick(self, logits: torch.Tensor, pick: Callable[[torch.Tensor], int]) -> int:
        """The token that `pick` chooses among those that repeat no item; any, where all do."""
        left = logits
        while True:
            token = pick(left)
            if not self._repeats(token):
                return token
            left = left.clone()
            left[token] = float("-inf")
            if not bool(torch.isfinite(left).any()):
                return pick(logits)

    def add(self, tokens: Iterable[int]) -> None:
        """Take the tokens that were said."""
        for token in tokens:
            self._line += self._table.bytes_by_id[token]
            if b"\n" in self._line:
                self._line = self._line.rpartition(b"\n")[2]
                self._seen, self._closing = set(), False
            marks = list(_MARK.finditer(self._line))
            if marks and marks[-1].end() == len(self._line):
                begin = marks[-2].end() if len(marks) > 1 else 0
                self._seen.add(self._line[begin : marks[-1].start()].strip())
            elif self._item(self._line) in self._seen:
                self._closing = True
            else:
                self._closing = False

    def _repeats(self, token: int) -> bool:
        return self._item(self._line + self._table.bytes_by_id[token]) in self._seen

    @staticmethod
    def _item(line: bytes) -> bytes | None:
        marks = list(_MARK.finditer(line))
        return (line[marks[-1].end() :] if marks else line).strip() or None
