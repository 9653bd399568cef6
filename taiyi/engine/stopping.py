"""When a reply ends before the model says so: stop strings, and loops."""

from __future__ import annotations


class StopStrings:
    """Cuts a reply at the first stop string. Text that may still become one is held back, nothing else is."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple(filter(None, stops))
        self._held = ""

    def add(self, text: str) -> tuple[str, bool]:
        """The text that is certain now, and whether a stop string was met (the rest is dropped)."""
        self._held += text
        places = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if places:
            certain, self._held = self._held[: min(places)], ""
            return certain, True
        keep = max((self._overlap(stop) for stop in self._stops), default=0)
        certain = self._held[: len(self._held) - keep]
        self._held = self._held[len(self._held) - keep :]
        return certain, False

    def finish(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return held

    def _overlap(self, stop: str) -> int:
        longest = min(len(stop) - 1, len(self._held))
        return next((n for n in range(longest, 0, -1) if self._held.endswith(stop[:n])), 0)


class LoopWatch:
    """Notices a reply that goes round: a block of tokens repeated again and again at its end.

    A block of `n` tokens counts as a loop when it stands `repeats(n)` times in a row: many times for a single token
    (rows of dots and blanks are legitimate), three times for a long passage.
    """

    LONGEST_BLOCK = 64

    def __init__(self) -> None:
        self._ids: list[int] = []

    def add(self, token: int) -> bool:
        """Whether the reply loops now."""
        self._ids.append(token)
        ids = self._ids
        for n in range(1, min(self.LONGEST_BLOCK, len(ids) // 3) + 1):
            if ids[-1] == ids[-1 - n] and self._repeated(n):
                return True
        return False

    def _repeated(self, n: int) -> bool:
        times = max(3, 24 // n)
        if len(self._ids) < n * times:
            return False
        block = self._ids[-n:]
        return all(self._ids[-n * k : len(self._ids) - n * (k - 1)] == block for k in range(2, times + 1))
