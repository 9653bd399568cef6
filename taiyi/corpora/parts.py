"""Which part of a corpus a document belongs to where the corpus has no official development part at hand.

One definition for every reader and trainer, so that no model learns from what another is reported on. The part
depends on the text alone: the same text in two corpora, or under two annotations, falls into the same part.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Literal

Part = Literal["train", "tune", "report"]

REPORT_PERCENT = 10
TUNE_PERCENT = 7


def normal_form(text: str) -> str:
    """`text` without what editions of a corpus differ in: NFKC, lower case, letters and digits only."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def part_of(text: str) -> Part:
    """The part of a document with this text: a tenth is reported on, seven in a hundred are tuned on.

    The first 32 bits of SHA-256 over the normal form, modulo 100: below 10 report, below 17 tune, else train. Texts
    without a letter or digit share one part.
    """
    digest = hashlib.sha256(normal_form(text).encode("utf-8")).digest()
    place = int.from_bytes(digest[:4], "big") % 100
    if place < REPORT_PERCENT:
        return "report"
    return "tune" if place < REPORT_PERCENT + TUNE_PERCENT else "train"
