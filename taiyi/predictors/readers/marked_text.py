"""What tells how two names of a passage are related: the wording around them, in which every mention is one mark.

English words or Chinese characters are read alike, so one set of features serves both languages.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from taiyi.document import Span
from taiyi.predictors.readers.pair_features import Name, Place
from taiyi.predictors.readers.word_forms import spans_of, word_form
from taiyi.tasks.relation import nearest_pair

HEAD, TAIL = "<1>", "<2>"
WHOLE = 6
"""Wording between two names is a feature as a whole up to so many tokens."""
NEAR = 15
"""Of a longer wording so many tokens after the first name and before the second count, and beside the two names."""
JOINING = frozenset((",", "and", "or", "/", "、", "和", "或", "及", "，"))


class MarkedText:
    """A passage with its names, made ready for asking after pairs of them."""

    def __init__(self, text: str, names: Sequence[Name]) -> None:
        self.text = text
        self.names = names
        self._spans = spans_of(text)
        self._starts = [start for start, _ in self._spans]
        self._forms = [word_form(text[start:end]) for start, end in self._spans]
        self._marks: dict[int, tuple[str, Place]] = {}
        shortest_first = sorted(
            ((p, name.label) for name in names for p in name.places), key=lambda row: _length(row[0])
        )
        for place, label in shortest_first:
            self._marks |= dict.fromkeys(self._tokens(place), (f"<{label}>", place))

    def _tokens(self, place: Place) -> range:
        first = bisect_right(self._starts, place[0]) - 1
        return range(max(first, 0), bisect_right(self._starts, place[1] - 1))

    def features(self, head: Name, tail: Name) -> list[str]:
        """The features of a pair, without order; none twice."""
        places = nearest_pair([Span(*place) for place in head.places], [Span(*place) for place in tail.places])
        head_at, tail_at = ((span.start, span.end) for span in places)
        found = dict.fromkeys(self._of_names(head, tail))
        found |= dict.fromkeys(self._of_wording(head, tail, self._marked(head_at, tail_at)))
        return list(found)

    def _marked(self, head: Place, tail: Place) -> list[str]:
        """The tokens of the passage with one mark for each mention."""
        marks = self._marks | dict.fromkeys(self._tokens(head), (HEAD, head))
        marks |= dict.fromkeys(self._tokens(tail), (TAIL, tail))
        out: list[str] = []
        before: tuple[str, Place] | None = None
        for n, form in enumerate(self._forms):
            mark = marks.get(n)
            if mark is None or mark != before:
                out.append(form if mark is None else mark[0])
            before = mark
        return out

    def _of_names(self, head: Name, tail: Name) -> Iterator[str]:
        """What the two names are, and their part in the passage."""
        kinds = f"{head.label} {tail.label}"
        yield kinds
        for role, name in (("head", head), ("tail", tail)):
            shown = self.text[slice(*name.places[0])].casefold()
            yield f"{role} is {shown}"
            yield f"{role} ends {shown[-4:]}"
            yield f"{role} ends {shown[-2:]} of {kinds}"
            yield f"{role} begins {shown[:2]} of {kinds}"
            same = [other for other in self.names if other.label == name.label]
            yield f"{role} is number {min(same.index(name), 4)} of {min(len(same), 5)}, {kinds}"
            yield f"{role} times {min(len(name.places), 4)}, {kinds}"

    def _of_wording(self, head: Name, tail: Name, tokens: Sequence[str]) -> Iterator[str]:
        """The words between the two and beside them. Where one holds the other there are none between."""
        kinds = f"{head.label} {tail.label}"
        if HEAD not in tokens or TAIL not in tokens:
            yield f"nested {kinds}"
            return
        first, last = sorted((tokens.index(HEAD), tokens.index(TAIL)))
        way = ">" if tokens[first] == HEAD else "<"
        before, between, after = tokens[:first], tokens[first + 1 : last], tokens[last + 1 :]
        yield from (f"{way}{feature}" for feature in _between(between, kinds))
        left, right = before[-NEAR:], after[:NEAR]
        for side, part in (("left", [*left, tokens[first]]), ("right", [tokens[last], *right])):
            for one, two in pairwise(part):
                yield f"{way}{side} {one} {two}"
            for form in set(part):
                yield f"{way}{side} {form}"
        for n in (1, 2, 3):
            yield f"{way}left{n} {kinds} {' '.join(left[-n:])}"
            yield f"{way}right{n} {kinds} {' '.join(right[:n])}"
        yield from (f"{way}plain {feature}" for feature in _plain(*map(_unlisted, (before, between, after))))


def _plain(before: Sequence[str], between: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """The wording without other names: beside each of the two together with what stands between, in threes, and which
    words before the first stand with which between."""
    start, end = " ".join(between[:2]), " ".join(between[-2:])
    for n in (1, 2):
        left, right = " ".join(before[-n:]), " ".join(after[:n])
        yield from (f"left {left}", f"right {right}", f"left {left} 1 {start}", f"right {end} 2 {right}")
    yield f"frame {' '.join(before[-2:])} 1 {start} .. {end} 2 {' '.join(after[:2])}"
    for side, part in (("before", before[-8:]), ("after", after[:8]), ("between", ["[", *between[: 4 * NEAR], "]"])):
        yield from (f"{side} {' '.join(part[n : n + 3])}" for n in range(len(part) - 2))
    earlier, later = ([word for word in words if word.isalpha()] for words in (before[-6:], between))
    yield from (f"{one} ... {two}" for one in earlier for two in later[:8])


def _between(tokens: Sequence[str], kinds: str) -> Iterator[str]:
    """The tokens between two names: whole, in ones, twos and threes, and without the other names that are listed."""
    marks = [token for token in tokens if token.startswith("<")]
    yield f"gap {min(len(tokens) // 2, 12)} {kinds}"
    yield f"names between {min(len(marks), 6)} {kinds}"
    yield from (f"between {token} {kinds}" for token in set(marks))
    if len(tokens) <= WHOLE:
        yield f"path {' '.join(tokens)}"
    plain = _unlisted(tokens)
    if len(plain) <= WHOLE:
        yield f"plain path {' '.join(plain)}"
        yield f"plain path {' '.join(plain)}, {kinds}"
    near = tokens if len(tokens) <= 2 * NEAR else [*tokens[:NEAR], "...", *tokens[-NEAR:]]
    yield from (f"one {token}" for token in near)
    closed = ["[", *near, "]"]
    yield from (f"two {' '.join(closed[n : n + 2])}" for n in range(len(closed) - 1))
    yield from (f"three {' '.join(closed[n : n + 3])}" for n in range(len(closed) - 2))


def _unlisted(tokens: Sequence[str]) -> list[str]:
    """The tokens without names and what joins them to a list before them."""
    out: list[str] = []
    for token in tokens:
        if not token.startswith("<"):
            out.append(token)
            continue
        while out and out[-1] in JOINING:
            out.pop()
    return out


def _length(place: Place) -> int:
    return place[1] - place[0]
