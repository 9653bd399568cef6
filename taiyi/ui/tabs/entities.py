"""Entities: mentions of the types asked for, marked in the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import gradio as gr

from taiyi.assistant import CHOICES, Choice
from taiyi.tasks.base import Occurrences
from taiyi.tasks.request import make_request
from taiyi.ui.answering_many import AnsweringMany
from taiyi.ui.extraction import entities_view
from taiyi.ui.layout import two_columns
from taiyi.ui.loading import file_button
from taiyi.ui.locale import t
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page, choices
from taiyi.ui.parts import QUIET, chosen, example_buttons, heading, labels_box, languages, text_box
from taiyi.ui.running import Asked

ID = "entities"
KINDS = ("json", "csv", "html", "brat", "pubtator", "bioc", "differences")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, (ID,))
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            text = text_box(page, "entities.text")
            documents = file_button(page, ID, text)
            types = labels_box(page, ID, "entities.types")
            with page.make(gr.Accordion, {"label": "options"}, open=False):
                predictor = page.make(
                    gr.Radio,
                    {"label": "predictor.label", "choices": choices("predictor", CHOICES)},
                    value="auto",
                    elem_classes="ty-segments",
                )
                occurrences = page.make(
                    gr.Radio,
                    {"label": "occurrences.label", "choices": choices("occurrences", get_args(Occurrences))},
                    value="all",
                    elem_classes="ty-segments",
                )
                scheme = scheme_box(page, types)
                spoken = languages(page)
            answering = AnsweringMany(page, ID, documents, ask, show, KINDS, with_threshold=True)
        with right:
            answering.lay_out_result()
    inputs = [text, types, predictor, occurrences, scheme, spoken.prompt, spoken.text]
    answering.wire(inputs, examples, ("text", "labels"))


def scheme_box(page: Page, types: gr.Dropdown) -> gr.Dropdown:
    """The annotation schemes that the specialists have for the types; hidden where there is nothing to choose."""

    def offered(asked: Sequence[str], lang: str) -> list[tuple[str, str]]:
        return [(t("scheme.auto", lang), ""), *((name, name) for name in page.assistant.schemes(asked))]

    def updated(asked: Sequence[str], scheme: str, lang: str) -> Any:
        names = offered(asked, lang)
        known = scheme if scheme in [value for _, value in names] else ""
        return gr.update(choices=names, value=known, visible=len(names) > 2)

    made = page.make(
        gr.Dropdown,
        {"label": "scheme.label", "info": "scheme.hint"},
        choices=offered(types.value, page.wording.lang),
        value="",
        filterable=False,
        visible=len(offered(types.value, page.wording.lang)) > 2,
        elem_id="entities-scheme",
    )
    gr.on([types.change, page.lang.change], updated, [types, made, page.lang], made, queue=False, **QUIET)
    return made


def ask(
    text: str,
    types: Sequence[str],
    predictor: Choice,
    occurrences: Occurrences,
    scheme: str,
    prompt_lang: str,
    text_lang: str,
) -> Asked:
    """The request of the tab's values. Raises InputError."""
    request = make_request(
        ID,
        text,
        labels=types,
        occurrences=occurrences,
        scheme=scheme,
        lang=chosen(prompt_lang),
        text_lang=chosen(text_lang),
        document_id=ID,
    )
    return Asked(request, predictor)


def show(outcome: Outcome, lang: str) -> str:
    """The marked text, what is not in it, and the table."""
    return entities_view(outcome.result, lang)
