"""Classes of a whole text."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from taiyi.assistant import CHOICES, Choice
from taiyi.tasks.request import make_request
from taiyi.ui.answering_many import AnsweringMany
from taiyi.ui.extraction import labels_view
from taiyi.ui.layout import two_columns
from taiyi.ui.loading import file_button
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page, choices
from taiyi.ui.parts import chosen, example_buttons, heading, labels_box, languages, text_box
from taiyi.ui.presets import default_preset, presets
from taiyi.ui.running import Asked

ID = "classify"
KINDS = ("json", "csv", "differences")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, (ID,))
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            text = text_box(page, "classify.text", lines=5)
            documents = file_button(page, ID, text)
            classes = labels_box(page, ID, "classify.classes")
            multi = page.make(
                gr.Checkbox,
                {"label": "classify.multi"},
                value=presets(ID)[default_preset(ID, page.wording.lang)].multi,
            )
            with page.make(gr.Accordion, {"label": "options"}, open=False):
                predictor = page.make(
                    gr.Radio,
                    {"label": "predictor.label", "choices": choices("predictor", CHOICES)},
                    value="auto",
                    elem_classes="ty-segments",
                )
                spoken = languages(page)
            answering = AnsweringMany(page, ID, documents, ask, show, KINDS)
        with right:
            answering.lay_out_result()
    inputs = [text, classes, multi, predictor, spoken.prompt, spoken.text]
    answering.wire(inputs, examples, ("text", "labels", "multi"))


def ask(text: str, classes: Sequence[str], multi: bool, predictor: Choice, prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values. Raises InputError."""
    request = make_request(
        ID,
        text,
        labels=classes,
        multi=multi,
        lang=chosen(prompt_lang),
        text_lang=chosen(text_lang),
        document_id=ID,
    )
    return Asked(request, predictor)


def show(outcome: Outcome, lang: str) -> str:
    """The classes with their scores."""
    return labels_view(outcome.result, lang)
