"""Which test text a text has words in common with, in the same order: an index of n-grams, and of whole texts."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taiyi.corpora.parts import normal_form

N_WORDS = 13  # of an n-gram, as the GPT-3 paper looked for overlap (arXiv:2005.14165, appendix C)
N_HAN = 30  # of an n-gram of a text that is mostly Han characters: about as much text, two or three clauses
TEXT_SHARE = 0.2  # of a text's n-grams in one test set: a fifth makes it a leak, as it does for segments
TESTED_SHARE = 0.5  # of one test text's n-grams in a text, however long that is: half makes it a leak
MIN_TESTED = 20  # n-grams that a test text needs for that: a shared sentence is no shared text
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN_CHAR = re.compile(f"[{_HAN}]")
_TOKEN = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+")
_FACTOR = 0x9E3779B97F4A7C15  # odd, its bits well mixed (2^64 over the golden ratio)

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Leak:
    """A text that stands in a test set.

    `share` is that of the text's own n-grams or segments that the set holds, or, where that is more, of the n-grams of
    one test text that the text holds. `how` says what told: "same text", "n-grams" or "segments".
    """

    set: str
    share: float
    how: str


def ngram_hashes(text: str) -> Hashes:
    """The hashes of the text's distinct n-grams, sorted: of its words (letters and digits) in lower case and NFKC, a
    Han character counting as one. Empty where it is shorter than one n-gram."""
    normal = unicodedata.normalize("NFKC", text).lower()
    words = _TOKEN.findall(normal)
    n = N_HAN if 2 * len(_HAN_CHAR.findall(normal)) >= len(words) else N_WORDS
    count = len(words) - n + 1
    if count < 1:
        return np.empty(0, np.uint64)
    tokens = np.fromiter((zlib.crc32(word.encode("utf-8", "replace")) for word in words), np.uint64, len(words))
    hashes = np.zeros(count, np.uint64)
    for place in range(n):
        hashes = hashes * np.uint64(_FACTOR) + tokens[place : place + count]
    return np.unique(hashes)


class TextIndex:
    """The texts of test sets, to look others up in."""

    def __init__(self, texts_by_set: Mapping[str, Iterable[str]]) -> None:
        self._set_by_form: dict[str, str] = {}
        self._set_by_text: list[str] = []
        grams: list[Hashes] = []
        for name, texts in texts_by_set.items():
            for text in texts:
                form = normal_form(text)
                if form and self._set_by_form.setdefault(form, name) == name:
                    self._set_by_text.append(name)
                    grams.append(ngram_hashes(text))
        self._sizes = [len(own) for own in grams]
        hashes = np.concatenate([np.empty(0, np.uint64), *grams])
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._texts = np.repeat(np.arange(len(grams), dtype=np.int32), self._sizes)[order]

    def find(self, text: str) -> Leak | None:
        """The set that holds the text, or enough of it (TEXT_SHARE), or a text of which it holds enough
        (TESTED_SHARE); None where there is none."""
        same = self._set_by_form.get(normal_form(text))
        if same is not None:
            return Leak(same, 1.0, "same text")
        hashes = ngram_hashes(text)
        common = self._texts_by_ngram(hashes)
        if not common:
            return None
        by_set = Counter(name for texts in common for name in {self._set_by_text[n] for n in texts})
        name, count = by_set.most_common(1)[0]
        leaks = [Leak(name, count / len(hashes), "n-grams")] if count >= TEXT_SHARE * len(hashes) else []
        for n, count in Counter(n for texts in common for n in texts).items():
            if self._sizes[n] >= MIN_TESTED and count >= TESTED_SHARE * self._sizes[n]:
                leaks.append(Leak(self._set_by_text[n], count / self._sizes[n], "n-grams"))
        return max(leaks, key=lambda leak: leak.share, default=None)

    def _texts_by_ngram(self, hashes: Hashes) -> list[list[int]]:
        """For each of the n-grams that a test text has, the numbers of those texts."""
        first = np.searchsorted(self._hashes, hashes, "left")
        last = np.searchsorted(self._hashes, hashes, "right")
        return [self._texts[first[n] : last[n]].tolist() for n in np.flatnonzero(last > first)]
