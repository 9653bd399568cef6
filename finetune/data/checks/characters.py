"""Characters that a text does not have unless it was decoded wrongly or cut inside one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from finetune.data.checks.row import Problem, Row, shown

_SUSPECT = re.compile("[^\t\n\r\x20-\x7e\u4e00-\u9fff]")
_WESTERN = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0x100)) + "\x80-\x9f"
_HIGH = re.compile(f"[{_WESTERN}]{{2,}}")
_GBK_OF_REPLACEMENT = "锟斤拷"  # what GBK reads in two U+FFFD written as UTF-8
_NAMES = {"Cc": "control character", "Cs": "half of a surrogate pair", "Co": "character of a private use area"}


def damaged(row: Row) -> Iterator[Problem]:
    """The first damaged place of each message: U+FFFD, text decoded in a wrong encoding, control characters, lone
    surrogates, byte order marks."""
    for number, message in enumerate(row.messages, start=1):
        text = message.content
        found = _damage(text) if _SUSPECT.search(text) or _GBK_OF_REPLACEMENT in text else None
        if found:
            at, what = found
            around = text[max(0, at - 10) : at + 10].encode("utf-8", "backslashreplace").decode("utf-8")
            yield Problem("characters", f"message {number} has {what} at character {at + 1}, {shown(around)}")


def _damage(text: str) -> tuple[int, str] | None:
    """Place and name of the first damage."""
    if (at := text.find("\ufffd")) >= 0:
        return at, "U+FFFD, which stands for bytes that could not be decoded"
    if (at := text.find("\ufeff")) >= 0:
        return at, "a byte order mark (U+FEFF)"
    if (at := text.find(_GBK_OF_REPLACEMENT)) >= 0:
        return at, "characters of a wrong decoding (锟斤拷)"
    for match in _HIGH.finditer(text):
        meant = _misread(match[0])
        if meant:
            return match.start(), f"UTF-8 that was read as Windows-1252: {match[0]} for {meant}"
    for match in _SUSPECT.finditer(text):
        name = _NAMES.get(unicodedata.category(match[0]))
        if name:
            return match.start(), f"a {name} (U+{ord(match[0]):04X})"
    return None


def _misread(run: str) -> str | None:
    """What a run of Western characters says if its bytes were UTF-8; None where they are none."""
    try:
        data = b"".join(char.encode("latin-1" if ord(char) < 0x100 else "cp1252") for char in run)
        return data.decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None
