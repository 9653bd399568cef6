"""How a tab answers for the documents of a file: one by one as they are stepped through, or all in turn."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from taiyi.predictors.base import Result
from taiyi.predictors.threshold import has_scores
from taiyi.ui.answering import Answering, Show
from taiyi.ui.collection import OF_ALL, Collection, file_of_all, is_annotated, not_carried_of_all, pack_readings, unpack
from taiyi.ui.loading import Documents, number_of
from taiyi.ui.locale import issue_sentence, t
from taiyi.ui.outcome import OF_TWO, Outcome
from taiyi.ui.outcome import unpack as unpack_outcome
from taiyi.ui.overview import beside, compared_in, ended, overview, progress_of
from taiyi.ui.page import Page
from taiyi.ui.parts import QUIET
from taiyi.ui.quality import named_in
from taiyi.ui.reading import read_all
from taiyi.ui.running import Asked, View
from taiyi.ui.show import note, placeholder, summary

SENT_EVERY_SECONDS = 10  # what is read so far goes to the browser, which keeps it should the connection end
READERS_AT_ONCE = 4  # whole files being read; further ones wait, single texts don't


class AnsweringMany(Answering):
    """An `Answering` whose text box can be filled from `documents`: what is read of each is kept with it, and shown and
    saved for all of them together. The text is the first of the inputs."""

    def __init__(
        self,
        page: Page,
        tab: str,
        documents: Documents,
        ask: Callable[..., Asked],
        show: Show,
        kinds: Sequence[str],
        *,
        with_threshold: bool = False,
    ) -> None:
        super().__init__(page, tab, ask, show, kinds, with_threshold=with_threshold)
        self.documents = documents
        self.read_all = page.make(gr.Button, {"value": "collection.read_all"}, visible=False, elem_id=f"{tab}-read-all")

    def lay_out_result(self) -> None:
        """Below the result, the annotations of its document against it, and the view over all documents."""
        super().lay_out_result()
        self.beside = gr.HTML(elem_id=f"{self.tab}-beside", elem_classes="ty-result")
        words = {"label": "collection.title"}
        with self.page.make(gr.Accordion, words, visible=False, elem_id=f"{self.tab}-all") as self.panel:
            self.overview = gr.HTML(elem_id=f"{self.tab}-overview", elem_classes="ty-result ty-all")

    def wire(self, inputs: Sequence[Component], examples: Sequence[gr.Button] = (), filled: Sequence[str] = ()) -> None:
        """Connect everything; see `Answering.wire`."""
        super().wire(inputs, examples, filled)
        quiet: dict[str, Any] = {"queue": False, **QUIET}
        shown = [*self._kept_components, self.page.lang, *self._thresholds]
        around = [self.read_all, self.panel, self.overview, self.beside, *self._of_two, *self._thresholds]
        document = [self.status, self.body, self.packed, self.curve, self.said, self.tools]
        for step in self.documents.steps:
            step.then(self.document_shown, shown, document, **quiet).then(self.around, shown, around, **quiet)
        for answered in self.answered_events:
            kept = [self.packed, *self._kept_components, self.page.lang, *self.inputs]
            stored = answered.then(self.answer_kept, kept, [self.documents.readings, self.said], **quiet)
            stored.then(self.around, shown, around, **quiet)
        started = self.read_all.click(
            self.all_read,
            [self.page.lang, self.documents.packed, self.documents.readings, *self.inputs],
            [self.status, self.documents.readings, self.run, self.stop, self.read_all],
            concurrency_limit=READERS_AT_ONCE,
            **QUIET,
        )
        buttons = started.then(self.all_ended, None, [self.run, self.stop, self.read_all], **quiet)
        buttons.then(self.document_kept, shown, document[1:], **quiet).then(self.around, shown, around, **quiet)
        changes = [self.page.lang.change, *(slider.change for slider in self._thresholds)]
        gr.on(changes, self.around, shown, around, trigger_mode="always_last", **quiet)

    @property
    def _kept_components(self) -> list[Component]:
        return [self.documents.packed, self.documents.readings, self.documents.choice]

    @property
    def _saved(self) -> list[Component]:
        return [*super()._saved, *self._kept_components]

    def all_read(
        self, http: gr.Request, lang: str, packed: str, readings: str, text: str, *settings: Any
    ) -> Iterator[list[Any]]:
        """The status and the readings while the documents are read. The text box stays as it is."""
        found = unpack(packed, readings)
        if found is None:
            return
        visitor = str(http.session_hash)
        cancel = self.page.runs.begin(visitor, self.tab)
        sent_at = time.monotonic()
        buttons = [gr.update(interactive=False), gr.update(visible=True), gr.update(interactive=False)]
        try:
            asked = _settings(settings)
            steps = read_all(self.page.assistant, found, lambda own: self.ask(own, *settings), asked, cancel)
            for step in steps:
                due = step.is_last or time.monotonic() - sent_at > SENT_EVERY_SECONDS
                sent_at = time.monotonic() if due else sent_at
                said = ended(step, lang) if step.is_last else progress_of(step, lang)
                yield [said, pack_readings(step.collection.readings) if due else gr.skip(), *buttons]
        finally:
            self.page.runs.end(visitor, self.tab, cancel)

    def all_ended(self) -> list[Any]:
        """The buttons after a file was read, however it ended."""
        return [gr.update(interactive=True), gr.update(visible=False), gr.update(interactive=True)]

    def answer_kept(
        self, packed: str, documents: str, readings: str, choice: Any, lang: str, text: str, *settings: Any
    ) -> list[Any]:
        """The readings with the answer to the document in the text box; a line where that holds another text."""
        outcome, found = unpack_outcome(packed), unpack(documents, readings)
        if outcome is None or found is None:
            return [gr.skip(), gr.skip()]
        n = number_of(found, choice)
        if outcome.result.document.text != found.documents[n].text:
            return [gr.skip(), note(t("collection.not_kept", lang)) if len(found.documents) > 1 else gr.skip()]
        return [pack_readings(found.with_reading(n, outcome, _settings(settings)).readings), gr.skip()]

    def document_shown(self, packed: str, readings: str, choice: Any, lang: str, least: float = 0.0) -> list[Any]:
        """What was read of the document in the text box, or how it was loaded."""
        found = unpack(packed, readings)
        if found is None:
            return [gr.skip()] * 6
        n = number_of(found, choice)
        if n in found.readings:
            return self._shown(self._view_of(found.readings[n].outcome, lang), lang, least)[:6]
        loaded = found.documents[n]
        body = placeholder(f"{self.tab}.empty", lang)
        if is_annotated(loaded):
            body = note(t("collection.as_loaded", lang)) + self.show(Outcome(Result(loaded)), lang)
        return ["", body, "", "", "", gr.update(visible=bool(found.readings))]

    def document_kept(self, *values: Any) -> list[Any]:
        """As `document_shown`, but for the status, which says how the reading ended."""
        return self.document_shown(*values)[1:]

    def _view_of(self, outcome: Outcome, lang: str) -> View:
        said = summary(named_in(self.page.assistant, outcome.result, lang), lang)
        return View(said, outcome.result.reply, outcome)

    def around(self, packed: str, readings: str, choice: Any, lang: str, least: float = 0.0) -> list[Any]:
        """The button for all, the view over all, the document's annotations against its result; and what there is to
        save and to cut."""
        found = unpack(packed, readings)
        n_tools = len([*self._of_two, *self._thresholds])
        if found is None:
            return [gr.update(visible=False), gr.update(visible=False), "", "", *[gr.skip()] * n_tools]
        several = len(found.documents) > 1
        assistant = self.page.assistant
        read = [(loaded, named_in(assistant, result, lang)) for loaded, result in found.results(least)]
        compared = compared_in(found, read, lang)
        own = [read[at] for at, n in enumerate(sorted(found.readings)) if n == number_of(found, choice)]
        tools = [gr.skip()] * n_tools
        if read:
            scored = any(has_scores(r.outcome.result) for r in found.readings.values())
            tools = [gr.update(visible=bool(compared))] * len(self._of_two)
            tools += [gr.update(visible=scored)] * len(self._thresholds)
        return [
            gr.update(visible=several),
            gr.update(visible=several and bool(read)),
            overview(found, read, compared, lang) if several and read else "",
            beside(found, own, lang),
            *tools,
        ]

    def made(self, kind: str, packed: str, lang: str, *more: Any) -> tuple[str, str]:
        """Of a file with several documents all that were read, where one of them is shown; else as `Answering.made`."""
        documents, readings, choice = more[-3:]
        found = unpack(documents, readings)
        if found is None or kind not in OF_ALL or not _stands_for_all(found, unpack_outcome(packed), kind, choice):
            return super().made(kind, packed, lang, *more)
        least = float(more[0]) if self.threshold else 0.0
        said = [note(t("collection.file_of_all", lang, n=len(found.readings)))] if len(found.documents) > 1 else []
        said += [note(issue_sentence(issue, lang)) for issue in not_carried_of_all(found, kind, least)]
        return file_of_all(found, kind, least, t("collection.annotations", lang)), "".join(said)


def _settings(values: Sequence[Any]) -> str:
    """What is asked besides the text: a reading is up to date while this is the same."""
    return json.dumps(values, ensure_ascii=False)


def _stands_for_all(found: Collection, shown: Outcome | None, kind: str, choice: Any) -> bool:
    """Whether a download means the documents that were read, and not another text that was asked since."""
    if not found.readings or (len(found.documents) < 2 and kind not in OF_TWO):
        return False
    return shown is None or shown.result.document.text == found.documents[number_of(found, choice)].text
