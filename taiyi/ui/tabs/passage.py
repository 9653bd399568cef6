"""A question about a passage."""

from __future__ import annotations

from taiyi.tasks.request import make_request
from taiyi.ui.answering import Answering
from taiyi.ui.layout import two_columns
from taiyi.ui.loading import file_button
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page
from taiyi.ui.parts import chosen, example_buttons, heading, language_options, text_box
from taiyi.ui.running import Asked
from taiyi.ui.show import written

ID = "passage"
KINDS = ("json", "md")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, (ID,))
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            text = text_box(page, "passage.text")
            file_button(page, ID, text)
            question = text_box(page, "passage.question", lines=2)
            spoken = language_options(page)
            answering = Answering(page, ID, ask, show, KINDS)
        with right:
            answering.lay_out_result()
    answering.wire([text, question, spoken.prompt, spoken.text], examples, ("text", "question"))


def ask(text: str, question: str, prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values. Raises InputError."""
    return Asked(
        make_request(ID, text, question=question, lang=chosen(prompt_lang), text_lang=chosen(text_lang), document_id=ID)
    )


def show(outcome: Outcome, lang: str) -> str:
    """The answer."""
    return written(outcome.result, lang)
