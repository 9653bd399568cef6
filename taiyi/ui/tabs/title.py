"""Titles and summaries."""

from __future__ import annotations

import gradio as gr

from taiyi.tasks.request import make_request
from taiyi.ui.answering import Answering
from taiyi.ui.layout import two_columns
from taiyi.ui.loading import file_button
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page, choices
from taiyi.ui.parts import chosen, example_buttons, heading, language_options, text_box
from taiyi.ui.running import Asked
from taiyi.ui.show import written

ID = "title"
TASKS = ("title", "summary")
KINDS = ("json", "csv", "md", "docx")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, TASKS)
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            task = page.make(
                gr.Radio,
                {"label": "title.task", "choices": choices("task", TASKS)},
                value=TASKS[0],
                elem_classes="ty-segments",
            )
            text = text_box(page, "title.text")
            file_button(page, ID, text)
            spoken = language_options(page)
            answering = Answering(page, ID, ask, show, KINDS)
        with right:
            answering.lay_out_result()
    answering.wire([task, text, spoken.prompt, spoken.text], examples, ("task", "text"))


def ask(task: str, text: str, prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values. Raises InputError."""
    return Asked(make_request(task, text, lang=chosen(prompt_lang), text_lang=chosen(text_lang), document_id=task))


def show(outcome: Outcome, lang: str) -> str:
    """The title or the summary."""
    return written(outcome.result, lang)
