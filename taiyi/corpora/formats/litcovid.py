"""BioCreative VII LitCovid: articles with their topics, `label` reads `Treatment;Mechanism`.

The official CSV has `pmid`, `title`, `abstract` and `label` among its columns; a TSV of `pmid`, `text` (title and
abstract in one) and `labels`, with or without a head, is also given out. Keys of a row: `labels`, in order, `columns`
(`csv` or `tsv`), and `may_lack_text` for an edition that took the text from some articles: those are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taiyi.corpora.fields import known_label
from taiyi.corpora.files import CorruptError
from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request

TSV_COLUMNS = ("pmid", "text", "labels")


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example an article, under its PMID; the text is the title as a sentence and the abstract."""
    lang, names = row["lang"], tuple(row["labels"])
    for line, record in _records(text, row["columns"]):
        missing = [key for key in ("pmid", "labels") if not record.get(key)]
        body = record["text"] if "text" in record else _joined(record.get("title", ""), record.get("abstract", ""))
        if not missing and not body.strip() and row.get("may_lack_text"):
            continue
        if missing or not body.strip():
            raise CorruptError(line, f"the article has no {', '.join(missing) or 'title and abstract'}.")
        pmid = record["pmid"]
        topics = {known_label(topic.strip(), names, line) for topic in record["labels"].split(";")}
        labels = tuple(Label(name) for name in names if name in topics)
        request = Request("classify", body, lang, lang, names, multi=True, document_id=pmid)
        yield Example(pmid, request, Document(pmid, lang, body, labels=labels), row["name"])


def _records(text: str, columns: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Number of the line on which it ends, and fields, of each article; the CSV's `label` is called `labels`."""
    head: Sequence[str] = ()
    for line, cells in _rows(text.removeprefix("\ufeff"), columns):
        if not head and not cells[0].isdigit():
            head = [{"label": "labels"}.get(name.strip().lower(), name.strip().lower()) for name in cells]
            continue
        head = head or TSV_COLUMNS
        if len(cells) != len(head):
            raise CorruptError(line, f"{len(head)} columns are due, but there are {len(cells)}.")
        yield line, dict(zip(head, cells, strict=True))


def _rows(text: str, columns: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that is not blank. In the TSV a quotation mark is a character like others."""
    if columns == "tsv":
        lines = ((number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), start=1))
        yield from ((number, line.split("\t")) for number, line in lines if line.strip())
        return
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from ((rows.line_num, cells) for cells in rows if any(cells))
    except csv.Error as error:
        raise CorruptError(rows.line_num, f"this is no CSV: {error}.") from error


def _joined(title: str, abstract: str) -> str:
    title, abstract = title.strip(), abstract.strip()
    end = "" if title.endswith((".", "?", "!")) or not title else "."
    return f"{title}{end} {abstract}".strip()
