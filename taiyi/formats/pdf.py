"""PDF files: the text of their pages. Scanned pages hold none; we don't recognise characters in pictures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from taiyi.document import Document
from taiyi.errors import FormatError
from taiyi.language import detect_language

PAGE_BREAK = "\n\n"


def read(path: Path) -> Iterator[Document]:
    """One document with the text of all pages; `meta["pages_without_text"]` numbers those that gave none, from 1.

    Raises FormatError where the file is no PDF, asks for a password, or has no text at all.
    """
    pages = _page_texts(path)
    without_text = [n for n, page in enumerate(pages, 1) if not page.strip()]
    if len(without_text) == len(pages):
        raise FormatError(
            f"{path.name} holds no text: its {len(pages)} pages are probably scanned pictures. "
            "Run a character recognition on it first, or paste the text.",
            code="pdf_no_text",
            file=path.name,
            pages=len(pages),
        )
    text = PAGE_BREAK.join(page for page in pages if page.strip())
    meta = {"pages_without_text": without_text} if without_text else {}
    yield Document(path.stem, detect_language(text), text, meta=meta)


def _page_texts(path: Path) -> list[str]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it reports every oddity of a file it can read
    with path.open("rb") as file:
        try:
            reader = PdfReader(file)
            if reader.is_encrypted and not reader.decrypt(""):
                raise _protected(path)
            return [_whole_characters(page.extract_text()) for page in reader.pages]
        except FormatError:
            raise
        except (FileNotDecryptedError, DependencyError) as error:
            raise _protected(path) from error
        except Exception as error:  # a damaged PDF makes pypdf fail in every way there is, not only in its own errors
            raise FormatError(
                f"{path.name} is damaged or no PDF. Open it in a PDF viewer and save it again, or paste the text.",
                code="not_pdf",
                file=path.name,
            ) from error


def _protected(path: Path) -> FormatError:
    return FormatError(
        f"{path.name} is protected by a password. Save a copy without one, or paste the text.",
        code="pdf_protected",
        file=path.name,
    )


def _whole_characters(text: str) -> str:
    """The text without NUL and with lone surrogates, which broken fonts give, shown as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
