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
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
INDEX_AFTER = 1000  # searches of one text: about what making the index costs (bench/align.py)
CHARS_PER_CANDIDATE = 300  # str.find reads about as many while one candidate of the index is tried
GRAM_CHARS = 3
MAX_GRAMS_TRIED = 8
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


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a mention stands. For "part" the spans are those of the part found, for "absent" there are none; otherwise
    one span for each place asked for."""

    surface: str
    status: Status
    spans: tuple[Span, ...] = ()


class Aligner:
    """Places mentions in one text. What is derived from the text is made once, when first needed.

    With `inside_words` a mention that stands nowhere at word borders may stand inside a word.
    """

    def __init__(self, text: str, *, inside_words: bool = False) -> None:
        self.text = text
        self._inside_words = inside_words
        self._searchable = _Searchable(text)
        self._found: dict[str, tuple[Status, tuple[Span, ...]]] = {}

    def place(self, surfaces: Sequence[str], occurrences: Occurrences = "all") -> list[Placement]:
        """A placement for each of `surfaces`, in their order.

        `occurrences` says which places of a mention that stands several times are returned: all of them from left to
        right (those of one mention don't overlap each other), the first, or ("generated") the n-th place for the n-th
        time the mention is named in this call; named more often than it stands, it stays at its last place.
        """
        n_named: Counter[tuple[bool, Span, int]] = Counter()
        placements = []
        for surface in surfaces:
            status, spans = self._find(surface.strip())
            if occurrences == "first":
                spans = spans[:1]
            elif occurrences == "generated" and spans:
                # The same places however they are spelt; an invention takes none from the mention it is made of.
                named = (status == "part", spans[0], len(spans))
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
        verbatim = self._at_borders([Span(start, start + len(surface)) for start in self._searchable.places(surface)])
        if verbatim:
            return "verbatim", verbatim
        mention = _Copy(surface)
        if not mention.chars:
            return "absent", ()
        normalised = self._at_borders(list(self._copy.places(mention.chars)))
        if normalised:
            return "normalised", normalised
        part = max(self._edge_of_word(mention.chars), self._words(mention), key=lambda found: found[0])[1]
        return ("part", part) if part else ("absent", ())

    def _at_borders(self, places: Sequence[Span]) -> tuple[Span, ...]:
        """Those of `places` that begin and end at a word border, without those that overlap one before; where none
        does and mentions may stand inside words, any."""
        at_borders = [s for s in places if is_border(self.text, s.start) and is_border(self.text, s.end)]
        return tuple(_without_overlaps(at_borders or (places if self._inside_words else ())))

    @cached_property
    def _copy(self) -> _Copy:
        return _Copy(self.text)

    def _edge_of_word(self, folded: str) -> tuple[int, tuple[Span, ...]]:
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
        units = mention.unit_ranges[:MAX_PART_UNITS]
        best = ""
        for first, last in self._longest_runs(mention.chars, units):
            run = _without_empty_edges(mention.chars, units[first : last + 1])
            if len(run) > len(best) and _says_something(run):
                best = run
        return len(best), tuple(_without_overlaps(self._copy.places(best, whole_units=True))) if best else ()

    def _longest_runs(self, chars: str, units: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The first and last unit of each run that stands in the text and cannot be made longer. Neither ever goes
        back, so the searches are at most twice as many as the units."""
        end = 0
        for first in range(len(units)):
            previous_end, end = end, max(end, first)
            while end < len(units) and any(
                True for _ in self._copy.places(chars[units[first][0] : units[end][1]], whole_units=True)
            ):
                end += 1
            if end > max(previous_end, first):
                yield first, end - 1


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

    @cached_property
    def unit_ranges(self) -> list[tuple[int, int]]:
        """The ranges in `chars` of the words of a spaced script and of every other character."""
        edges = [0, *self.breaks, len(self.chars)]
        return [match.span() for start, end in pairwise(edges) for match in _UNIT.finditer(self.chars, start, end)]

    @cached_property
    def _unit_edges(self) -> tuple[frozenset[int], frozenset[int]]:
        return frozenset(start for start, _ in self.unit_ranges), frozenset(end for _, end in self.unit_ranges)

    @cached_property
    def _searchable(self) -> _Searchable:
        return _Searchable(self.chars)

    def places(self, folded: str, *, whole_units: bool = False) -> Iterator[Span]:
        """Where, in the text, `folded` stands, from left to right, overlapping places too; not where an end would cut
        what one character of the text became, nor, with `whole_units`, where it would cut a unit."""
        for start in self._searchable.places(folded):
            end = start + len(folded)
            if whole_units and not (start in self._unit_edges[0] and end in self._unit_edges[1]):
                continue
            cut_before = start > 0 and self.starts[start] == self.starts[start - 1]
            cut_after = end < len(self.starts) and self.starts[end] == self.starts[end - 1]
            if not cut_before and not cut_after:
                yield Span(self.starts[start], self.ends[end - 1])


class _Searchable:
    """A string that is searched often: after some searches through an index of its runs of up to three characters, so
    that a search costs as much as there is to find and not as much as there is to read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._n_searches = 0
        self._starts_by_gram: dict[int, dict[str, list[int]]] = {}  # by the length of the runs

    def _index(self, n_chars: int) -> dict[str, list[int]]:
        if n_chars not in self._starts_by_gram:
            table: dict[str, list[int]] = {}
            for start in range(len(self.text) - n_chars + 1):
                table.setdefault(self.text[start : start + n_chars], []).append(start)
            self._starts_by_gram[n_chars] = table
        return self._starts_by_gram[n_chars]

    def places(self, piece: str) -> Iterator[int]:
        """Where `piece` begins, from left to right, overlapping places too."""
        self._n_searches += 1
        if self._n_searches > INDEX_AFTER:
            n_chars = min(GRAM_CHARS, len(piece))
            index = self._index(n_chars)
            shifts = range(0, len(piece) - n_chars + 1, max(1, len(piece) // MAX_GRAMS_TRIED))
            candidates, shift = min(((index.get(piece[at : at + n_chars], []), at) for at in shifts), key=_size)
            if len(candidates) * CHARS_PER_CANDIDATE < len(self.text):
                for start in candidates:
                    if start >= shift and self.text.startswith(piece, start - shift):
                        yield start - shift
                return
        start = self.text.find(piece)
        while start >= 0:
            yield start
            start = self.text.find(piece, start + 1)


def _size(candidates: tuple[list[int], int]) -> int:
    return len(candidates[0])


def _without_overlaps(spans: Iterable[Span]) -> Iterator[Span]:
    end = 0
    for span in spans:
        if span.start >= end:
            end = span.end
            yield span


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


def _without_empty_edges(chars: str, units: list[tuple[int, int]]) -> str:
    carrying = [(start, end) for start, end in units if _carries_meaning(chars[start:end])]
    return chars[carrying[0][0] : carrying[-1][1]] if carrying else ""


def _says_something(run: str) -> bool:
    """Whether a run is long enough to point at: a number or a lone letter would be found in any text."""
    if _UNSPACED_CHAR.search(run):
        return len(run) >= MIN_PART_CHARS_UNSPACED
    return len(run) >= MIN_PART_CHARS and any(char.isalpha() for char in run)
