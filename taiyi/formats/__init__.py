"""Documents in and out, one module a format.

A reader module has `read(path) -> Iterator[Document]`, a writer module `write(document) -> bytes`; the tables name them
by the file's suffix. A module is imported when its format is first used. Chats and reports have functions of their own
in `json`, `markdown` and `docx`.

    .txt           in       UTF-8, UTF-16 with a byte order mark, GB18030; so is any suffix not named here
    .docx          in, out  paragraphs and tables; out: the report's sections
    .pdf           in       the text of the pages
    .json          in, out  one document, a list of them, or a BioC collection
    .jsonl         in, out  one document a line, {"id", "text"} or what the shell prints
    .ann           in       brat's annotations, their text beside them
    .zip           in, out  brat's pairs of text and annotations
    .pubtator      in, out  PubTator, also as .pubtator.txt
    .bioc.json     in, out  BioC
    .xml           in, out  BioC, also as .bioc.xml
    .csv           in, out  in: a text a row; out: an item a row, for a spreadsheet, which `csv.annotated` reads back
    .html          out      a self-contained page with the mentions marked
    .md            out      the report's sections

What a format has no place for is said by `losses`. Text is kept as it stands in the file, line ends included: offsets
refer to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path

from taiyi.document import Document
from taiyi.errors import FormatError, Issue

READERS = {
    ".txt": "taiyi.formats.txt",
    ".docx": "taiyi.formats.docx",
    ".pdf": "taiyi.formats.pdf",
    ".json": "taiyi.formats.json",
    ".jsonl": "taiyi.formats.jsonl",
    ".ann": "taiyi.formats.brat",
    ".zip": "taiyi.formats.brat",
    ".pubtator": "taiyi.formats.pubtator",
    ".pubtator.txt": "taiyi.formats.pubtator",
    ".bioc.json": "taiyi.formats.bioc_json",
    ".xml": "taiyi.formats.bioc_xml",
    ".csv": "taiyi.formats.csv",
}
WRITERS = {
    ".json": "taiyi.formats.json",
    ".jsonl": "taiyi.formats.jsonl",
    ".zip": "taiyi.formats.brat",
    ".pubtator": "taiyi.formats.pubtator",
    ".bioc.json": "taiyi.formats.bioc_json",
    ".xml": "taiyi.formats.bioc_xml",
    ".csv": "taiyi.formats.csv",
    ".html": "taiyi.formats.html",
    ".docx": "taiyi.formats.docx",
    ".md": "taiyi.formats.markdown",
}


# Formats whose files may hold several documents.
COLLECTIONS = (".json", ".jsonl", ".zip", ".pubtator", ".bioc.json", ".xml", ".csv")


def iter_documents(path: str | Path) -> Iterator[Document]:
    """The documents of a file, in order; `id` is what the file says, else the file's name without its suffix.

    A file without text yields a document with an empty one. Raises FormatError where the file is not there, is a
    folder, or is not what its suffix says.
    """
    file = Path(path)
    read: Callable[[Path], Iterator[Document]] = import_module(READERS[_suffix_of(file.name)]).read
    try:
        yield from read(file)
    except FileNotFoundError as error:
        raise FormatError(f"There is no file {file}. Check the name.", code="file_missing", file=file.name) from error
    except OSError as error:
        raise FormatError(
            f"The file {file} cannot be opened ({error.strerror}).",
            code="file_unreadable",
            file=file.name,
            reason=error.strerror,
        ) from error


def _suffix_of(name: str) -> str:
    """The longest suffix that a reader has; .txt where none has."""
    return max((suffix for suffix in READERS if name.lower().endswith(suffix)), key=len, default=".txt")


def iter_texts(path: str | Path) -> Iterator[tuple[str, str]]:
    """(id, text) of each document of a file. Raises FormatError as `iter_documents` does."""
    for document in iter_documents(path):
        yield document.id, document.text


def read_document(path: str | Path) -> Document:
    """The one document of a file. Raises FormatError also where the file holds several or none."""
    documents = iter_documents(path)
    document = next(documents, None)
    if document is None or next(documents, None) is not None:
        name = Path(path).name
        raise FormatError(
            f"{name} should hold one document, but holds {'none' if document is None else 'several'}. "
            "Use a file with one, or the shell for many.",
            code="not_one_document",
            file=name,
        )
    return document


def write_document(document: Document, suffix: str) -> bytes:
    """The document in the format of `suffix` (a key of WRITERS), ready to be a file's content."""
    write: Callable[[Document], bytes] = import_module(WRITERS[suffix]).write
    return write(document)


def write_documents(documents: Iterable[Document], suffix: str) -> bytes:
    """Several documents in one file. Raises KeyError for a format of one document (see COLLECTIONS)."""
    if suffix not in COLLECTIONS:
        raise KeyError(suffix)
    write_all: Callable[[Iterable[Document]], bytes] = import_module(WRITERS[suffix]).write_all
    return write_all(documents)


def losses(documents: Iterable[Document], suffix: str) -> tuple[Issue, ...]:
    """What the format of `suffix` has no place for, counted over the documents; empty where it keeps everything."""
    lost: Callable[[Document], dict[str, int]] | None = getattr(import_module(WRITERS[suffix]), "lost", None)
    total: Counter[str] = Counter()
    for document in documents:
        total.update(lost(document) if lost else {})
    parts = ", ".join(f"{part}: {n}" for part, n in total.items() if n)
    return (Issue("not_carried", parts),) if parts else ()
