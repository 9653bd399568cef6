"""The documents of a corpus that may be trained on, with what fell out and why."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune.overlap import Fingerprints, segment_hashes
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.document import Document


@dataclass(frozen=True, slots=True)
class Parts:
    """The training part of a corpus, divided. `counts` says how many documents the file has and how many fell out."""

    train: tuple[Document, ...]
    tune: tuple[Document, ...]
    counts: dict[str, int]


class LeakFilter:
    """Texts of the official test parts (by their fingerprints) and of the development parts that are reported on."""

    def __init__(self, data_dir: Path, reported: Iterable[Document]) -> None:
        self._tests = Fingerprints.of_tests(data_dir)
        self._reported = Fingerprints({h: frozenset(["dev"]) for d in reported for h in segment_hashes(d.text)})

    def untested(self, documents: Iterable[Document]) -> tuple[Document, ...]:
        """Those of `documents` that stand in no official test part."""
        return tuple(document for document in documents if not self._tests.leaked(document.text))

    def divided(self, name: str, documents: Sequence[Document], keys: Sequence[str] | None = None) -> Parts:
        """`documents` of the corpus `name` without leaks, divided by `taiyi.corpora.parts`; by their text, or by `keys`
        where texts that belong together are to stay together."""
        rows = list(zip(documents, keys or [document.text for document in documents], strict=True))
        clean = [row for row in rows if not self._tests.leaked(row[0].text)]
        apart = [row for row in clean if not self._reported.leaked(row[0].text)]
        train = tuple(document for document, key in apart if part_of(key) != "tune")
        tune = tuple(document for document, key in apart if part_of(key) == "tune")
        counts = {
            "documents": len(rows),
            "in_a_test_set": len(rows) - len(clean),
            "in_a_reported_part": len(clean) - len(apart),
            "train": len(train),
            "tune": len(tune),
        }
        print(f"{name}: {counts}", file=sys.stderr, flush=True)
        return Parts(train, tune, counts)


def documents_of(name: str, split: str, data_dir: Path, limit: int | None = None) -> list[Document]:
    """The gold documents of a split, the first `limit` of them."""
    return [example.gold for example in read_corpus(name, split, data_dir)][:limit]
