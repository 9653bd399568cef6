"""Replies that must be complete when their tokens run out: near the end, the grammar is steered to its way out."""

from __future__ import annotations

from typing import Any

import llguidance.numpy
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
SLACK_TOKENS = 12  # a token that the model still chooses may lengthen the way out by some
LAST_ITEM_TOKENS = 24  # before that, the item under way may end but no other begin


class WayOut:
    """What of a vocabulary ends things: the ids that end a reply or a line, that begin another item, and the length of
    each token in bytes."""

    def __init__(self, pieces: list[bytes], end_ids: frozenset[int], separator_ids: list[int]) -> None:
        n_vocab = len(pieces)
        self._lengths = np.array([len(piece) for piece in pieces])
        self._ends, self._line_ends, self.separators = (np.zeros(n_vocab, dtype=bool) for _ in range(3))
        self._ends[[i for i in end_ids if i < n_vocab]] = True
        self._line_ends[[i for i, piece in enumerate(pieces) if piece.startswith(b"\n")]] = True
        self.separators[separator_ids] = True

    def next_ids(self, allowed: Mask) -> Mask:
        """Of the allowed tokens those that end the reply, else the line, else one of the longest: it gets on."""
        for wanted in (allowed & self._ends, allowed & self._line_ends):
            if wanted.any():
                return wanted
        longest = np.zeros_like(allowed)
        longest[int(np.where(allowed, self._lengths, -1).argmax())] = True
        return longest

    def n_tokens(self, matcher: Any, limit: int) -> int | None:
        """How many tokens this way out takes from where the matcher stands; None where it takes more than `limit`."""
        matcher = matcher.deep_copy()
        n = 0
        while n <= limit:
            forced = matcher.compute_ff_tokens()
            if forced:
                matcher.consume_tokens(forced)
                n += len(forced)
            if matcher.is_stopped() or matcher.is_accepting():
                return n if n <= limit else None
            matcher.consume_token(int(self.next_ids(allowed_ids(matcher, len(self._lengths))).argmax()))
            n += 1
        return None


class Closing:
    """Watches one reply's budget. `hurried` says that it was steered away from what the model wanted."""

    def __init__(self, way_out: WayOut) -> None:
        self._way_out = way_out
        self._watch_from: int | None = None  # tokens left at which to begin to look; -1 where there is no way out
        self.hurried = False

    def restrict(self, allowed: Mask, matcher: Any, n_left: int, wanted: int) -> Mask:
        """The allowed tokens that still leave a way out within `n_left` tokens; `wanted` is the model's choice."""
        if self._watch_from is None:
            n_needed = self._way_out.n_tokens(matcher, n_left)
            self._watch_from = -1 if n_needed is None else 2 * (n_needed + LAST_ITEM_TOKENS)
        if n_left > self._watch_from:
            return allowed
        n_needed = self._way_out.n_tokens(matcher, n_left)
        if n_needed is None or n_left > n_needed + SLACK_TOKENS + LAST_ITEM_TOKENS:
            return allowed
        if n_left > n_needed + SLACK_TOKENS:
            kept = allowed & ~self._way_out.separators
            kept = kept if kept.any() else allowed
        else:
            kept = self._way_out.next_ids(allowed)
        self.hurried |= not kept[wanted]
        return kept


def allowed_ids(matcher: Any, n_vocab: int) -> Mask:
    """Which tokens (vocabulary,) the grammar allows next."""
    bits = np.zeros((1, (n_vocab + 31) // 32), dtype=np.int32)
    llguidance.numpy.fill_next_token_bitmask(matcher, bits)
    return np.unpackbits(bits[0].view(np.uint8), bitorder="little")[:n_vocab].astype(bool)
