"""A medical report, in six sections, from a dialogue between doctor and patient."""

from __future__ import annotations

import gradio as gr

from taiyi.tasks.request import make_request
from taiyi.ui.answering import Answering
from taiyi.ui.history import as_dialogue
from taiyi.ui.layout import two_columns
from taiyi.ui.loading import file_button
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page
from taiyi.ui.parts import QUIET, chosen, example_buttons, heading, language_options, text_box
from taiyi.ui.running import Asked
from taiyi.ui.show import issues, sections, written

ID = "report"
KINDS = ("md", "docx", "json", "csv")


def build(page: Page) -> None:
    """Lay out and wire the tab; the current chat can be taken as the dialogue."""
    heading(page, ID, (ID,))
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            text = text_box(page, "report.text", lines=12)
            file_button(page, ID, text)
            take = page.make(gr.Button, {"value": "report.take_chat"}, size="sm", elem_id="report-take-chat")
            spoken = language_options(page)
            answering = Answering(page, ID, ask, show, KINDS)
        with right:
            answering.lay_out_result()
    take.click(as_dialogue, [page.chatbot, page.lang], text, queue=False, **QUIET)
    answering.wire([text, spoken.prompt, spoken.text], examples, ("text",))


def ask(text: str, prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values. Raises InputError."""
    return Asked(make_request(ID, text, lang=chosen(prompt_lang), text_lang=chosen(text_lang), document_id=ID))


def show(outcome: Outcome, lang: str) -> str:
    """The sections, and which are missing; the reply as it was where it has none."""
    result = outcome.result
    if not result.document.sections:
        return written(result, lang)
    return sections(result.document.sections, result.document.lang) + issues(result.issues, lang)
