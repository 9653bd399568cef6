"""A text as the numbers that our networks read: per token the rows of its vectors and tables, and its characters."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taiyi.predictors.readers.word_forms import spans_of, word_form

MAX_TOKEN_CHARS = 16
N_CHARS = 130
"""Rows of the character table: 0 is padding, 1 to 128 are ASCII, the last is any other."""

_RUNS = re.compile(r"(.)\1{3,}")
_EDGE = "\x02"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenized text. `places` are code points; `known` (tokens, columns) rows of the word vectors (0 where there is
    none); `hashed` (tokens, tables) rows of the hashed tables; `chars` (tokens, MAX_TOKEN_CHARS) of the characters."""

    places: Sequence[tuple[int, int]]
    known: NDArray[np.int64]
    hashed: NDArray[np.int64]
    chars: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    def part(self, start: int, end: int) -> Tokens:
        """Tokens `start` to `end` of them."""
        rows = slice(start, end)
        return Tokens(self.places[rows], self.known[rows], self.hashed[rows], self.chars[rows])


def _shape(token: str) -> str:
    """Upper and lower case, digits and others as X, x, d and themselves; long runs cut to three."""
    kinds = "".join(
        "X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else "o" if c.isalpha() else c for c in token
    )
    return _RUNS.sub(r"\1\1\1", kinds)


def _chars(token: str) -> list[int]:
    """Rows of a token's first and last characters, where it is too long for all."""
    half = MAX_TOKEN_CHARS // 2
    kept = token if len(token) <= MAX_TOKEN_CHARS else token[:half] + token[-half:]
    rows = [min(ord(char), 128) + 1 for char in kept]
    return rows + [0] * (MAX_TOKEN_CHARS - len(rows))


def _hashed(values: Iterable[str], tables: Mapping[str, int]) -> list[int]:
    """A row for each value in its table; the table's name is part of what is hashed."""
    pairs = zip(values, tables.items(), strict=True)
    return [zlib.crc32(f"{name}={value}".encode("utf-8", "replace")) % rows for value, (name, rows) in pairs]


class TokenReader:
    """Turns texts into Tokens; `vocabulary` names what has a vector, in the order of the rows from 1."""

    tables: Mapping[str, int]
    """Rows of each hashed table, by name."""
    n_known: int
    """Vectors a token."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._row_by_form = {form: n for n, form in enumerate(vocabulary, 1)}

    def __call__(self, text: str) -> Tokens:
        places = spans_of(text)
        surfaces = [text[start:end] for start, end in places]
        forms = [word_form(surface) for surface in surfaces]
        known, hashed = self._features(surfaces, forms)
        chars = {surface: _chars(surface) for surface in set(surfaces)}
        n = len(places)
        return Tokens(
            places,
            np.asarray([[self._row_by_form.get(form, 0) for form in row] for row in known], np.int64).reshape(
                n, self.n_known
            ),
            np.asarray(hashed, np.int64).reshape(n, len(self.tables)),
            np.asarray([chars[surface] for surface in surfaces], np.int64).reshape(n, MAX_TOKEN_CHARS),
        )

    def _features(self, surfaces: Sequence[str], forms: Sequence[str]) -> tuple[list[tuple[str, ...]], list[list[int]]]:
        raise NotImplementedError


class WordReader(TokenReader):
    """Words as such, by beginning, by endings and by shape: for languages that write spaces."""

    tables = {"word": 8192, "prefix": 2048, "suffix": 2048, "ending": 2048, "shape": 512}  # noqa: RUF012
    n_known = 1

    def _features(self, surfaces: Sequence[str], forms: Sequence[str]) -> tuple[list[tuple[str, ...]], list[list[int]]]:
        pairs = dict(zip(surfaces, forms, strict=True))
        rows = {s: _hashed((f, f[:3], f[-3:], f[-5:], _shape(s)), self.tables) for s, f in pairs.items()}
        return [(form,) for form in forms], [rows[surface] for surface in surfaces]


class CharacterReader(TokenReader):
    """Characters and the pairs and triples they form with their neighbours: for Chinese."""

    tables = {"char": 8192, "left": 16384, "right": 16384, "three": 16384}  # noqa: RUF012
    n_known = 2

    def _features(self, surfaces: Sequence[str], forms: Sequence[str]) -> tuple[list[tuple[str, ...]], list[list[int]]]:
        n = len(forms)
        before, after = [_EDGE, *forms][:n], [*forms[1:], _EDGE][:n]
        known: list[tuple[str, ...]] = [(form, form + right) for form, right in zip(forms, after, strict=True)]
        triples = zip(before, forms, after, strict=True)
        return known, [_hashed((f, b + f, f + a, b + f + a), self.tables) for b, f, a in triples]


READERS: Mapping[str, type[TokenReader]] = {"en": WordReader, "zh": CharacterReader}
