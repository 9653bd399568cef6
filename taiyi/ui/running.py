"""From a request to what a tab shows while it is answered: progress, text so far, the result, or what went wrong."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from taiyi.assistant import Assistant, Choice
from taiyi.engine.base import SamplingParams
from taiyi.errors import TaiyiError
from taiyi.predictors.base import Partial, Result
from taiyi.tasks.base import Request
from taiyi.ui.locale import sentence
from taiyi.ui.outcome import Outcome
from taiyi.ui.quality import named_in
from taiyi.ui.show import alert, progress, summary

UPDATES_PER_SECOND = 12  # of one stream: more make browsers lag behind, and nobody reads faster


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tab asks for: the request, who shall answer, and how."""

    request: Request
    choice: Choice = "auto"
    params: SamplingParams | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What a tab shows at one moment: a line of status (HTML), the reply so far, and the outcome once it is there."""

    status: str
    reply: str = ""
    outcome: Outcome | None = None
    failed: bool = False


def views(assistant: Assistant, ask: Callable[[], Asked], lang: str, cancel: threading.Event) -> Iterator[View]:
    """Views until the answer is complete. A TaiyiError becomes a view that says it in the reader's language; the reply
    that had come before stays in it."""
    reply = ""
    try:
        asked = ask()
        yield View(progress(Partial(), lang))
        stream = assistant.stream(asked.request, choice=asked.choice, params=asked.params, cancel=cancel)
        shown_at = -math.inf
        for item in stream:
            if isinstance(item, Result):
                said = summary(named_in(assistant, item, lang), lang)
                yield View(said, item.reply, Outcome.of(item, asked.request))
                continue
            reply = item.text or reply
            if time.monotonic() - shown_at >= 1 / UPDATES_PER_SECOND:
                shown_at = time.monotonic()
                yield View(progress(item, lang), reply)
    except TaiyiError as error:
        yield View(alert(sentence(error, lang)), reply, failed=True)
