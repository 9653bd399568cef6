"""Abstracts in a file of their own (PMID, title and abstract a line, tab-separated), as BioCreative gives them out with
a second file of annotations."""

from __future__ import annotations

from collections.abc import Iterator

from taiyi.corpora.files import CorruptError


def read_abstracts(text: str, file: str) -> dict[str, tuple[str, str]]:
    """Title and abstract by PMID. Raises CorruptError where a PMID comes twice."""
    parts: dict[str, tuple[str, str]] = {}
    for number, (pmid, title, abstract) in iter_cells(text, 3, file):
        if pmid in parts:
            raise CorruptError(number, f"the abstract {pmid} comes twice; take one out.", file=file)
        parts[pmid] = title, abstract
    return parts


def iter_cells(text: str, n_columns: int, file: str) -> Iterator[tuple[int, list[str]]]:
    """Number, from 1, and tab-separated cells of each line that is not blank. Raises CorruptError where there are more
    or fewer than `n_columns`."""
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), start=1):
        cells = line.rstrip("\r").split("\t")
        if line.strip():
            if len(cells) != n_columns:
                raise CorruptError(number, f"{len(cells)} columns, where {n_columns} are due.", file=file)
            yield number, cells
