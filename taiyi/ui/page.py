"""What all tabs of one page share: who answers, the words that change with the language, and the runs under way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import gradio as gr
from gradio.blocks import Block

from taiyi.assistant import Assistant
from taiyi.ui.locale import t

Words = str | Callable[[str], Any]
B = TypeVar("B", bound=Block)


class Wording:
    """Makes components whose words follow the language of the page.

    `words` maps a property (label, placeholder, info, value, choices) to a key of the locale tables or to a function
    of the language. One handler updates them all.
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._rows: list[tuple[Block, Mapping[str, Words]]] = []

    def make(self, kind: Callable[..., B], words: Mapping[str, Words], **properties: Any) -> B:
        """A component with its words in the page's first language."""
        component = kind(**_said(words, self.lang), **properties)
        self._rows.append((component, words))
        return component

    @property
    def components(self) -> list[Block]:
        """Those whose words change, in the order of `updates`."""
        return [component for component, _ in self._rows]

    def updates(self, lang: str) -> list[dict[str, Any]]:
        """What each component must become to be in `lang`."""
        return [gr.update(**_said(words, lang)) for _, words in self._rows]


def _said(words: Mapping[str, Words], lang: str) -> dict[str, Any]:
    return {name: t(key, lang) if isinstance(key, str) else key(lang) for name, key in words.items()}


def choices(prefix: str, values: tuple[str, ...]) -> Callable[[str], list[tuple[str, str]]]:
    """(shown, value) pairs for a list of values whose words stand under `prefix`; only the shown half is translated."""
    return lambda lang: [(t(f"{prefix}.{value}", lang), value) for value in values]


class Runs:
    """The answers under way, one a visitor and tab, so that a button or a closed window can end them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancel_by_key: dict[tuple[str, str], threading.Event] = {}

    def begin(self, visitor: str, tab: str) -> threading.Event:
        """The cancel flag of a new run; one still under way in the same place is ended."""
        cancel = threading.Event()
        with self._lock:
            earlier = self._cancel_by_key.get((visitor, tab))
            self._cancel_by_key[visitor, tab] = cancel
        if earlier:
            earlier.set()
        return cancel

    def end(self, visitor: str, tab: str, cancel: threading.Event) -> None:
        """Forget a run, and end it where it goes on."""
        cancel.set()
        with self._lock:
            if self._cancel_by_key.get((visitor, tab)) is cancel:
                del self._cancel_by_key[visitor, tab]

    def stop(self, visitor: str, tab: str) -> None:
        """End the run of a tab, if there is one."""
        with self._lock:
            cancel = self._cancel_by_key.get((visitor, tab))
        if cancel:
            cancel.set()

    def leave(self, visitor: str) -> None:
        """End all runs of a visitor who has gone."""
        with self._lock:
            mine = [cancel for (who, _), cancel in self._cancel_by_key.items() if who == visitor]
        for cancel in mine:
            cancel.set()


@dataclass
class Page:
    """One page under construction."""

    assistant: Assistant
    wording: Wording
    lang: gr.Radio  # the reader's language, an input of every handler that says something
    runs: Runs = field(default_factory=Runs)
    chatbot: gr.Chatbot = field(init=False)  # set by the chat's tab; the report can be written from it

    def make(self, kind: Callable[..., B], words: Mapping[str, Words], **properties: Any) -> B:
        """See `Wording.make`."""
        return self.wording.make(kind, words, **properties)
