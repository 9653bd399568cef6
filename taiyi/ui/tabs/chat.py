"""Chat: streaming, with stop, retry, edit and undo; saved to a file, and kept in the window through a reload."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from taiyi.errors import FormatError
from taiyi.tasks.request import make_request
from taiyi.ui import history as turns
from taiyi.ui.history import History
from taiyi.ui.locale import sentence, t
from taiyi.ui.page import Page
from taiyi.ui.parts import QUIET, SAVE, always, example_buttons, heading
from taiyi.ui.running import Asked, View, views
from taiyi.ui.samples import samples
from taiyi.ui.sampling import FIELDS, panel, sampling_params
from taiyi.ui.show import alert, issues, note

ID = "chat"
CHAT_FILES = [".json", ".md"]
KEEP = "(history) => { window.taiyi.keep(history); return []; }"


def build(page: Page) -> None:
    """Lay out and wire the tab."""
    heading(page, ID, (ID, "question"))
    with gr.Row(elem_classes="ty-columns ty-chat"):
        with gr.Column(elem_classes="ty-input", scale=3):
            chatbot = page.make(
                gr.Chatbot,
                {"label": "chat.title", "placeholder": "chat.placeholder"},
                height="60vh",
                editable="user",
                buttons=["copy", "copy_all"],
                feedback_options=None,
                show_label=False,
                layout="bubble",
                allow_tags=False,
                elem_id="chat-history",
            )
            status = gr.HTML(elem_classes="ty-live ty-status", elem_id="chat-status")
            message = page.make(
                gr.Textbox,
                {"label": "chat.message", "placeholder": "chat.message_hint"},
                value="",
                show_label=False,
                lines=1,
                max_lines=10,
                elem_id="chat-message",
                elem_classes="ty-text",
            )
            with gr.Row(elem_classes="ty-actions"):
                send = page.make(gr.Button, {"value": "chat.send"}, variant="primary", elem_id="chat-send")
                stop = page.make(
                    gr.Button, {"value": "stop"}, variant="stop", visible=False, elem_id="chat-stop", scale=0
                )
                clear = page.make(gr.Button, {"value": "chat.clear"}, elem_id="chat-clear", scale=0)
            examples = example_buttons(page, ID)
        with gr.Column(elem_classes="ty-panel", scale=1, min_width=260):
            with page.make(gr.Accordion, {"label": "chat.settings"}, open=False):
                system = page.make(
                    gr.Textbox,
                    {"label": "chat.system", "placeholder": "chat.system_hint"},
                    value="",
                    lines=3,
                    max_lines=12,
                )
                settings = panel(page)
            with page.make(gr.Accordion, {"label": "chat.files"}, open=False):
                with gr.Row():
                    files = {
                        kind: page.make(gr.Button, {"value": f"chat.save_{kind}"}, size="sm", min_width=80)
                        for kind in ("json", "md")
                    }
                load = page.make(gr.UploadButton, {"label": "chat.load"}, file_types=CHAT_FILES, size="sm")
                loaded_note = gr.HTML(elem_classes="ty-live")
                page.make(gr.HTML, {"value": lambda lang: note(t("chat.privacy", lang))})
                payload = gr.Textbox("", visible="hidden")

    page.chatbot = chatbot
    chatting = Chatting(page)
    values = [system, *settings.components]
    outputs = [chatbot, message, status, send, stop]

    def wire(event: Callable[..., Any], answer: Callable[..., Any], inputs: list[Any]) -> None:
        event(answer, [page.lang, *inputs, *values], outputs, **QUIET).then(
            chatting.ended, None, [send, stop], queue=False, **QUIET
        )

    wire(send.click, chatting.sent, [chatbot, message])
    wire(message.submit, chatting.sent, [chatbot, message])
    wire(chatbot.retry, chatting.retried, [chatbot, message])
    wire(chatbot.edit, chatting.edited, [chatbot, message])
    for button, sample in zip(examples, samples(ID), strict=True):
        filled = button.click(always(sample.values["text"]), None, message, queue=False, **QUIET)
        wire(filled.then, chatting.sent, [chatbot, message])
    chatbot.undo(undone, chatbot, [chatbot, message], queue=False, **QUIET)
    stop.click(chatting.stopped, None, None, queue=False, **QUIET)
    gr.on([clear.click, chatbot.clear], chatting.cleared, None, [chatbot, status], queue=False, **QUIET)
    chatbot.change(None, chatbot, None, js=KEEP)
    for kind, button in files.items():
        saved = button.click(
            partial(saved_file, kind), [page.lang, chatbot, system, *settings.components], payload, queue=False, **QUIET
        )
        saved.then(None, payload, None, js=SAVE)
    load.upload(
        load_chat, [load, page.lang], [chatbot, system, loaded_note, *settings.components], queue=False, **QUIET
    )


class Chatting:
    """What happens when a message is sent, sent again, or changed. All yield the updates of history, message box,
    status and buttons."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def sent(self, http: gr.Request, lang: str, history: History, message: str, *values: Any) -> Iterator[list[Any]]:
        """The answer to a new message. A message that can't be answered goes back into its box."""
        yield from self._answered(http, lang, history, message, "", values)

    def retried(
        self, http: gr.Request, lang: str, history: History, draft: str, event: gr.RetryData, *values: Any
    ) -> Iterator[list[Any]]:
        """Another answer to the message that the chosen answer belongs to."""
        index = _user_index(history, event.index)
        yield from self._answered(http, lang, history[:index], turns.plain(history[index]), draft, values)

    def edited(
        self, http: gr.Request, lang: str, history: History, draft: str, event: gr.EditData, *values: Any
    ) -> Iterator[list[Any]]:
        """The answer to a changed message; what came after it is dropped."""
        index = _user_index(history, event.index)
        yield from self._answered(http, lang, history[:index], str(event.value), draft, values)

    def _answered(
        self, http: gr.Request, lang: str, before: History, message: str, draft: str, values: Sequence[Any]
    ) -> Iterator[list[Any]]:
        visitor = str(http.session_hash)
        cancel = self.page.runs.begin(visitor, ID)
        try:
            for view in views(self.page.assistant, lambda: ask(message, before, *values), lang, cancel):
                yield [*_shown(view, before, message, draft, lang), *_buttons(view)]
        finally:
            self.page.runs.end(visitor, ID, cancel)

    def ended(self) -> tuple[Any, Any]:
        """The buttons after an answer, however it ended."""
        return gr.update(interactive=True), gr.update(visible=False)

    def stopped(self, http: gr.Request) -> None:
        """End the answer under way: the model stops, what it has said stays."""
        self.page.runs.stop(str(http.session_hash), ID)

    def cleared(self, http: gr.Request) -> tuple[History, str]:
        """An empty chat; an answer under way is ended."""
        self.stopped(http)
        return [], ""


def ask(message: str, before: History, system: str, *settings: Any) -> Asked:
    """The request of a message after the turns before it. Raises InputError."""
    request = make_request(
        ID,
        message,
        history=turns.messages(before),
        system=system.strip(),
        document_id=ID,
    )
    return Asked(request, "llm", sampling_params(*settings))


def _shown(view: View, before: History, message: str, draft: str, lang: str) -> list[Any]:
    """History, message box and status of a view."""
    asked = [*before, turns.turn("user", message)]
    if view.failed and not view.reply:
        return [before, message or gr.skip(), view.status]
    if view.outcome is not None:
        result = view.outcome.result
        text = result.document.answer or view.reply
        status = view.status + issues(result.issues, lang)
        return [[*asked, turns.turn("assistant", text)] if text else asked, draft, status]
    return [[*asked, turns.turn("assistant", view.reply)] if view.reply else asked, draft, view.status]


def _buttons(view: View) -> list[Any]:
    running = not view.failed and view.outcome is None
    return [gr.update(interactive=not running), gr.update(visible=running)]


def _user_index(history: History, index: Any) -> int:
    """The place of the person's message that the one at `index` is or answers."""
    at = index[0] if isinstance(index, (list, tuple)) else int(index)
    while at > 0 and history[at]["role"] != "user":
        at -= 1
    return at


def undone(history: History, event: gr.UndoData) -> tuple[History, str]:
    """The chat without the last message and its answer; the message is back in its box."""
    index = _user_index(history, event.index)
    return history[:index], turns.plain(history[index])


def saved_file(kind: str, lang: str, history: History, system: str, *settings: Any) -> str:
    """The chat as a file for the browser to save."""
    return turns.saved(history, system, dict(zip((*FIELDS, "seed"), settings, strict=True)), kind, lang)


def load_chat(path: str | None, lang: str) -> list[Any]:
    """History, system prompt, a note, and the settings of a saved chat; on failure nothing but the note changes."""
    unchanged = [gr.skip()] * (len(FIELDS) + 1)
    if not path:
        return [gr.skip(), gr.skip(), "", *unchanged]
    file = Path(path)
    try:
        conversation, settings = turns.loaded(file)
    except FormatError as error:
        return [gr.skip(), gr.skip(), alert(sentence(error, lang)), *unchanged]
    finally:
        file.unlink(missing_ok=True)
    system = next((m.content for m in conversation.messages if m.role == "system"), "")
    said = note(t("chat.loaded", lang, file=file.name, n=len(conversation.messages)))
    return [turns.shown(conversation), system, said, *_settings(settings)]


def _settings(saved: Mapping[str, Any]) -> list[Any]:
    """The saved settings where they are of their kind, else no change."""
    sliders = [saved[name] if isinstance(saved.get(name), (int, float)) else gr.skip() for name in FIELDS]
    return [*sliders, saved["seed"] if isinstance(saved.get("seed"), str) else gr.skip()]
