"""The real page in a real Chromium that may speak to nobody but the page's server."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from taiyi.assistant import Assistant, load_assistant
from taiyi.config import Settings
from taiyi.conversation import Conversation
from taiyi.engine.base import Chunk
from taiyi.engine.scripted import ScriptedEngine
from taiyi.ui.tabs import TABS as MODULES

TABS = tuple(module.ID for module in MODULES)
SLOW_WORDS = "这是一个很慢的回答，一个字一个字地写出来。It comes slowly, word by word. " * 40


def scripted_reply(conversation: Conversation) -> str:
    """Replies in the form of each task; extraction names what stands in the samples, and one thing that does not."""
    asked = conversation.messages[-1].content
    if "slow" in asked:
        return SLOW_WORDS
    if asked == "picture":
        return '![x](http://pictures.invalid/a.png) <img src="https://pictures.invalid/b.png">'
    if "Chemical, Disease" in asked:
        return "Chemical: lithium carbonate; lithium; amiloride; ibuprofen\nDisease: coarse tremor; tremor; polyuria"
    if "临床表现" in asked and "糖尿病" in asked:
        return "疾病：2型糖尿病肾病；糖尿病肾病；糖尿病；高血压\n药物：二甲双胍"
    if "chemical-induced disease" in asked:
        pairs = ("azathioprine, pancreatitis", "valproate, thrombocytopenia")
        return "; ".join(f"({pair}, chemical-induced disease)" for pair in pairs)
    if "主诉" in asked:
        return "主诉：咳嗽三天\n现病史：有痰\n辅助检查：血常规正常\n既往史：鸡蛋过敏\n诊断：感冒\n建议：多喝水"
    return f"You asked about {len(asked)} characters. 您好。"


@contextmanager
def served(assistant: Assistant) -> Iterator[str]:
    """The page of an assistant on a free port of this machine, launched as app.py does it."""
    from taiyi.ui.build import create_ui, launch_options

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = create_ui(assistant, lang="zh")
    options = launch_options() | {"quiet": True}
    page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, **options)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        page.close()
        assistant.close()


class CountingEngine(ScriptedEngine):
    """A scripted engine that knows how many of its streams are under way."""

    running = 0

    def stream(self, *arguments: Any, **named: Any) -> Iterator[Chunk]:
        """The scripted reply, counted while it lasts."""
        self.running += 1
        try:
            yield from super().stream(*arguments, **named)
        finally:
            self.running -= 1


@pytest.fixture(scope="session")
def engine() -> CountingEngine:
    """The engine behind `scripted`: it keeps what it was asked."""
    return CountingEngine(scripted_reply, piece=2, delay_s=0.02)


@pytest.fixture(scope="session")
def scripted(engine: CountingEngine) -> Iterator[str]:
    """The page on an engine with known replies."""
    with served(Assistant(engine)) as url:
        yield url


@pytest.fixture(scope="session")
def bundled() -> Iterator[str]:
    """The page on the bundled models, as a newcomer gets it."""
    with served(load_assistant(Settings())) as url:
        yield url


@pytest.fixture(params=["scripted", "bundled"])
def url(request: pytest.FixtureRequest) -> str:
    """Both pages in turn, for what must hold whatever the model says."""
    found: str = request.getfixturevalue(request.param)
    return found


class Window:
    """A browser window on the page, with the few movements that the tests share."""

    def __init__(self, page: Any, errors: list[str]) -> None:
        self.page = page
        self.errors = errors

    def open(self, url: str) -> Window:
        """The page, ready to be used."""
        self.page.goto(url)
        self.page.wait_for_selector("#chat-send")
        self.page.wait_for_timeout(400)  # the handlers of what was restored
        return self

    def tab(self, name: str) -> Any:
        """The panel of a tab, shown."""
        self.page.locator(f".ty-tabs button[data-tab-id={name}]").click()
        panel = self.page.locator(f"#{name}-run" if name != "chat" else "#chat-send")
        panel.wait_for()
        return self.page.locator("[role=tabpanel]:visible")

    def speak(self, lang: str) -> None:
        """Switch the page's language; once more where the first visit's slow loading set it back."""
        from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

        for last in (False, False, True):
            self.page.locator(f"#ui-language input[value={lang}]").check(force=True)
            try:
                self.page.wait_for_function(
                    "lang => document.documentElement.lang.startsWith(lang)", arg=lang, timeout=10_000
                )
                return
            except PlaywrightTimeoutError:
                if last:
                    raise

    def example(self, tab: str, title: str) -> None:
        """Click an example of the shown tab and wait for its result."""
        self.tab(tab).get_by_role("button", name=title).first.click()
        self.finished(tab)

    def finished(self, tab: str) -> None:
        """Wait until the tab's status says how it ended."""
        self.page.locator(f"#{tab}-status .ty-summary, #{tab}-status .ty-alert").first.wait_for(timeout=120_000)

    def result(self, tab: str) -> dict[str, Any]:
        """The outcome that the browser keeps for its downloads."""
        row: dict[str, Any] = json.loads(self.page.locator(f"#{tab}-packed textarea").input_value())
        return row

    def turns(self) -> list[str]:
        """What the chat shows, message by message."""
        texts: list[str] = self.page.locator("#chat-history .message-content").all_inner_texts()
        return [text.strip() for text in texts]


@pytest.fixture
def window(chromium: Any) -> Iterator[Window]:
    """A fresh window. Requests to any host but this machine's are blocked, and fail the test; so do script errors."""
    outside: list[str] = []
    errors: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)

    def judge(route: Any) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route(re.compile("^https?://"), judge)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Window(page, errors)
    context.close()
    assert outside == [], "the page asked hosts outside this machine"
    assert errors == [], "a script of the page failed"


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Waits for something that happens in the server."""
    import time

    def wait(true: Callable[[], bool], seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.05)

    return wait
