"""Plain text files: one document each."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from taiyi.document import Document
from taiyi.errors import FormatError
from taiyi.language import detect_language

# UTF-32's mark begins with UTF-16's, so it is tried first.
ENCODING_BY_MARK = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = ("utf-8", "gb18030")


def read(path: Path) -> Iterator[Document]:
    """The file's text as it stands (line ends and control characters too, without a byte order mark).

    Raises FormatError where the file is not text, or in none of the known encodings.
    """
    text = decode(path.read_bytes(), path.name)
    yield Document(path.stem, detect_language(text), text)


def decode(content: bytes, name: str) -> str:
    """The text of a file's bytes: by its byte order mark, else UTF-8, else GB18030. Raises FormatError."""
    marked = [encoding for mark, encoding in ENCODING_BY_MARK if content.startswith(mark)]
    if not marked and b"\0" in content:
        raise FormatError(
            f"{name} is not a text file. Save it as plain text (UTF-8), .docx or .pdf.", code="not_text", file=name
        )
    for encoding in marked[:1] or ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FormatError(
        f"The characters of {name} are in an unknown encoding. Save the file as UTF-8.",
        code="unknown_encoding",
        file=name,
    )
