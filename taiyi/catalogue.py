"""The 140 datasets of the paper's collection (38 Chinese, 102 English), and which of them a reader here reads.

`data/catalogue.tsv` holds the rows, from the paper's supplement and the authors' dataset list; sizes are those stated
there, in the units that each dataset counts in.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

CATALOGUE_FILE = Path(__file__).parent / "data" / "catalogue.tsv"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset.

    `number` counts within its language. `tasks` are the list's own names (NER, NEN, RE, QA-sqa, ...). `sizes` maps a
    part ("train", "dev", "test", or a name of its own) to its size. `corpora` are the rows of `taiyi.corpora` that
    read it, none where no reader does. `url` may be several addresses, parted by blanks.
    """

    lang: str
    number: int
    name: str
    tasks: tuple[str, ...]
    sizes: Mapping[str, int]
    corpora: tuple[str, ...]
    url: str
    paper: str

    def is_for(self, task: str) -> bool:
        """Whether one of the tasks is `task`, in any case: itself (`QA-sqa`) or its group (`QA`)."""
        wanted = task.casefold()
        return any(wanted in (name.casefold(), name.casefold().split("-")[0]) for name in self.tasks)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of `python -m taiyi datasets --json`."""
        return asdict(self) | {"sizes": dict(self.sizes)}


@cache
def load_catalogue() -> tuple[Dataset, ...]:
    """All datasets, the Chinese ones first, each language by number."""
    with CATALOGUE_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(map(_dataset, csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)))


def _dataset(row: Mapping[str, str]) -> Dataset:
    sizes = (part.split("=") for part in row["sizes"].split())
    return Dataset(
        lang=row["lang"],
        number=int(row["number"]),
        name=row["name"],
        tasks=tuple(row["tasks"].split()),
        sizes={part: int(size) for part, size in sizes},
        corpora=tuple(row["corpora"].split()),
        url=row["url"],
        paper=row["paper"],
    )


def table(datasets: Iterable[Dataset]) -> Iterator[str]:
    """Lines for a terminal: language, number, name, tasks, sizes, reader, address; and how many there are."""
    chosen = list(datasets)
    rows = [("lang", "no.", "name", "tasks", "sizes", "read as", "address"), *map(_cells, chosen)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield f"{len(chosen)} datasets, {sum(bool(dataset.corpora) for dataset in chosen)} with a reader"


def _cells(dataset: Dataset) -> tuple[str, ...]:
    sizes = ", ".join(f"{part} {size:,}" for part, size in dataset.sizes.items())
    read_as = ", ".join(dataset.corpora) or "-"
    return dataset.lang, str(dataset.number), dataset.name, ", ".join(dataset.tasks), sizes, read_as, dataset.url
