"""Translation between English and Chinese."""

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

ID = "translate"
KINDS = ("json", "csv", "md", "docx")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, (ID,))
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            text = text_box(page, "translate.text")
            file_button(page, ID, text)
            spoken = language_options(page)
            answering = Answering(page, ID, ask, show, KINDS)
        with right:
            answering.lay_out_result()
    answering.wire([text, spoken.prompt, spoken.text], examples, ("text",))


def ask(text: str, prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values; the target is the language that the text is not in. Raises InputError."""
    return Asked(make_request(ID, text, lang=chosen(prompt_lang), text_lang=chosen(text_lang), document_id=ID))


def show(outcome: Outcome, lang: str) -> str:
    """The translation."""
    return written(outcome.result, lang)
