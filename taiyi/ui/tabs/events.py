"""Events: triggers of the types asked for, with what fills their roles."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from taiyi.tasks.request import make_request
from taiyi.ui.answering_many import AnsweringMany
from taiyi.ui.extraction import events_view
from taiyi.ui.layout import two_columns
from taiyi.ui.loading import file_button
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page
from taiyi.ui.parts import QUIET, chosen, example_buttons, heading, labels_box, language_options, text_box
from taiyi.ui.presets import default_preset, preset_of, presets
from taiyi.ui.running import Asked

ID = "events"
KINDS = ("json", "csv", "html", "brat", "bioc")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, (ID,))
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            text = text_box(page, "events.text")
            documents = file_button(page, ID, text)
            types = labels_box(page, ID, "events.types")
            roles = roles_box(page, types)
            spoken = language_options(page)
            answering = AnsweringMany(page, ID, documents, ask, show, KINDS, with_threshold=True)
        with right:
            answering.lay_out_result()
    answering.wire([text, types, roles, spoken.prompt, spoken.text], examples, ("text", "labels", "roles"))


def roles_box(page: Page, types: gr.Dropdown) -> gr.Dropdown:
    """The roles asked for; a set of types brings its own along."""
    rows = presets(ID)
    roles = page.make(
        gr.Dropdown,
        {"label": "events.roles", "info": "labels_hint"},
        choices=list(dict.fromkeys(role for preset in rows.values() for role in preset.roles)),
        value=list(rows[default_preset(ID, page.wording.lang)].roles),
        multiselect=True,
        allow_custom_value=True,
        elem_classes="ty-labels",
    )
    types.change(roles_of, [types, roles], roles, queue=False, **QUIET)
    return roles


def roles_of(types: Sequence[str], roles: Sequence[str]) -> list[str]:
    """The roles of the preset whose types these are; else the roles stay."""
    known = presets(ID).get(preset_of(ID, types))
    return list(known.roles if known else roles)


def ask(text: str, types: Sequence[str], roles: Sequence[str], prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values. Raises InputError."""
    return Asked(
        make_request(
            ID,
            text,
            labels=types,
            roles=roles,
            lang=chosen(prompt_lang),
            text_lang=chosen(text_lang),
            document_id=ID,
        )
    )


def show(outcome: Outcome, lang: str) -> str:
    """The marked text and the table of events."""
    return events_view(outcome.result, lang)
