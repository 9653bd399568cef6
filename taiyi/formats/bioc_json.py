"""BioC in its JSON form: a collection of documents, as NCBI's services give it; see `bioc`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from taiyi.document import Document
from taiyi.errors import DocumentError, FormatError
from taiyi.formats import bioc
from taiyi.formats.txt import decode


def read(path: Path) -> Iterator[Document]:
    """The documents of a collection. Raises FormatError where the file is none, or an annotation doesn't fit."""
    try:
        content = json.loads(decode(path.read_bytes(), path.name))
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormatError(
            f"{path.name}: not valid JSON ({error}).", code="not_bioc", file=path.name, reason=str(error)
        ) from error
    yield from documents_of(content, path.name)


def documents_of(content: Any, file: str) -> Iterator[Document]:
    """The documents of a BioC object; `file` is said in errors. Raises FormatError."""
    try:
        yield from bioc.documents_of(content)
    except (KeyError, TypeError, ValueError, AttributeError, DocumentError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise FormatError(
            f"{file} can't be read as a BioC collection: {reason}.", code="not_bioc", file=file, reason=reason
        ) from error


def write(document: Document) -> bytes:
    """A collection of one document."""
    return write_all([document])


def write_all(documents: Iterable[Document]) -> bytes:
    """A collection of documents."""
    collection = bioc.collection_of(documents)
    return (json.dumps(collection, ensure_ascii=False, indent=1) + "\n").encode("utf-8", errors="replace")
