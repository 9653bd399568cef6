"""How a task's tab is divided: what is asked on the left, the answer on the right; on a phone one below the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr


@contextmanager
def two_columns() -> Iterator[tuple[gr.Column, gr.Column]]:
    """The two columns, to be entered in turn."""
    with gr.Row(elem_classes="ty-columns"):
        left = gr.Column(elem_classes="ty-input", min_width=300)
        right = gr.Column(elem_classes="ty-output", min_width=300)
        yield left, right
