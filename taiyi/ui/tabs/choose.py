"""Multiple choice: which option answers a question."""

from __future__ import annotations

from string import ascii_uppercase

from taiyi.tasks.request import make_request
from taiyi.ui.answering import Answering
from taiyi.ui.extraction import labels_view
from taiyi.ui.layout import two_columns
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page
from taiyi.ui.parts import chosen, example_buttons, heading, language_options, text_box
from taiyi.ui.running import Asked

ID = "choose"
KINDS = ("json", "csv")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, (ID,))
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            text = text_box(page, "choose.text", lines=4)
            options = text_box(page, "choose.options", lines=5)
            spoken = language_options(page)
            answering = Answering(page, ID, ask, show, KINDS)
        with right:
            answering.lay_out_result()
    answering.wire([text, options, spoken.prompt, spoken.text], examples, ("text", "options"))


def ask(text: str, options: str, prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values, an option a line. Raises InputError."""
    return Asked(
        make_request(
            ID,
            text,
            options=options.splitlines(),
            lang=chosen(prompt_lang),
            text_lang=chosen(text_lang),
            document_id=ID,
        )
    )


def show(outcome: Outcome, lang: str) -> str:
    """The letter with its option and its score."""
    return labels_view(outcome.result, lang, dict(zip(ascii_uppercase, outcome.options, strict=False)))
