"""A report as Markdown (GitHub's tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eval.report.content import Report, Table


def markdown(report: Report) -> str:
    """The whole report; pictures are named as files beside it."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_plain(report.title)}"
    for section in report.sections:
        yield from ("", f"## {_plain(section.heading)}")
        for paragraph in section.paragraphs:
            yield from ("", _plain(paragraph))
        for block in section.blocks:
            yield ""
            if isinstance(block, Table):
                yield from _table(block)
            else:
                yield f"![{_plain(block.alt)}]({block.file})"
    if report.links:
        yield ""
        yield from (f"- [{_plain(what)}]({file})" for file, what in report.links)


def _table(table: Table) -> Iterator[str]:
    yield from (f"**{_plain(table.caption)}**", "", _row(table.columns))
    yield "|" + "|".join("---" if n < table.n_words else "---:" for n in range(len(table.columns))) + "|"
    yield from map(_row, table.rows)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_plain(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _plain(text: str) -> str:
    """Text in one line in which Markdown sees no mark of its own."""
    return re.sub(r"([\\`*_<>\[\]#])", r"\\\1", " ".join(text.split()))
