"""Texts in tokens: runs of letters and digits, each Chinese character, and every other visible character alone.

Hyphens, slashes and brackets are tokens of their own, so `drug-induced` and `(VPA)` can be marked in part.
"""

from __future__ import annotations

import re

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
TOKEN = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+|[^\w\s]|_")
_DIGIT = re.compile(r"\d")


def spans_of(text: str) -> list[tuple[int, int]]:
    """Start and end of each token, in code points of `text`."""
    return [match.span() for match in TOKEN.finditer(text)]


def word_form(token: str) -> str:
    """The form under which a token's vector is found: lower case, every digit a 0."""
    return _DIGIT.sub("0", token.lower())
