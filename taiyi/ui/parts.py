"""What several tabs share: their heading, a text box that reads files, the language switches, and the examples."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import gradio as gr

from taiyi.errors import FormatError
from taiyi.formats import iter_documents
from taiyi.language import LANGUAGES
from taiyi.ui.locale import language_name, sentence, t
from taiyi.ui.page import Page
from taiyi.ui.presets import default_preset, known_labels, preset_choices, preset_of, presets
from taiyi.ui.quality import task_quality
from taiyi.ui.samples import samples
from taiyi.ui.show import alert, escaped, note

AUTO = "auto"
TEXT_FILES = [".txt", ".docx", ".pdf", ".json", ".jsonl", ".xml", ".pubtator", ".zip"]
MAX_DOCUMENTS = 1_000  # of a file in the page; the shell reads any number
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
# Scripts of assets/page.js: a file of `outcome.download` is saved, a text is put on the clipboard.
SAVE = "(file) => { window.taiyi.save(file); }"
COPY = "(text) => { window.taiyi.copy(text); }"


@dataclass(frozen=True, slots=True)
class Languages:
    """The language of the prompt and that of the text; the page's own is a third thing."""

    prompt: gr.Radio
    text: gr.Radio


def always(value: Any) -> Callable[[], Any]:
    """A handler that gives a fixed value."""
    return lambda: value


def heading(page: Page, tab: str, tasks: tuple[str, ...]) -> None:
    """The tab's title, what it does in a sentence, and how well."""

    def said(lang: str) -> str:
        title, lead = escaped(t(f"{tab}.title", lang)), escaped(t(f"{tab}.lead", lang))
        return f"<h2>{title}</h2><p>{lead}</p>{task_quality(page.assistant, tasks, lang)}"

    page.make(gr.HTML, {"value": said}, elem_classes="ty-heading")


def text_box(page: Page, key: str, *, lines: int = 8, **properties: Any) -> gr.Textbox:
    """A text box for something to be read."""
    return page.make(
        gr.Textbox,
        {"label": key, "placeholder": f"{key}_hint"},
        value="",
        lines=lines,
        max_lines=max(lines, 24),
        elem_classes="ty-text",
        **properties,
    )


def file_button(page: Page, text: gr.Textbox) -> None:
    """A button that reads a file into `text`, where it can be checked before it is used; of a file with several
    documents a list to choose from. Their texts are kept by the browser, as everything is."""
    with gr.Row(elem_classes="ty-file"):
        upload = page.make(
            gr.UploadButton, {"label": "file.load"}, file_types=TEXT_FILES, size="sm", scale=0, min_width=120
        )
        said = gr.HTML(elem_classes="ty-live")
    choice = page.make(gr.Dropdown, {"label": "file.document"}, choices=[], visible=False, elem_classes="ty-documents")
    kept = gr.Textbox("", visible="hidden")
    upload.upload(load_file, [upload, page.lang], [text, said, choice, kept], queue=False, **QUIET)
    choice.input(chosen_text, [kept, choice], text, queue=False, **QUIET)


def load_file(path: str | None, lang: str) -> tuple[Any, str, Any, str]:
    """The first text of an uploaded file, a line about it, and where there are several their list and all texts (JSON).
    The upload is deleted; a failure changes no text."""
    if not path:
        return gr.skip(), "", gr.skip(), ""
    file, no_list = Path(path), gr.update(visible=False, choices=[])
    try:
        documents = list(islice(iter_documents(file), MAX_DOCUMENTS + 1))
    except FormatError as error:
        return gr.skip(), alert(sentence(error, lang)), no_list, ""
    finally:
        file.unlink(missing_ok=True)
    if len(documents) > MAX_DOCUMENTS:
        return gr.skip(), alert(t("file.too_many", lang, file=file.name, limit=MAX_DOCUMENTS)), no_list, ""
    if not any(document.text.strip() for document in documents):
        return gr.skip(), alert(t("file.empty", lang, file=file.name)), no_list, ""
    first = documents[0]
    if len(documents) > 1:
        names = [(f"{n}. {document.id}", str(n - 1)) for n, document in enumerate(documents, 1)]
        said = note(t("file.several", lang, file=file.name, n=len(documents)))
        kept = json.dumps([document.text for document in documents], ensure_ascii=False)
        return first.text, said, gr.update(visible=True, choices=names, value="0"), kept
    said = t("file.read", lang, file=file.name, n=f"{len(first.text):,}")
    without_text = first.meta.get("pages_without_text")
    if without_text:
        said += " " + t("file.pages_without_text", lang, pages=", ".join(map(str, without_text)))
    return first.text, note(said), no_list, ""


def chosen_text(kept: str, choice: str) -> Any:
    """The text of a document of the list; no change where the browser has none of that number."""
    try:
        return str(json.loads(kept)[int(choice)])
    except (ValueError, IndexError, TypeError, KeyError):
        return gr.skip()


def languages(page: Page) -> Languages:
    """The two switches, on "detect"."""

    def shown(lang: str) -> list[tuple[str, str]]:
        return [(t("language.auto", lang), AUTO), *((language_name(name, lang), name) for name in LANGUAGES)]

    text, prompt = (
        page.make(
            gr.Radio, {"label": f"{which}_language.label", "choices": shown}, value=AUTO, elem_classes="ty-segments"
        )
        for which in ("text", "prompt")
    )
    return Languages(prompt, text)


def language_options(page: Page) -> Languages:
    """The two switches, folded away."""
    with page.make(gr.Accordion, {"label": "options"}, open=False):
        return languages(page)


def chosen(lang: str) -> str | None:
    """A language that a switch names, None for "detect"."""
    return lang if lang in LANGUAGES else None


def example_buttons(page: Page, tab: str) -> list[gr.Button]:
    """A button an example, titled in the reader's language with the language of its text beside it."""
    made = []
    with gr.Row(elem_classes="ty-examples"):
        page.make(gr.HTML, {"value": lambda lang: f"<span>{escaped(t('examples', lang))}</span>"})
        for sample in samples(tab):
            mark = {"zh": "中", "en": "EN"}[sample.lang]
            words = {"value": lambda lang, sample=sample, mark=mark: f"{sample.title[lang]} · {mark}"}
            made.append(page.make(gr.Button, words, size="sm", scale=0, min_width=60, elem_classes="ty-example"))
    return made


def labels_box(page: Page, task: str, key: str) -> gr.Dropdown:
    """The types, relations, events or classes asked for: sets to start from, and any of the person's own."""
    lang = page.wording.lang
    first = default_preset(task, lang)
    preset = page.make(
        gr.Dropdown,
        {"label": "preset", "choices": preset_choices(task)},
        value=first,
        filterable=False,
        elem_id=f"{task}-preset",
    )
    labels = page.make(
        gr.Dropdown,
        {"label": key, "info": "labels_hint"},
        choices=known_labels(task),
        value=list(presets(task)[first].labels),
        multiselect=True,
        allow_custom_value=True,
        elem_id=f"{task}-labels",
        elem_classes="ty-labels",
    )
    preset.input(lambda name: labels_of(task, name), preset, labels, queue=False, **QUIET)
    labels.change(lambda chosen_now: preset_of(task, chosen_now), labels, preset, queue=False, **QUIET)
    return labels


def labels_of(task: str, preset: str) -> Any:
    """The labels of a preset; no change where it is the person's own choice."""
    known = presets(task).get(preset)
    return list(known.labels) if known else gr.skip()
