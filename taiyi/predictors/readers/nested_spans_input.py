"""What the nested-mention reader makes of a text before the network sees it: ids, bigrams, lexicon matches, windows.

The lexicon holds no text: a name is the hash of its character ids, with what is known of it as small numbers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UNKNOWN_CHAR = 1
_HASH_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_BREAKS_STRONG = frozenset("。！？；\n!?;")
_BREAKS_WEAK = frozenset("，,、：: \t")

Ids = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def folded(char: str) -> str:
    """`char` as the network sees it: NFKC and lower case where that is one character, any white space as a space."""
    if char.isspace() or unicodedata.category(char) == "Cc":
        return " "
    form = unicodedata.normalize("NFKC", char).lower()
    return form if len(form) == 1 else char


class CharTable(dict[str, int]):
    """Character -> id; characters never asked for before are folded on first use."""

    def __init__(self, chars: Sequence[str], first_id: int) -> None:
        super().__init__()
        self._known = {char: first_id + i for i, char in enumerate(chars)}

    def __missing__(self, char: str) -> int:
        found = self._known.get(folded(char), UNKNOWN_CHAR)
        self[char] = found
        return found

    def ids(self, text: str) -> Ids:
        """The id of each code point of `text`. *Shape:* (len(text),)."""
        return np.fromiter((self[char] for char in text), dtype=np.int64, count=len(text))


def bigram_rows(ids: Ids, n_rows: int) -> Ids:
    """The embedding row of each pair of neighbours, with one before and one behind. *Shape:* (..., n) -> (..., n+1)."""
    padded = np.pad(ids, [(0, 0)] * (ids.ndim - 1) + [(1, 1)]).astype(np.uint64)
    mixed = (padded[..., :-1] * np.uint64(0x9E3779B1) + padded[..., 1:]) * _HASH_FACTOR
    return ((mixed >> np.uint64(32)) % np.uint64(n_rows)).astype(np.int64)


def span_hashes(ids: Ids, length: int, prefix: npt.NDArray[np.uint64] | None = None) -> npt.NDArray[np.uint32]:
    """The hash of every `length` neighbouring ids. *Shape:* (n,) -> (max(0, n - length + 1),)."""
    prefix = prefix_hashes(ids) if prefix is None else prefix
    if length > len(ids):
        return np.zeros(0, dtype=np.uint32)
    power = np.uint64(pow(int(_HASH_FACTOR), length, 1 << 64))
    whole = prefix[length:] - prefix[: len(prefix) - length] * power
    return ((whole ^ (whole >> np.uint64(29))) * _HASH_FACTOR >> np.uint64(32)).astype(np.uint32)


def prefix_hashes(ids: Ids) -> npt.NDArray[np.uint64]:
    """Polynomial hashes of all beginnings, from the empty one on. *Shape:* (n,) -> (n + 1,)."""
    out, value, factor = [0], 0, int(_HASH_FACTOR)
    for char_id in ids.tolist():
        value = (value * factor + char_id + 1) & 0xFFFFFFFFFFFFFFFF
        out.append(value)
    return np.array(out, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Matches:
    """Names of a lexicon found in a text: first and last character, row of the lexicon. *Shape:* (n,) each."""

    first: Ids
    last: Ids
    row: Ids


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names by hash. `keys` (n,) ascending; `values` (n, width): what is known of each name, 255 = 1.0."""

    keys: npt.NDArray[np.uint32]
    values: Bytes
    max_chars: int

    def find(self, ids: Ids) -> Matches:
        """All places of all names, also nested and crossing ones; a name with an unknown character is none."""
        prefix = prefix_hashes(ids)
        unknown = np.concatenate([[0], np.cumsum(ids == UNKNOWN_CHAR)])
        firsts, lasts, rows = [], [], []
        for length in range(1, min(self.max_chars, len(ids)) + 1):
            hashes = span_hashes(ids, length, prefix)
            row = np.searchsorted(self.keys, hashes)
            row[row == len(self.keys)] = 0
            known = (self.keys[row] == hashes) & (unknown[length:] == unknown[:-length])
            first = np.flatnonzero(known)
            firsts.append(first)
            lasts.append(first + length - 1)
            rows.append(row[first])
        if not firsts:
            return Matches(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
        return Matches(np.concatenate(firsts), np.concatenate(lasts), np.concatenate(rows))


def char_features(n: int, first: Ids, last: Ids, values: Bytes) -> Bytes:
    """What names begin at, run through and end at each character: the largest value of each column.

    *Shape:* n characters, `values` (matches, width) -> (n, 3 * width).
    """
    width = values.shape[1]
    out = np.zeros((n, 3 * width), dtype=np.uint8)
    for i, j, value in zip(first.tolist(), last.tolist(), values, strict=True):
        begin, inside, end = out[i, :width], out[i : j + 1, width : 2 * width], out[j, 2 * width :]
        np.maximum(begin, value, out=begin)
        np.maximum(inside, value, out=inside)
        np.maximum(end, value, out=end)
    return out


def cut(text: str, max_chars: int) -> list[tuple[int, int]]:
    """`text` in pieces of at most `max_chars` code points that cover it, as (start, end).

    Cut at the last sentence end that fits, else at the last comma or space, else anywhere; sentences that fit together
    stay together.
    """
    pieces, start = [], 0
    while len(text) - start > max_chars:
        end = start + max_chars
        for breaks in (_BREAKS_STRONG, _BREAKS_WEAK):
            found = next((i for i in range(end - 1, start + max_chars // 4, -1) if text[i] in breaks), None)
            if found is not None:
                end = found + 1
                break
        pieces.append((start, end))
        start = end
    if start < len(text):
        pieces.append((start, len(text)))
    return pieces


def windows(text: str, max_chars: int) -> list[tuple[int, int, int | None]]:
    """(start, end, seam): the pieces of `cut`, and over each seam that is no sentence end a window that joins the
    halves of its two neighbours, so that a mention across it is seen whole."""
    pieces = cut(text, max_chars)
    out: list[tuple[int, int, int | None]] = [(start, end, None) for start, end in pieces]
    for start, seam in pieces[:-1]:
        if text[seam - 1] not in _BREAKS_STRONG:
            out.append((max(start, seam - max_chars // 2), min(len(text), seam + max_chars // 2), seam))
    return out
