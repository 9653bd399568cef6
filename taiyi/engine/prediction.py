"""What a reply will probably say: its tokens are tried many at a time, and said as far as the model agrees.

This is speculative decoding (Leviathan et al. 2023, https://arxiv.org/abs/2211.17192) with a known text in the place of
the small model: for replies that copy a text and add to it. OpenAI calls it predicted outputs. What comes in between,
as the labels of marks do, is looked up in the reply itself (prompt lookup, Saxena 2023,
https://github.com/apoorvumang/prompt-lookup-decoding).
"""

from __future__ import annotations

from collections.abc import Sequence

# How many tokens are tried in one forward. With 16 a small model's forward takes about half as long again as with one,
# with 64 nearly three times as long: many pay only where nothing comes in between.
FEWEST, MOST = 16, 64
REALIGN_TOKENS = 32  # so far from where it was believed to be a reply is looked for


class Prediction:
    """One reply's way through the tokens that were predicted.

    `add` takes every token that is said; the next one predicted moves the place on, any other is held for one in
    between. Where two in a row stand together elsewhere nearby, the place is after them: the reply was tokenized in
    another way, left something out, or what came in between resembled the text. After a token in between, those that
    came in between after it last time are tried before the text goes on.
    """

    def __init__(self, ids: Sequence[int]) -> None:
        self._ids = list(ids)
        self._at = 0
        self._last = -1
        self._width = FEWEST
        self._between: list[int] = []  # the present run of tokens in between
        self._after: dict[int, list[int]] = {}  # of each such token what followed it in the last run that is over

    def add(self, token: int) -> None:
        """Take a token that was said."""
        expected = self._at < len(self._ids) and self._ids[self._at] == token
        if not expected:
            self._between.append(token)
        elif self._between:
            self._after |= {said: self._between[at : at + MOST] for at, said in enumerate(self._between, start=1)}
            self._between = []
        self._at = self._at + 1 if expected else self._realigned([self._last, token])
        self._last = token

    def ahead(self, limit: int) -> list[int]:
        """The tokens to try next, at most `limit`."""
        n = max(0, min(self._width, limit))
        between = self._after.get(self._last, []) if self._between else []
        return [*between, *self._ids[self._at : self._at + n]][:n]

    def judge(self, n_tried: int, n_said: int) -> None:
        """Try more next time where all that were tried have been said."""
        if n_tried:
            self._width = min(MOST, 2 * self._width) if n_said == n_tried else FEWEST

    def _realigned(self, pair: list[int]) -> int:
        """The place after this pair that is nearest to the present one; the present one where there is none."""
        nearby = range(max(2, self._at - REALIGN_TOKENS), min(len(self._ids), self._at + REALIGN_TOKENS) + 1)
        places = [at for at in nearby if self._ids[at - 2 : at] == pair]
        return min(places, key=lambda at: abs(at - self._at), default=self._at)
