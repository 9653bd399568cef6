"""JSON lines: one document a line, {"id", "text"} or an object that the shell printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from taiyi.document import Document
from taiyi.errors import FormatError
from taiyi.formats.json import document_of


def read(path: Path) -> Iterator[Document]:
    """The documents, line by line, without loading the file; blank lines are passed over. A line without an id gets
    its number. Raises FormatError that names file and line."""
    with path.open("rb") as lines:
        for n, line in enumerate(lines, 1):
            place = f"{path.name}:{n}"
            try:
                content = line.decode("utf-8-sig" if n == 1 else "utf-8").strip()
                row = json.loads(content) if content else None
            except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
                reason = error.msg if isinstance(error, json.JSONDecodeError) else "not UTF-8"
                raise FormatError(
                    f"{place}: the line is not valid JSON ({reason}).",
                    code="not_json",
                    file=path.name,
                    line=n,
                    reason=reason,
                ) from error
            if content:
                yield document_of(row, place, f"{path.stem}:{n}")


def write(document: Document) -> bytes:
    """The document's line."""
    return (json.dumps(document.to_dict(), ensure_ascii=False) + "\n").encode("utf-8", errors="replace")


def write_all(documents: Iterable[Document]) -> bytes:
    """The documents' lines."""
    return b"".join(map(write, documents))
