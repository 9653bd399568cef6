"""The leak filter: training texts that stand in a test set are found by fingerprints, without owning the test set.

The fingerprints of the official test sets ship with the project (`finetune/data/fingerprints.tsv.xz`, hashes only).
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taiyi.errors import InputError
from taiyi.language import is_cjk

SHIPPED = Path(__file__).parent / "data" / "fingerprints.tsv.xz"
OWN = "test_fingerprints.tsv"  # a folder of corpora may hold one, plain or packed, of further sets
HEADER = "set\tsha256_16"

TEXT_SHARE = 0.2  # of a document's segments: a fifth in one test set makes it a leak
RAW_SHARE = 0.05  # for raw text: one in twenty
MIN_CHARS = 25
MIN_CHARS_CJK = 10
_OPENERS: Mapping[str, Callable[..., Any]] = {"": open, ".xz": lzma.open, ".gz": gzip.open}
_DIGEST = re.compile(r"[0-9a-f]{16}")
_SEGMENT_END = re.compile(r"[.!?](?=\s)|[。！？；\n]")


def segment_hashes(text: str) -> Iterator[str]:
    """A hash for each segment that is long enough to tell: text is split at `.!?` before white space, at `。！？；` and
    at line ends; NFKC, lower case, letters and digits only; 25 characters or more, or 10 where half are Chinese; the
    first 16 hex digits of SHA-256."""
    for segment in _SEGMENT_END.split(text):
        normal = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", segment).lower()))
        if len(normal) >= MIN_CHARS or (len(normal) >= MIN_CHARS_CJK and sum(map(is_cjk, normal)) * 2 >= len(normal)):
            yield hashlib.sha256(normal.encode("utf-8")).hexdigest()[:16]


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """(set, hash) of each line of a file of fingerprints."""
    try:
        with _OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8") as lines:
            for n, line in enumerate(lines, start=1):
                name, _, digest = line.rstrip("\r\n").partition("\t")
                if name and _DIGEST.fullmatch(digest):
                    yield name, digest
                elif line.strip() not in ("", HEADER):
                    raise InputError(
                        f"{path}:{n}: this is no fingerprint; a line holds a set's name, a tab, 16 hex digits."
                    )
    except (OSError, EOFError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise InputError(f"{path}: the fingerprints cannot be read ({error}).") from error


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Which test sets hold a segment: hash → names of sets."""

    sets_by_hash: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, *paths: Path) -> Fingerprints:
        """From TSVs of (set, hash), plain or packed. Raises InputError, with file and line, for what is none."""
        found: dict[str, set[str]] = {}
        for path in paths:
            for name, digest in _rows(path):
                found.setdefault(digest, set()).add(name)
        return cls({digest: frozenset(names) for digest, names in found.items()})

    @classmethod
    def of_tests(cls, data_dir: Path | None = None, own: Iterable[Path] = ()) -> Fingerprints:
        """Those of the official test sets, which ship with the project, of the files `own`, and of the
        `test_fingerprints.tsv` (.xz, .gz) in `data_dir`, where it has one."""
        packed = [data_dir / (OWN + suffix) for suffix in _OPENERS] if data_dir else []
        return cls.load(SHIPPED, *own, *filter(Path.is_file, packed))

    def fullest(self, text: str) -> tuple[str, float] | None:
        """The test set that holds most of the text's segments, and which share of them; None where none holds any."""
        hashes = list(segment_hashes(text))
        hits = Counter(name for digest in hashes for name in self.sets_by_hash.get(digest, ()))
        if not hits:
            return None
        name, count = hits.most_common(1)[0]
        return name, count / len(hashes)

    def leaked(self, text: str, share: float = TEXT_SHARE) -> str | None:
        """The test set that holds at least `share` of the text's segments, the fullest first; None where none does."""
        found = self.fullest(text)
        return found[0] if found and found[1] >= share else None
