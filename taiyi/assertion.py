"""What a text says of a mention: that it is absent ("no fever") or only possible ("suspected pneumonia").

Cues of `data/cues/<lang>.yaml` act on mentions after or before them, within the sentence, up to a terminator and as far
as the language's reach: the scope rule of NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029) with uncertainty as
in ConText (Harkema et al. 2009). A cue inside a mention ("non-Hodgkin lymphoma", 无痛性甲状腺炎) says nothing.

Measured on the training file of CHIP-CDEE, whose findings carry a status (`bench/assertion.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import yaml

from taiyi.document import ATTRIBUTES, Document, Entity
from taiyi.language import LANGUAGES
from taiyi.segment import sentence_ends

FOLDER = Path(__file__).parent / "data" / "cues"
TERMINATOR = "terminator"


@dataclass(frozen=True, slots=True)
class CueTable:
    """The cues of a language: a pattern that finds the longest of them, what each means (attribute, "before" or
    "after"; a word can mean both), and how far they reach, in characters."""

    pattern: re.Pattern[str]
    meanings_by_word: Mapping[str, frozenset[tuple[str, str]]]
    reach_chars: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue or a terminator at its place in a text."""

    start: int
    end: int
    meanings: frozenset[tuple[str, str]]


@cache
def cue_table(lang: str) -> CueTable:
    """The table of `data/cues/<lang>.yaml`."""
    rows = yaml.safe_load((FOLDER / f"{lang}.yaml").read_text(encoding="utf-8"))
    meanings: dict[str, set[tuple[str, str]]] = {word: set() for word in rows["pseudo"]}
    for attribute in ATTRIBUTES:
        for side, words in rows[attribute].items():
            for word in words:
                meanings.setdefault(word, set()).add((attribute, side))
    for word in rows["terminators"]:
        meanings.setdefault(word, set()).add((TERMINATOR, ""))
    alternatives = "|".join(_pattern_of(word, lang) for word in sorted(meanings, key=len, reverse=True))
    found = {word: frozenset(marks) for word, marks in meanings.items()}
    return CueTable(re.compile(alternatives, re.IGNORECASE), found, rows["reach_chars"])


def _pattern_of(word: str, lang: str) -> str:
    """English cues are whole words with any white space between them; a Chinese cue is its characters."""
    if lang == "zh":
        return re.escape(word)
    inner = r"\s+".join(map(re.escape, word.split()))
    return rf"(?<!\w){inner}(?!\w)" if word[0].isalnum() else inner


def asserted(document: Document) -> Document:
    """The document with each entity's `attributes` set to what the text around it says; other languages as they are."""
    if document.lang not in LANGUAGES or not document.entities:
        return document
    inside = _inside(document)
    table = cue_table(document.lang)
    found: dict[str, set[str]] = {entity.id: set() for entity in document.entities}
    for sentence, entities in _sentences(document):
        cues = list(_cues(document.text, sentence, table, inside))
        starts = [cue.start for cue in cues]
        for entity in entities:
            found[entity.id] = set(_attributes(entity, cues, starts, table))
    marked = tuple(replace(entity, attributes=tuple(sorted(found[entity.id]))) for entity in document.entities)
    return replace(document, entities=marked)


def _inside(document: Document) -> bytearray:
    """Which characters belong to a mention."""
    inside = bytearray(len(document.text))
    for entity in document.entities:
        for span in entity.spans:
            inside[span.start : span.end] = b"\1" * (span.end - span.start)
    return inside


def _sentences(document: Document) -> Iterator[tuple[tuple[int, int], list[Entity]]]:
    """The sentences that hold mentions: (start, end), and the mentions that begin there."""
    borders = [0, *sentence_ends(document.text, document.lang)]
    ordered = sorted(document.entities, key=lambda entity: entity.start)
    starts = [entity.start for entity in ordered]
    for start, end in pairwise(borders):
        entities = ordered[bisect_left(starts, start) : bisect_left(starts, end)]
        if entities:
            yield (start, end), entities


def _cues(text: str, sentence: tuple[int, int], table: CueTable, inside: bytearray) -> Iterator[Cue]:
    """The cues and terminators of a sentence, in order, those that a mention covers left out."""
    for match in table.pattern.finditer(text, *sentence):
        word = " ".join(match.group().lower().split())
        meanings = table.meanings_by_word[word]
        if meanings and not any(inside[match.start() : match.end()]):
            yield Cue(match.start(), match.end(), meanings)


def _attributes(entity: Entity, cues: list[Cue], starts: list[int], table: CueTable) -> Iterator[str]:
    """What the cues around an entity say of it: to each side as far as the first terminator and the reach."""
    at = bisect_right(starts, entity.start)
    left = ((entity.start - cues[n].end, cues[n]) for n in range(at - 1, -1, -1))
    right = ((cues[n].start - entity.end, cues[n]) for n in range(at, len(cues)))
    for side, near in (("before", left), ("after", right)):
        for gap, cue in near:
            attributes = [attribute for attribute, acts in cue.meanings if acts == side]
            if gap > table.reach_chars[side] or (not attributes and (TERMINATOR, "") in cue.meanings):
                break
            if gap >= 0:
                yield from attributes
