"""The leak filter of the instruction data: documents that stand in a test set, and in which.

Where a test set is at hand, a document leaks that is one of its texts (the same letters and digits), that has a fifth
of its n-grams in the set, or that holds half of the n-grams of one test text (`ngrams`). Where it is not, its
fingerprints tell, which ship with the project: a fifth of the document's segments (`finetune.overlap`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from eval.sets import EvalSet, find_source, load_sets, read_set
from finetune.data.ngrams import Leak, TextIndex
from finetune.overlap import TEXT_SHARE, Fingerprints
from taiyi.errors import FormatError
from taiyi.tasks.base import Request

__all__ = ["Leak", "LeakFilter", "document_text", "texts_at_hand"]


class LeakFilter:
    """Finds documents of test sets. Each document is looked up once: instances of the same one share the answer."""

    def __init__(self, fingerprints: Fingerprints, tests: Mapping[str, Iterable[str]] | None = None) -> None:
        self._fingerprints = fingerprints
        self._index = TextIndex(tests or {})
        self._leak_by_text: dict[int, Leak | None] = {}
        self.at_hand: tuple[str, ...] = tuple(tests or ())

    @classmethod
    def load(cls, tests_dir: Path | None = None, data_dir: Path | None = None, own: Iterable[Path] = ()) -> LeakFilter:
        """With the test parts under `tests_dir`, the shipped fingerprints, those of the files `own`, and those in
        `data_dir`. Raises FormatError for a corrupt test file, InputError for a file that is none of fingerprints."""
        return cls(Fingerprints.of_tests(data_dir, own), texts_at_hand(tests_dir) if tests_dir else None)

    def leak(self, text: str) -> Leak | None:
        """In which test set the text stands, how much, and how that was seen; None where it stands in none."""
        key = hash(text)
        if key not in self._leak_by_text:
            self._leak_by_text[key] = self._index.find(text) or self._by_segments(text)
        return self._leak_by_text[key]

    def leaked(self, text: str) -> str | None:
        """The test set in which the text stands; None where it stands in none."""
        leak = self.leak(text)
        return leak.set if leak else None

    def _by_segments(self, text: str) -> Leak | None:
        found = self._fingerprints.fullest(text)
        return Leak(*found, "segments") if found and found[1] >= TEXT_SHARE else None


def document_text(request: Request) -> str:
    """What the leak filter compares of a request: its text, question and second text, a line each. Options are left
    out, since editions of an exam put them in another order."""
    return "\n".join(filter(None, (request.text, request.question, request.text_b)))


def texts_at_hand(tests_dir: Path, split: str = "test") -> dict[str, list[str]]:
    """The texts of each set's test (or "dev") part whose files are under `tests_dir`. Sets that are read from the same
    files are one, under what their names begin with; parts cut out of files that are also trained on
    (`taiyi.corpora.parts`) are left to the mixture. Raises FormatError where a file is corrupt."""
    sets_by_files: dict[tuple[Path, ...], list[EvalSet]] = {}
    for row in load_sets().values():
        if row.sources(split):
            try:
                found = find_source(row, split, tests_dir)
            except FormatError as error:
                if error.code != "corpus_missing":
                    raise
                continue
            if found.source.part is None:
                sets_by_files.setdefault(found.paths, []).append(row)
    suffix = "" if split == "test" else f" ({split})"
    return {
        _common_name(rows) + suffix: [document_text(example.request) for example in read_set(rows[0], split, tests_dir)]
        for rows in sets_by_files.values()
    }


def _common_name(rows: list[EvalSet]) -> str:
    """`bc5cdr` for `bc5cdr-chem`, `bc5cdr-dise` and `bc5cdr-re`."""
    words = zip(*(row.name.split("-") for row in rows), strict=False)
    return "-".join(word for word, *others in words if {word} >= set(others)) or rows[0].name
