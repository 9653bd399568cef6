"""Contact details of persons: what a model must not learn to say. What was found is shown masked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from finetune.data.checks.row import Problem, Row

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_MARKS = "10X98765432"
_DAY = r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_CHINESE_LANDLINE = r"(?:\+86[- ]\d{2,3}|0\d{2,3})[- ]\d{7,8}|\(0\d{2,3}\) ?\d{7,8}|[48]00-\d{3}-?\d{4}"
_ABROAD = r"\+(?!86)\d{1,3}[- ]\(?\d{1,4}\)?(?:[- ]\d{2,4}){2,4}"
_AMERICAN = r"\(\d{3}\) ?\d{3}-\d{4}|(?:1[-.])?[2-9]\d{2}(?P<mark>[-.])[2-9]\d{2}(?P=mark)\d{4}"
_BEFORE, _AFTER = r"(?<![\w.-])", r"(?![\w-]|\.\d)"  # a number on its own, no part of a code or a longer number
_PATTERNS = {
    "an e-mail address": r"[\w.+-]{2,}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?!\w|\.\w)",
    "an identity card number": rf"(?<!\w)[1-9]\d{{5}}{_DAY}\d{{3}}[\dXx](?!\w)",
    "a mobile telephone number": rf"{_BEFORE}(?:\+?86[- ]?)?1[3-9]\d(?:\d{{8}}|[- ]\d{{4}}[- ]\d{{4}}){_AFTER}",
    "a telephone number": rf"{_BEFORE}(?:{_CHINESE_LANDLINE}|{_ABROAD}|{_AMERICAN}){_AFTER}",
    "a WeChat name": r"(?:微信号?|weixin|wechat)\s*(?:id)?\s*[:：是为]\s*[A-Za-z][\w-]{5,19}",
    "a QQ number": r"(?<![A-Za-z])QQ\s*(?:号码?|群)?\s*[:：是为]?\s*[1-9]\d{4,10}(?!\d)",
}
_FINDERS = {name: re.compile(pattern, re.IGNORECASE | re.ASCII) for name, pattern in _PATTERNS.items()}
_LIKELY = re.compile(r"@|\d{3}|微信|wechat|weixin", re.IGNORECASE)


def contacts(row: Row) -> Iterator[Problem]:
    """Each kind of contact detail in a message, once."""
    for number, message in enumerate(row.messages, start=1):
        if _LIKELY.search(message.content):
            for name, finder in _FINDERS.items():
                found = next(filter(_is_meant, finder.finditer(message.content)), None)
                if found:
                    yield Problem("contact", f"message {number} has {name}, {_masked(found[0])}")


def _is_meant(match: re.Match[str]) -> bool:
    """Whether the last mark of an identity card number is the one that its other digits give (GB 11643-1999)."""
    if match.re is not _FINDERS["an identity card number"]:
        return True
    total = sum(int(digit) * weight for digit, weight in zip(match[0], _ID_WEIGHTS, strict=False))
    return _ID_MARKS[total % 11] == match[0][-1].upper()


def _masked(found: str) -> str:
    """The first two characters; a finding must not spread what it warns of."""
    return found[:2] + "*" * min(8, len(found) - 2)
