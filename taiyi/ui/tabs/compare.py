"""Two texts: how near they are in meaning, or whether the second follows from the first."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from taiyi.tasks.request import make_request
from taiyi.ui.answering import Answering
from taiyi.ui.extraction import labels_view
from taiyi.ui.layout import two_columns
from taiyi.ui.outcome import Outcome
from taiyi.ui.page import Page, choices
from taiyi.ui.parts import QUIET, chosen, example_buttons, heading, language_options, text_box
from taiyi.ui.presets import default_preset, known_labels, presets
from taiyi.ui.running import Asked

ID = "compare"
TASKS = ("similarity", "entailment")
KINDS = ("json", "csv")


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, TASKS)
    with two_columns() as (left, right):
        with left:
            examples = example_buttons(page, ID)
            task = page.make(
                gr.Radio,
                {"label": "compare.task", "choices": choices("task", TASKS)},
                value=TASKS[0],
                elem_classes="ty-segments",
            )
            first = text_box(page, "compare.first", lines=3)
            second = text_box(page, "compare.second", lines=3)
            labels = pair_labels(page, task)
            spoken = language_options(page)
            answering = Answering(page, ID, ask, show, KINDS)
        with right:
            answering.lay_out_result()
    inputs = [task, first, second, labels, spoken.prompt, spoken.text]
    answering.wire(inputs, examples, ("task", "text", "text_b", "labels"))


def pair_labels(page: Page, task: gr.Radio) -> gr.Dropdown:
    """The labels to choose from; another task brings its own along."""
    labels = page.make(
        gr.Dropdown,
        {"label": "compare.labels", "info": "labels_hint"},
        choices=[label for name in TASKS for label in known_labels(name)],
        value=labels_of(TASKS[0], page.wording.lang),
        multiselect=True,
        allow_custom_value=True,
        elem_id="compare-labels",
        elem_classes="ty-labels",
    )
    task.input(labels_of, [task, page.lang], labels, queue=False, **QUIET)
    return labels


def labels_of(task: str, lang: str) -> list[str]:
    """The labels of a task's first preset in a language."""
    return list(presets(task)[default_preset(task, lang)].labels)


def ask(task: str, first: str, second: str, labels: Sequence[str], prompt_lang: str, text_lang: str) -> Asked:
    """The request of the tab's values. Raises InputError."""
    return Asked(
        make_request(
            task,
            first,
            text_b=second,
            labels=labels,
            lang=chosen(prompt_lang),
            text_lang=chosen(text_lang),
            document_id=ID,
        )
    )


def show(outcome: Outcome, lang: str) -> str:
    """The label with its score."""
    return labels_view(outcome.result, lang)
