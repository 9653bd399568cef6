"""What a report is made of, apart from how it is written: sections of paragraphs, tables and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text; the first cell of a row names it. The first `n_words` columns hold words, the others numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_words: int = 1

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.caption!r}: {len(row)} cells under {len(self.columns)} columns: {row}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with its file name and what it says in words."""

    file: str
    alt: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what there is to say, and what there is to see."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    blocks: tuple[Table | Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A titled sequence of sections; `links` are files beside it: (file, what is there)."""

    title: str
    sections: tuple[Section, ...]
    links: tuple[tuple[str, str], ...] = ()
