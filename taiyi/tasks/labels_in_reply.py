"""Labels named in a reply that may say more than the labels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from taiyi.align import is_border
from taiyi.document import Span
from taiyi.tasks.delimiters import Piece, escape, unescape
from taiyi.tasks.headings import label_of

_WRAPPING = " \t\"'“”‘’「」『』《》()（）[]【】*`。.!！"
_NEGATION_CHARS = 60  # how far before a label its negation may begin
_NEGATION = re.compile(
    r"(?:\b(?:not|no|non|without|never|isn't|doesn't)(?!\s+only\b)[\s-]*(?:(?!but\b)[a-z]+ ){0,3}[\"'“‘*]*"
    r"|(?:[不非无未没]|不是|不属于|而非|并非)[“‘「*]*)$",
    re.IGNORECASE,
)


def named_label(piece: Piece, labels: Sequence[str]) -> tuple[str, str] | None:
    """The label that a piece is, and its spelling there; None where it is more than a label, or another."""
    for written in (piece.text, piece.text.strip(_WRAPPING)):
        label = label_of(unescape(written), labels)
        if label is not None:
            return label, unescape(written)
    return None


def labels_within(text: str, labels: Sequence[str]) -> list[tuple[str, Span]]:
    """The labels that stand in a sentence, in its order, longer ones before those that they hold.

    A label counts at word borders alone, and not right after a negation ("not similar" is not "similar").
    """
    lowered = _same_length_lower(text)
    taken = [False] * len(text)
    found: list[tuple[str, Span]] = []
    for label in sorted(labels, key=len, reverse=True):
        for form in dict.fromkeys((escape(label), label)):
            for match in re.finditer(re.escape(_same_length_lower(form)), lowered):
                start, end = match.span()
                if start == end or any(taken[start:end]) or not (is_border(text, start) and is_border(text, end)):
                    continue
                taken[start:end] = [True] * (end - start)
                if not _NEGATION.search(text[max(0, start - _NEGATION_CHARS) : start]):
                    found.append((label, Span(start, end)))
    return sorted(found, key=lambda item: item[1])


def _same_length_lower(text: str) -> str:
    """Lower case and half width, character by character, so that offsets stay."""
    chars = []
    for char in text:
        plain = unicodedata.normalize("NFKC", char).lower()
        chars.append(plain if len(plain) == 1 else char)
    return "".join(chars)
