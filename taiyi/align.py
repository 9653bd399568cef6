"""Where the mentions of an answer stand in its text: the only maker of offsets from answers.

Everything is done on characters, never on words split at spaces, so Chinese, English and mixtures of the two go one
way. A mention is looked for

1. exactly as written ("verbatim");
2. in a normalised copy of text and mention ("normalised"): NFKC (width, ligatures, composed accents), case, variants of
   hyphen and apostrophe, invisible characters, and white space, which counts only between two letters or two digits;
   each character of the copy knows its place in the text;
3. by its longest contiguous part that stands there ("part"): whole words of English, two characters or more of Chinese.
   A mention that stands only as the beginning or end of a longer word ("diabetic" in "nondiabetic") is a part too;
4. else it is "absent".

A place must lie at word borders: not between two letters or digits of a script that writes spaces. Between a Chinese
character and anything else there is always a border. The first step that finds a place ends the search, so a mention
that stands verbatim somewhere is not also placed where only its case differs.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from taiyi.document import Span

if TYPE_CHECKING:
    from taiyi.tasks.base import Occurrences

Status = Literal["verbatim", "normalised", "part", "absent"]

MIN_PART_CHARS = 3  # of a part without Chinese characters; with them, MIN_PART_CHARS_UNSPACED
MIN_PART_CHARS_UNSPACED = 2
MAX_PART_UNITS = 400  # a mention longer than this is not one: its part is sought in its beginning
_FUNCTION_WORD = re.compile(
    "an?|and|are|as|at|be|by|for|from|in|into|is|its?|nor|not|of|on|or|that|the|their|these|this|those|to|was|were"
    "|which|with"
)

# Han, kana and the marks that stand for a repeated character: scripts that write no spaces.
_UNSPACED = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_UNSPACED_CHAR = re.compile(f"[{_UNSPACED}]")
_UNIT = re.compile(rf"(?:[^\W_{_UNSPACED}]|[\u0300-\u036f])+|\S")
_VARIANTS = str.maketrans("‐‑‒–−‘’ʼ′“”″", "-----''''\"\"\"")
_INSIDE_WORD = frozenset("\u00ad\u2060")  # soft hyphen, word joiner: nobody sees a border there
_JOINS_BEFORE = frozenset("ﾞﾟ")  # half-width voicing marks: NFKC composes them with the kana before
_SEPARATOR = "\0"  # between units; control characters are not in the normalised copy


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a mention stands. For "part" the spans are those of the part found, for "absent" there are none; otherwise
    one span for each place asked for."""

    surface: str
    status: Status
    spans: tuple[Span, ...] = ()


class Aligner:
    """Places mentions in one text. What is derived from the text is made once, when first needed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[str, tuple[Status, tuple[Span, ...]]] = {}

    def place(self, surfaces: Sequence[str], occurrences: Occurrences = "all") -> list[Placement]:
        """A placement for each of `surfaces`, in their order.

        `occurrences` says which places of a mention that stands several times are returned: all of them from left to
        right (those of one mention don't overlap each other), the first, or ("generated") the n-th place for the n-th
        time the mention is named in this call; named more often than it stands, it stays at its last place.
        """
        n_named: Counter[tuple[bool, tuple[Span, ...]]] = Counter()
        placements = []
        for surface in surfaces:
            status, spans = self._find(surface.strip())
            if occurrences == "first":
                spans = spans[:1]
            elif occurrences == "generated" and spans:
                named = (status == "part", spans)  # an invention takes no place from the mention it is made of
                nth = min(n_named[named], len(spans) - 1)
                n_named[named] += 1
                spans = (spans[nth],)
            placements.append(Placement(surface, status, spans))
        return placements

    def _find(self, surface: str) -> tuple[Status, tuple[Span, ...]]:
        if surface not in self._found:
            self._found[surface] = self._search(surface)
        return self._found[surface]

    def _search(self, surface: str) -> tuple[Status, tuple[Span, ...]]:
        if not any(char.isprintable() and not char.isspace() for char in surface):
            return "absent", ()
        verbatim = self._at_word_borders(_exact_places(self.text, surface))
        if verbatim:
            return "verbatim", verbatim
        mention = _Copy(surface)
        if not mention.chars:
            return "absent", ()
        normalised = self._at_word_borders(self._copy.places(mention.chars))
        if normalised:
            return "normalised", normalised
        part = max(self._inside_word(mention.chars), self._words(mention), key=lambda found: found[0])[1]
        return ("part", part) if part else ("absent", ())

    def _at_word_borders(self, places: Iterator[Span]) -> tuple[Span, ...]:
        """Those of `places` that begin and end at a word border, without those that overlap one before."""
        kept: list[Span] = []
        for span in places:
            free = not kept or span.start >= kept[-1].end
            if free and is_border(self.text, span.start) and is_border(self.text, span.end):
                kept.append(span)
        return tuple(kept)

    @cached_property
    def _copy(self) -> _Copy:
        return _Copy(self.text)

    @cached_property
    def _units(self) -> _Units:
        return _Units(self._copy)

    def _inside_word(self, folded: str) -> tuple[int, tuple[Span, ...]]:
        """Length and places of the whole mention as the beginning or end of a longer word."""
        if len(folded) < MIN_PART_CHARS or not any(char.isalpha() for char in folded):
            return 0, ()
        spans = tuple(
            span
            for span in self._copy.places(folded)
            if is_border(self.text, span.start) or is_border(self.text, span.end)
        )
        return (len(folded) if spans else 0), spans

    def _words(self, mention: _Copy) -> tuple[int, tuple[Span, ...]]:
        """Length and places of the mention's longest run of whole units that stands in the text."""
        units = [mention.chars[start:end] for start, end in mention.unit_ranges()][:MAX_PART_UNITS]
        best: tuple[int, list[str]] = (0, [])
        for start, end in self._units.longest_runs(units):
            run = _without_empty_edges(units[start:end])
            length = sum(map(len, run))
            if length > best[0] and _says_something(run):
                best = (length, run)
        length, run = best
        spans = tuple(self._units.places(run)) if run else ()
        return (length if spans else 0), spans


class _Copy:
    """The normalised copy of a text. `starts[i]` and `ends[i]` are where, in the text, the characters stand that
    became the i-th character of `chars`; `breaks` are the places in `chars` where white space was left out."""

    def __init__(self, text: str) -> None:
        chars: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.breaks: list[int] = []
        space_start: int | None = None
        for start, end in _clusters(text):
            for char in _folded(text[start:end]):
                if char.isspace():
                    space_start = start if space_start is None else space_start
                    continue
                if space_start is not None and chars:
                    if _space_counts(chars[-1], char):
                        chars.append(" ")
                        self.starts.append(space_start)
                        self.ends.append(start)
                    else:
                        self.breaks.append(len(chars))
                space_start = None
                chars.append(char)
                self.starts.append(start)
                self.ends.append(end)
        self.chars = "".join(chars)

    def span(self, start: int, end: int) -> Span | None:
        """The place in the text of `chars[start:end]`; None where an end cuts what one character of the text became."""
        cut_before = start > 0 and self.starts[start] == self.starts[start - 1]
        cut_after = end < len(self.starts) and self.starts[end] == self.starts[end - 1]
        return None if cut_before or cut_after else Span(self.starts[start], self.ends[end - 1])

    def places(self, folded: str) -> Iterator[Span]:
        """Where `folded` stands, from left to right, overlapping places too."""
        for found in _exact_places(self.chars, folded):
            span = self.span(found.start, found.end)
            if span is not None:
                yield span

    def unit_ranges(self) -> list[tuple[int, int]]:
        """The ranges in `chars` of the words of a spaced script and of every other character."""
        edges = [0, *self.breaks, len(self.chars)]
        return [match.span() for start, end in pairwise(edges) for match in _UNIT.finditer(self.chars, start, end)]


class _Units:
    """A normalised copy as a string of its units (a word of a spaced script, any other character alone), with a
    separator around each, so that a run of whole units is found by searching a string."""

    def __init__(self, copy: _Copy) -> None:
        self._copy = copy
        self._ranges = copy.unit_ranges()
        units = [copy.chars[start:end] for start, end in self._ranges]
        self._pairs = set(pairwise(units))
        self._joined = _joined(units)
        self._offsets: list[int] = []
        offset = 0
        for unit in units:
            self._offsets.append(offset)
            offset += len(unit) + 1

    def longest_runs(self, units: list[str]) -> Iterator[tuple[int, int]]:
        """The ranges of `units` that stand here and cannot be made longer; the ends never go back, so the searches
        are at most twice as many as the units."""
        end = 0
        for start in range(len(units)):
            previous_end = end
            end = max(end, start)
            while end < len(units) and self._has(units[start : end + 1]):
                end += 1
            if end > max(previous_end, start):
                yield start, end

    def _has(self, run: list[str]) -> bool:
        if len(run) > 1 and (run[-2], run[-1]) not in self._pairs:
            return False
        return _joined(run) in self._joined

    def places(self, run: list[str]) -> Iterator[Span]:
        """Where a run of units stands, from left to right, without overlaps."""
        wanted = _joined(run)
        end = 0
        for found in _exact_places(self._joined, wanted):
            first = bisect_left(self._offsets, found.start)
            span = self._copy.span(self._ranges[first][0], self._ranges[first + len(run) - 1][1])
            if span is not None and span.start >= end:
                end = span.end
                yield span


def _joined(units: list[str]) -> str:
    return _SEPARATOR + _SEPARATOR.join(units) + _SEPARATOR


def _exact_places(text: str, surface: str) -> Iterator[Span]:
    start = text.find(surface)
    while start >= 0:
        yield Span(start, start + len(surface))
        start = text.find(surface, start + 1)


@lru_cache(maxsize=4096)
def _is_word_char(char: str) -> bool:
    """A letter, digit or accent of a script that writes spaces; raised and lowered digits don't count ("cm²")."""
    if _UNSPACED_CHAR.match(char):
        return False
    return unicodedata.category(char)[0] in "LM" or unicodedata.category(char) == "Nd" or char in _INSIDE_WORD


def is_border(text: str, at: int) -> bool:
    """Whether a mention may begin or end before `text[at]`: not between two letters or digits of a spaced script."""
    return at == 0 or at == len(text) or not (_is_word_char(text[at - 1]) and _is_word_char(text[at]))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """The ranges of a character with the marks that normalisation may compose with it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _joins_before(text[at]):
            yield start, at
            start = at


@lru_cache(maxsize=4096)
def _joins_before(char: str) -> bool:
    is_medial_or_final_jamo = "\u1160" <= char <= "\u11ff"
    return unicodedata.category(char)[0] == "M" or is_medial_or_final_jamo or char in _JOINS_BEFORE


@lru_cache(maxsize=8192)
def _folded(cluster: str) -> str:
    """NFKC and case folding, one form for variants of hyphen and apostrophe, nothing for control and format characters
    other than white space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold()).translate(_VARIANTS)
    return "".join(char for char in folded if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf"))


def _space_counts(before: str, after: str) -> bool:
    if before.isdigit() or after.isdigit():
        return before.isdigit() and after.isdigit()
    return _is_word_char(before) and _is_word_char(after)


def _carries_meaning(unit: str) -> bool:
    return not _FUNCTION_WORD.fullmatch(unit) and any(char.isalnum() for char in unit)


def _without_empty_edges(run: list[str]) -> list[str]:
    carrying = [n for n, unit in enumerate(run) if _carries_meaning(unit)]
    return run[carrying[0] : carrying[-1] + 1] if carrying else []


def _says_something(run: list[str]) -> bool:
    """Whether a run is long enough to point at: a number or a lone letter would be found in any text."""
    joined = "".join(run)
    if _UNSPACED_CHAR.search(joined):
        return len(joined) >= MIN_PART_CHARS_UNSPACED
    return len(joined) >= MIN_PART_CHARS and any(char.isalpha() for char in joined)
