"""Entities: mentions of the types asked for, marked in the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import gradio as gr

from taiyi.assistant import CHOICES, Choice
from taiyi.tasks.base import Occurrences
from taiyi.tasks.request import make_request
from taiyi.ui.answering import Answering
from taiyi.ui.extraction import entities_view
from taiyi.ui.layout import two_columns
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page, choices
from taiyi.ui.parts import chosen, example_buttons, file_button, heading, labels_box, languages, text_box
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
            file_button(page, text)
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
                spoken = languages(page)
            answering = Answering(page, ID, ask, show, KINDS, with_threshold=True)
        with right:
            answering.lay_out_result()
    inputs = [text, types, predictor, occurrences, spoken.prompt, spoken.text]
    answering.wire(inputs, examples, ("text", "labels"))


def ask(
    text: str, types: Sequence[str], predictor: Choice, occurrences: Occurrences, prompt_lang: str, text_lang: str
) -> Asked:
    """The request of the tab's values. Raises InputError."""
    request = make_request(
        ID,
        text,
        labels=types,
        occurrences=occurrences,
        lang=chosen(prompt_lang),
        text_lang=chosen(text_lang),
        document_id=ID,
    )
    return Asked(request, predictor)


def show(outcome: Outcome, lang: str) -> str:
    """The marked text, what is not in it, and the table."""
    return entities_view(outcome.result, lang)
