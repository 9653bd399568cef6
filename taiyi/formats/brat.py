"""brat: a text file and its annotations beside it (`x.txt`, `x.ann`), many of them in one zip; see `standoff`.

Kept: entities (also in pieces) with scores, attributes and identifiers, relations, events. Lost, as brat has no place
for it: classes, answers, sections, and events without a trigger.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from taiyi.document import Document
from taiyi.errors import DocumentError, FormatError
from taiyi.formats import standoff
from taiyi.formats.txt import decode
from taiyi.language import detect_language

MAX_UNPACKED_BYTES = 200_000_000  # a zip of a few kilobytes can unpack to anything
_NOT_IN_A_FILE_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*%]|^\.+')


def read(path: Path) -> Iterator[Document]:
    """The documents of a zip in the order of their names, or that of one `.ann` file with its `.txt` beside it.

    A text without annotations is a document, too. Raises FormatError where a text is missing or a line is wrong.
    """
    if path.suffix.lower() == ".zip":
        yield from _read_zip(path)
        return
    text_file = path.with_suffix(".txt")
    if not text_file.is_file():
        raise _text_missing(path.name, text_file.name)
    yield _document(path.stem, _text(text_file.read_bytes(), text_file.name), path.read_bytes(), path.name)


def _read_zip(path: Path) -> Iterator[Document]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
            if sum(info.file_size for info in infos.values()) > MAX_UNPACKED_BYTES:
                raise _bad_zip(path.name, f"unpacked it is larger than {MAX_UNPACKED_BYTES // 10**6} MB")
            names = sorted(name for name in infos if not name.startswith("__MACOSX/"))
            for name in names:
                if name.endswith(".ann") and name[:-4] + ".txt" not in infos:
                    raise _text_missing(name, name[:-4] + ".txt")
            texts = [name for name in names if name.endswith(".txt")]
            if not texts:
                raise _bad_zip(path.name, "it holds no .txt file")
            for name in texts:
                annotations = archive.read(name[:-4] + ".ann") if name[:-4] + ".ann" in infos else b""
                stem = unquote(PurePosixPath(name).stem)
                yield _document(stem, _text(archive.read(name), name), annotations, name[:-4] + ".ann")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise _bad_zip(path.name, str(error)) from error


def _text(content: bytes, file: str) -> str:
    """The text of a file. A byte order mark in UTF-8 stays: brat counts it as a character."""
    mark = "\ufeff" if content.startswith(codecs.BOM_UTF8) else ""
    return mark + decode(content, file)


def _document(name: str, text: str, annotations: bytes, file: str) -> Document:
    try:
        entities, relations, events = standoff.read(decode(annotations, file), text)
        return Document(name, detect_language(text), text, entities, relations, events)
    except standoff.StandoffError as error:
        raise FormatError(
            f"{file}:{error.line}: {error}.", code="bad_annotation", place=f"{file}:{error.line}", reason=str(error)
        ) from error
    except DocumentError as error:
        raise FormatError(f"{file}: {error}", code="bad_annotation", place=file, reason=str(error)) from error


def write(document: Document) -> bytes:
    """A zip with the document's text and annotations."""
    return write_all([document])


def write_all(documents: Iterable[Document]) -> bytes:
    """A zip with two files a document, named by its id; a name that stood before gets a number."""
    content = io.BytesIO()
    used: set[str] = set()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in documents:
            name = _free_name(document.id, used)
            for suffix, text in ((".txt", document.text), (".ann", standoff.write(document))):
                # A fixed date: the same documents are the same file.
                info = zipfile.ZipInfo(name + suffix)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, text.encode("utf-8", errors="replace"))
    return content.getvalue()


def _free_name(document_id: str, used: set[str]) -> str:
    stem = _NOT_IN_A_FILE_NAME.sub(lambda m: "".join(f"%{byte:02X}" for byte in m.group().encode()), document_id)
    name, n = stem or "document", 1
    while name.lower() in used:
        n += 1
        name = f"{stem}-{n}"
    used.add(name.lower())
    return name


def lost(document: Document) -> dict[str, int]:
    """How many of each part brat can't carry."""
    n_bare = sum(not event.trigger for event in document.events)
    parts = {"labels": len(document.labels), "sections": len(document.sections), "events": n_bare}
    return parts | {"answer": int(document.answer is not None)}


def _bad_zip(name: str, reason: str) -> FormatError:
    return FormatError(
        f"{name} can't be read as a zip of brat files ({reason}). Pack .txt and .ann files and try again.",
        code="bad_zip",
        file=name,
        reason=reason,
    )


def _text_missing(name: str, text_name: str) -> FormatError:
    return FormatError(
        f"{name} is annotations without their text. Put {text_name} beside it, or both in one zip.",
        code="text_missing",
        file=name,
        text=text_name,
    )
