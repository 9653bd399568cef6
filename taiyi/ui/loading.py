"""Files into a text box: a text, or the documents of a file one after the other.

Everything loaded is kept by the browser; the upload is deleted as soon as it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from taiyi.document import Document
from taiyi.errors import FormatError
from taiyi.formats import iter_documents
from taiyi.ui.collection import Collection, is_annotated, pack_documents, text_per_line, unpack
from taiyi.ui.locale import sentence, t
from taiyi.ui.page import Page
from taiyi.ui.parts import QUIET
from taiyi.ui.show import alert, note

TEXT_FILES = [".txt", ".docx", ".pdf", ".json", ".jsonl", ".csv", ".xml", ".pubtator", ".zip"]
MAX_DOCUMENTS = 1_000  # of a file in the page; the shell reads any number
MAX_CHARS = 3_000_000  # of their texts: a browser carries them with every click


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a file: `packed` holds them and `readings` what was read of each (see `collection`), `choice` is
    the number of the one in the text box.

    `steps` are the events after which another document may be in the text box.
    """

    packed: gr.Textbox
    readings: gr.Textbox
    choice: gr.Dropdown
    steps: tuple[Dependency, ...]


def file_button(page: Page, tab: str, text: gr.Textbox) -> Documents:
    """A button that reads a file into `text`, where it can be checked before it is used; of a file with several
    documents a row to go through them, and for a plain text one that takes each line as a document."""
    with gr.Row(elem_classes="ty-file"):
        upload = page.make(
            gr.UploadButton, {"label": "file.load"}, file_types=TEXT_FILES, size="sm", scale=0, min_width=120
        )
        said = gr.HTML(elem_classes="ty-live")
    by_line = page.make(gr.Button, {"value": "file.by_line"}, size="sm", visible=False, elem_classes="ty-by-line")
    with gr.Row(visible=False, elem_classes="ty-documents") as bar:
        back = page.make(gr.Button, {"value": "file.previous"}, size="sm", scale=0, min_width=92)
        choice = page.make(gr.Dropdown, {"label": "file.document"}, choices=[], container=False, min_width=100)
        on = page.make(gr.Button, {"value": "file.next"}, size="sm", scale=0, min_width=92)
    packed, readings = (gr.Textbox("", visible="hidden", elem_id=f"{tab}-{name}") for name in ("documents", "readings"))
    loaded = [text, said, by_line, bar, choice, packed, readings]
    shown: dict[str, Any] = {"queue": False, **QUIET}
    return Documents(
        packed,
        readings,
        choice,
        (
            upload.upload(load_file, [upload, page.lang], loaded, **shown),
            by_line.click(split_lines, [packed, page.lang], loaded, **shown),
            back.click(partial(stepped, -1), [packed, choice], [choice, text], **shown),
            on.click(partial(stepped, 1), [packed, choice], [choice, text], **shown),
            choice.input(partial(stepped, 0), [packed, choice], [choice, text], **shown),
        ),
    )


def load_file(path: str | None, lang: str) -> list[Any]:
    """The first text of an uploaded file, a line about it, and its documents. The upload is deleted; a file that can't
    be read changes nothing but the line."""
    if not path:
        return [gr.skip()] * 7
    file = Path(path)
    try:
        documents = list(islice(iter_documents(file), MAX_DOCUMENTS + 1))
    except FormatError as error:
        return _refused(sentence(error, lang))
    finally:
        file.unlink(missing_ok=True)
    if len(documents) > MAX_DOCUMENTS:
        return _refused(t("file.too_many", lang, file=file.name, limit=f"{MAX_DOCUMENTS:,}"))
    with_text = [document for document in documents if document.text.strip()]
    if not with_text:
        return _refused(t("file.empty", lang, file=file.name))
    if len(with_text) > 1 and sum(len(document.text) for document in with_text) > MAX_CHARS:
        return _refused(t("file.too_long", lang, file=file.name, limit=f"{MAX_CHARS:,}"))
    said = [about(file.name, with_text, lang)]
    if len(with_text) < len(documents):
        said.append(t("file.left_out", lang, n=len(documents) - len(with_text)))
    has_lines = len(documents) == 1 and file.suffix.lower() == ".txt" and _n_lines(documents[0].text) > 1
    return _loaded(file.name, with_text, " ".join(said), by_line=has_lines)


def about(file: str, documents: Sequence[Document], lang: str) -> str:
    """How much a file holds: of a text its length, of several documents their number, and what they are annotated
    with."""
    first = documents[0]
    if len(documents) > 1:
        said = [t("file.several", lang, file=file, n=len(documents))]
    else:
        said = [t("file.read", lang, file=file, n=f"{len(first.text):,}")]
    annotated = [document for document in documents if is_annotated(document)]
    if annotated:
        entities = [entity for document in annotated for entity in document.entities]
        said.append(t("file.annotated", lang, n=len(annotated), mentions=f"{len(entities):,}"))
    if first.meta.get("pages_without_text"):
        pages = ", ".join(map(str, first.meta["pages_without_text"]))
        said.append(t("file.pages_without_text", lang, pages=pages))
    return " ".join(said)


def _n_lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def split_lines(packed: str, lang: str) -> list[Any]:
    """The lines of the loaded text as documents."""
    found = unpack(packed)
    if found is None:
        return [gr.skip()] * 7
    documents = text_per_line(found.documents[0].text, found.stem)
    if len(documents) > MAX_DOCUMENTS:
        return _refused(t("file.too_many", lang, file=found.file, limit=f"{MAX_DOCUMENTS:,}"))
    return _loaded(found.file, documents, about(found.file, documents, lang), by_line=False)


def _loaded(file: str, documents: Sequence[Document], said: str, *, by_line: bool) -> list[Any]:
    names = [(f"{n}. {document.id}", str(n - 1)) for n, document in enumerate(documents, 1)]
    return [
        documents[0].text,
        note(said),
        gr.update(visible=by_line),
        gr.update(visible=len(documents) > 1),
        gr.update(choices=names, value="0"),
        pack_documents(file, documents),
        "",
    ]


def _refused(said: str) -> list[Any]:
    return [gr.skip(), alert(said), *[gr.skip()] * 5]


def number_of(collection: Collection, choice: Any) -> int:
    """The document that is chosen; the first where the choice is none."""
    n = int(choice) if str(choice).isdecimal() else 0
    return min(n, len(collection.documents) - 1)


def stepped(by: int, packed: str, choice: Any) -> list[Any]:
    """Another document as the choice, and its text; no change at either end."""
    found = unpack(packed)
    if found is None:
        return [gr.skip(), gr.skip()]
    n = min(max(number_of(found, choice) + by, 0), len(found.documents) - 1)
    return [str(n), found.documents[n].text]
