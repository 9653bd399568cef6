"""Whether a prompt is in the language that its line names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from finetune.data.checks.row import Problem, Row, shown
from taiyi.language import is_cjk

MIN_LETTERS = 12  # of the prompt's own words, to tell their language


def other_language(row: Row) -> Iterator[Problem]:
    """A prompt whose own words, without the text and the labels that it holds, are all in the other language."""
    instruction = row.instruction
    if instruction is None or instruction.template is None:
        return
    asked = next((m.content for m in reversed(row.messages) if m.role == "user"), "")
    for piece in sorted(_given(instruction.request.values()), key=len, reverse=True):
        asked = asked.replace(piece, " ")
    n_han = sum(map(is_cjk, asked))
    n_letters = sum(map(str.isalpha, asked)) - n_han
    if n_han + n_letters >= MIN_LETTERS and (n_han == 0 if instruction.lang == "zh" else n_letters == 0):
        yield Problem("language", f"lang is {instruction.lang}, but the prompt says {shown(asked)}")


def _given(values: Iterable[object]) -> Iterator[str]:
    """The texts among the fields of a request, those of lists too."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _given(value)
