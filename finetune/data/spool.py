"""Many lines in a random order without holding them in memory: sorted by a key, through buckets on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

BUCKET_BITS = 6  # a million rows of 3 kB are 64 buckets of some 50 MB


def sort_key(seed: int, id: str) -> int:
    """A number below 2^64 that depends on the seed and the id alone: rows in its order are shuffled."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{id}".encode(), digest_size=8).digest(), "big")


class Spool:
    """Lines with a key and a number, put into buckets by the first bits of their keys; a context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._paths = [folder / f"{bucket:02}.tsv" for bucket in range(1 << BUCKET_BITS)]
        self._open = ExitStack()
        self._files = [self._open.enter_context(path.open("w", encoding="utf-8", newline="\n")) for path in self._paths]

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def add(self, key: int, number: int, line: str) -> None:
        """Take in a line, which has no line end within."""
        self._files[key >> (64 - BUCKET_BITS)].write(f"{key:016x}\t{number}\t{line}\n")

    def ordered(self, wanted: Callable[[int], bool]) -> Iterator[tuple[int, str]]:
        """Number and line of the wanted lines by key, one bucket in memory at a time."""
        for file in self._files:
            file.flush()
        for path in self._paths:
            rows = []
            with path.open(encoding="utf-8", newline="\n") as lines:
                for line in lines:
                    key, number, content = line.rstrip("\n").split("\t", 2)
                    if wanted(int(number)):
                        rows.append((key, int(number), content))
            rows.sort()
            yield from ((number, content) for _, number, content in rows)
