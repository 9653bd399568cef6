"""The page: its header, its tabs, the switch of its language, and the functions it offers to programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from taiyi.assistant import Assistant
from taiyi.language import LANGUAGES
from taiyi.ui import api, history, theme
from taiyi.ui.locale import language_name, t
from taiyi.ui.page import Page, Runs, Wording
from taiyi.ui.parts import QUIET
from taiyi.ui.quality import model_line
from taiyi.ui.show import escaped
from taiyi.ui.tabs import TABS

MAX_FILE_SIZE = "20mb"
CACHE_SECONDS = 600  # uploads that were not read (a tab closed at once) are deleted after so long
STREAMS_AT_ONCE = 16  # the engine has its own queue behind this one, and says its length
MAX_WAITING = 64
TOGGLE_THEME = "() => { window.taiyi.toggleTheme(); }"
# What the browser remembers: the language that was chosen, and, until the window is closed, the chat.
REMEMBERED = "(lang) => window.taiyi.remembered(lang)"
SPEAK = "(lang) => { window.taiyi.speak(lang); return [lang]; }"


def create_ui(assistant: Assistant, *, lang: str = "zh") -> gr.Blocks:
    """The whole page for an assistant, at first in `lang`."""
    if lang not in LANGUAGES:
        raise ValueError(f"The page speaks {' and '.join(LANGUAGES)}, not {lang!r}.")
    wording = Wording(lang)
    with gr.Blocks(title=t("app.title", lang), analytics_enabled=False, delete_cache=(60, CACHE_SECONDS)) as blocks:
        page = _header(assistant, wording)
        with gr.Tabs(overflow_behavior="wrap", elem_classes="ty-tabs"):
            for tab in TABS:
                with page.make(gr.Tab, {"label": f"{tab.ID}.tab"}, id=tab.ID, render_children=True):
                    tab.build(page)
        page.make(gr.HTML, {"value": _footer}, elem_classes="ty-footer")
        _wire(blocks, page)
        api.offer(assistant)
    blocks.queue(max_size=MAX_WAITING, default_concurrency_limit=STREAMS_AT_ONCE)
    return blocks


def launch_options() -> dict[str, Any]:
    """What `launch` needs for this page: how it looks, and that nothing is recorded or sent anywhere."""
    return {
        "theme": theme.theme(),
        "css": theme.stylesheet(),
        "head": theme.head(),
        "run_history": False,
        "footer_links": [],
        "enable_monitoring": False,
        "max_file_size": MAX_FILE_SIZE,
        "show_error": False,
        "ssr_mode": False,
        "pwa": False,
        "favicon_path": Path(theme.ASSETS / "icon.svg"),
        "quiet": False,
    }


def _header(assistant: Assistant, wording: Wording) -> Page:
    with gr.Row(elem_classes="ty-header"):
        wording.make(
            gr.HTML,
            {"value": lambda lang: f"<h1>{escaped(t('app.name', lang))}</h1><p>{escaped(t('app.lead', lang))}</p>"},
            elem_classes="ty-brand",
        )
        language = gr.Radio(
            [(language_name(name, name), name) for name in LANGUAGES],
            value=wording.lang,
            label="语言 · Language",
            show_label=False,
            container=False,
            elem_id="ui-language",
            elem_classes="ty-segments",
            scale=0,
            min_width=160,
        )
        toggle = wording.make(gr.Button, {"value": "app.theme"}, size="sm", scale=0, min_width=60, elem_id="ui-theme")
    toggle.click(None, None, None, js=TOGGLE_THEME)
    wording.make(gr.HTML, {"value": lambda lang: _notice(assistant, lang)}, elem_classes="ty-banner")
    return Page(assistant, wording, language, Runs())


def _notice(assistant: Assistant, lang: str) -> str:
    said = escaped(t("app.notice", lang))
    return f'<p class="ty-standing" role="note">{said}</p>{model_line(assistant, lang)}'


def _footer(lang: str) -> str:
    return f"<p>{escaped(t('app.footer', lang))}</p>"


def _wire(blocks: gr.Blocks, page: Page) -> None:
    """The language's switch, what the browser remembers, and the end of a visit."""
    words = page.wording
    page.lang.change(words.updates, page.lang, words.components, js=SPEAK, queue=False, **QUIET)
    chat = gr.Textbox("", visible="hidden")
    blocks.load(restored, [page.lang, chat], [page.lang, page.chatbot], js=REMEMBERED, queue=False, **QUIET)

    def left(http: gr.Request) -> None:
        page.runs.leave(str(http.session_hash))

    blocks.unload(left)


def restored(lang: str, chat: str) -> list[Any]:
    """The language that this browser last chose, and the chat of this window."""
    turns = history.restored(chat)
    return [lang if lang in LANGUAGES else gr.skip(), turns or gr.skip()]
