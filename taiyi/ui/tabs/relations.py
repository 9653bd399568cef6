"""Relations: triples of the types asked for, each with the sentence it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from taiyi.tasks.request import make_request
from taiyi.ui.answering_many import AnsweringMany
from taiyi.ui.extraction import relations_view
from taiyi.ui.layout import two_columns
from taiyi.ui.loading import file_button
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page
from taiyi.ui.parts import chosen, example_buttons, heading, labels_box, language_options, text_box
from taiyi.ui.running import Asked

ID = "relations"
KINDS = ("json", "csv", "html", "brat", "bioc")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, (ID,))
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            text = text_box(page, "relations.text")
            documents = file_button(page, ID, text)
            types = labels_box(page, ID, "relations.types")
            spoken = language_options(page)
            answering = AnsweringMany(page, ID, documents, ask, show, KINDS, with_threshold=True)
        with right:
            answering.lay_out_result()
    answering.wire([text, types, spoken.prompt, spoken.text], examples, ("text", "labels"))


def ask(text: str, types: Sequence[str], prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values. Raises InputError."""
    return Asked(
        make_request(ID, text, labels=types, lang=chosen(prompt_lang), text_lang=chosen(text_lang), document_id=ID)
    )


def show(outcome: Outcome, lang: str) -> str:
    """The triples, their sentences and the graph."""
    return relations_view(outcome.result, lang)
