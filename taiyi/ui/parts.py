"""What several tabs share: their heading, a text box, the language switches, and the examples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from taiyi.language import LANGUAGES
from taiyi.ui.locale import language_name, t
from taiyi.ui.page import Page
from taiyi.ui.presets import default_preset, known_labels, preset_choices, preset_of, presets
from taiyi.ui.quality import task_quality
from taiyi.ui.samples import samples
from taiyi.ui.show import escaped

AUTO = "auto"
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
