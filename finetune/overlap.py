"""The leak filter: training texts that stand in a test set are found by fingerprints, without owning the test set."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from taiyi.language import is_cjk

TEXT_SHARE = 0.2  # of a document's segments: a fifth in one test set makes it a leak
RAW_SHARE = 0.05  # for raw text: one in twenty
MIN_CHARS = 25
MIN_CHARS_CJK = 10
_SEGMENT_END = re.compile(r"[.!?](?=\s)|[。！？；\n]")


def segment_hashes(text: str) -> Iterator[str]:
    """A hash for each segment that is long enough to tell: text is split at `.!?` before white space, at `。！？；` and
    at line ends; NFKC, lower case, letters and digits only; 25 characters or more, or 10 where half are Chinese; the
    first 16 hex digits of SHA-256."""
    for segment in _SEGMENT_END.split(text):
        normal = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", segment).lower()))
        n_han = sum(map(is_cjk, normal))
        if len(normal) >= MIN_CHARS or (len(normal) >= MIN_CHARS_CJK and n_han * 2 >= len(normal)):
            yield hashlib.sha256(normal.encode("utf-8")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Which test sets hold a segment: hash → names of sets."""

    sets_by_hash: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, path: Path) -> Fingerprints:
        """From a TSV of (set, hash), plain or packed."""
        opener = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
        found: dict[str, set[str]] = {}
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                name, _, digest = line.strip().partition("\t")
                found.setdefault(digest, set()).add(name)
        return cls({digest: frozenset(names) for digest, names in found.items()})

    def leaked(self, text: str, share: float = TEXT_SHARE) -> str | None:
        """The test set that holds at least `share` of the text's segments, the fullest first; None where none does."""
        hashes = list(segment_hashes(text))
        hits = Counter(name for digest in hashes for name in self.sets_by_hash.get(digest, ()))
        if not hits:
            return None
        name, count = hits.most_common(1)[0]
        return name if count >= share * len(hashes) else None
