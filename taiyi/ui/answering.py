"""How a tab answers: run and stop, the area of the result with its downloads, and what happens on each click."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from taiyi.predictors.threshold import above, has_scores
from taiyi.ui.curve import curve_of, drawing
from taiyi.ui.locale import issue_sentence, t
from taiyi.ui.outcome import OF_TWO, Outcome, copied, file_of, not_carried, pack, unpack
from taiyi.ui.page import Page
from taiyi.ui.parts import COPY, QUIET, SAVE, always
from taiyi.ui.quality import named_in
from taiyi.ui.running import Asked, View, views
from taiyi.ui.samples import samples
from taiyi.ui.show import note, placeholder, reply, summary

Show = Callable[[Outcome, str], str]


class Answering:
    """The working half of a task's tab. Make it where its buttons shall stand, `lay_out_result` where the result shall
    stand, then `wire` it to its inputs.

    `ask` turns the values of the inputs into what is asked (raising TaiyiError), `show` an outcome into HTML; `kinds`
    are the downloads. With `with_threshold` a slider hides what scores less, on the page and in the downloads.
    """

    def __init__(
        self,
        page: Page,
        tab: str,
        ask: Callable[..., Asked],
        show: Show,
        kinds: Sequence[str],
        *,
        with_threshold: bool = False,
    ) -> None:
        self.page, self.tab, self.ask, self.show = page, tab, ask, show
        self.kinds, self.with_threshold = tuple(kinds), with_threshold
        with gr.Row(elem_classes="ty-actions"):
            self.run = page.make(gr.Button, {"value": f"{tab}.run"}, variant="primary", elem_id=f"{tab}-run")
            self.stop = page.make(
                gr.Button, {"value": "stop"}, variant="stop", visible=False, elem_id=f"{tab}-stop", scale=0
            )

    def lay_out_result(self) -> None:
        """The status line, the downloads and the result."""
        page, tab = self.page, self.tab
        self.status = gr.HTML(elem_classes="ty-live ty-status", elem_id=f"{tab}-status")
        self.threshold: gr.Slider | None = None
        with gr.Row(visible=False, elem_classes="ty-tools", elem_id=f"{tab}-tools") as self.tools:
            self.files = {
                kind: page.make(gr.Button, {"value": f"tools.{kind}"}, size="sm", scale=0, min_width=60)
                for kind in ("copy", *self.kinds)
            }
            if self.with_threshold:
                self.threshold = page.make(
                    gr.Slider,
                    {"label": "tools.threshold"},
                    minimum=0,
                    maximum=1,
                    step=0.01,
                    value=0,
                    buttons=[],
                    elem_classes="ty-threshold",
                )
        self.curve = gr.HTML(elem_id=f"{tab}-curve")
        self.said = gr.HTML(elem_classes="ty-live", elem_id=f"{tab}-said")
        self.body = gr.HTML(
            placeholder(f"{tab}.empty", page.wording.lang), elem_classes="ty-result", elem_id=f"{tab}-body"
        )
        self.packed = gr.Textbox("", visible="hidden", elem_id=f"{tab}-packed")
        self.payload = gr.Textbox("", visible="hidden")

    def wire(self, inputs: Sequence[Component], examples: Sequence[gr.Button] = (), filled: Sequence[str] = ()) -> None:
        """Connect everything. A sample has a value under each name in `filled`, for the first of `inputs`."""
        self.inputs = list(inputs)
        self.answered_events: list[Dependency] = []
        self._wire_start(self.run.click)
        for button, sample in zip(examples, samples(self.tab) if examples else (), strict=True):
            values = [sample.values[name] for name in filled]
            fill = button.click(
                always(values if len(values) > 1 else values[0]), None, self.inputs[: len(filled)], queue=False, **QUIET
            )
            self._wire_start(fill.then)
        self.stop.click(self.stopped, None, None, queue=False, **QUIET)
        shown = self._saved[: 2 + len(self._thresholds)]
        again = [self.status, self.body, self.curve]
        self.page.lang.change(self.said_again, shown, again, queue=False, **QUIET)
        for slider in self._thresholds:
            # Also by keyboard and by typing a number, which are no release; of a drag the last value counts.
            slider.change(self.said_again, shown, again, queue=False, trigger_mode="always_last", **QUIET)
        for kind, button in self.files.items():
            made = button.click(partial(self.made, kind), self._saved, [self.payload, self.said], queue=False, **QUIET)
            made.then(None, self.payload, None, js=COPY if kind == "copy" else SAVE)

    @property
    def _thresholds(self) -> list[gr.Slider]:
        return [self.threshold] if self.threshold else []

    @property
    def _of_two(self) -> list[gr.Button]:
        return [self.files[kind] for kind in self.kinds if kind in OF_TWO]

    @property
    def _saved(self) -> list[Component]:
        """The inputs of a download."""
        return [self.packed, self.page.lang, *self._thresholds]

    def _wire_start(self, start: Callable[..., Any]) -> None:
        asked = [self.page.lang, *self.inputs, *self._thresholds]
        outputs = [self.status, self.body, self.packed, self.curve, self.said, self.tools]
        outputs += [*self._of_two, *self._thresholds, self.run, self.stop]
        started = start(self.answered, asked, outputs, **QUIET)
        ended = started.then(self.ended, None, [self.run, self.stop], queue=False, **QUIET)
        self.answered_events.append(ended)

    def answered(self, http: gr.Request, lang: str, *values: Any) -> Iterator[list[Any]]:
        """Everything that changes while an answer is made."""
        visitor = str(http.session_hash)
        cancel = self.page.runs.begin(visitor, self.tab)
        own = values[: len(self.inputs)]
        least = float(values[-1]) if self.threshold else 0.0
        try:
            for view in views(self.page.assistant, lambda: self.ask(*own), lang, cancel):
                running = not view.failed and view.outcome is None
                buttons = [gr.update(interactive=not running), gr.update(visible=running)]
                yield [*self._shown(view, lang, least), *buttons]
        finally:
            self.page.runs.end(visitor, self.tab, cancel)

    def _shown(self, view: View, lang: str, least: float) -> list[Any]:
        """Status, result, what the browser keeps of it, curve, remark, tools; which of these can be used."""
        if view.outcome is None:
            shown = reply(view.reply) or placeholder(f"{self.tab}.empty", lang)
            unchanged = [gr.skip()] * len([*self._of_two, *self._thresholds])
            return [view.status, shown, "", "", "", gr.update(visible=False), *unchanged]
        scored = gr.update(visible=has_scores(view.outcome.result))
        compared = gr.update(visible=len(view.outcome.result.alternatives) == 2)
        return [
            view.status,
            self.show(self._kept(view.outcome, lang, least), lang),
            pack(view.outcome),
            self._curve(view.outcome, lang, least),
            "",
            gr.update(visible=True),
            *([compared] * len(self._of_two)),
            *([scored] * len(self._thresholds)),
        ]

    def _kept(self, outcome: Outcome, lang: str, least: float) -> Outcome:
        """What is shown of an outcome: items that score at least so much, and the models' names in the language."""
        return replace(outcome, result=named_in(self.page.assistant, above(outcome.result, least), lang))

    def _curve(self, outcome: Outcome, lang: str, least: float) -> str:
        """What the threshold trades, where the card of who answered says it."""
        asked = (self.page.assistant, outcome.result.by, outcome.labels, outcome.scheme)
        found = curve_of(*asked) if self.threshold else None
        return drawing(found, least, lang) if found else ""

    def ended(self) -> tuple[Any, Any]:
        """The buttons after an answer, however it ended."""
        return gr.update(interactive=True), gr.update(visible=False)

    def stopped(self, http: gr.Request) -> None:
        """End the answer under way: the model stops, what is complete stays."""
        self.page.runs.stop(str(http.session_hash), self.tab)

    def said_again(self, packed: str, lang: str, least: float = 0.0) -> tuple[Any, str, str]:
        """Status, result and curve in another language or above another score."""
        outcome = unpack(packed)
        if outcome is None:
            return gr.skip(), placeholder(f"{self.tab}.empty", lang), ""
        kept = self._kept(outcome, lang, least)
        return summary(kept.result, lang), self.show(kept, lang), self._curve(outcome, lang, least)

    def made(self, kind: str, packed: str, lang: str, *more: Any) -> tuple[str, str]:
        """What is shown, as a file of a kind or as text for the clipboard; and what the file has no place for. `more`
        begins with the threshold where there is one."""
        outcome = unpack(packed)
        if outcome is None:
            return "", ""
        least = float(more[0]) if self.threshold else 0.0
        result = above(outcome.result, least)
        if kind == "copy":
            return copied(result), ""
        said = "".join(note(issue_sentence(issue, lang)) for issue in not_carried(result, kind))
        return file_of(result, kind, t(f"{self.tab}.title", lang), lang), said
