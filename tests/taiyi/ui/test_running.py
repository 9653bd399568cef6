"""From a request to views: progress, text so far, result; errors as sentences."""

from __future__ import annotations

import threading

import pytest

from taiyi.assistant import Assistant
from taiyi.engine.scripted import ScriptedEngine
from taiyi.tasks.request import make_request
from taiyi.ui.page import Runs
from taiyi.ui.running import Asked, views


def chat(text: str = "hello") -> Asked:
    return Asked(make_request("chat", text))


def test_views_end_with_the_outcome() -> None:
    found = list(views(Assistant(ScriptedEngine(["好的。"])), chat, "zh", threading.Event()))
    assert found[0].outcome is None and not found[0].failed
    assert found[-1].outcome is not None
    assert found[-1].outcome.result.document.answer == "好的。"


def test_an_input_that_cannot_be_asked_is_said_in_the_readers_language() -> None:
    found = list(views(Assistant(ScriptedEngine(["x"])), lambda: chat(" "), "zh", threading.Event()))
    assert len(found) == 1 and found[0].failed
    assert "没有文本" in found[0].status


def test_what_had_come_before_a_failure_stays() -> None:
    engine = ScriptedEngine(["abcdefghi"], piece=3, fail_after=2)
    found = list(views(Assistant(engine), chat, "en", threading.Event()))
    assert found[-1].failed
    assert found[-1].reply == "abcdef"


def test_a_cancelled_answer_ends_with_what_is_there() -> None:
    cancel = threading.Event()
    found = []
    for view in views(Assistant(ScriptedEngine(["x" * 3000], piece=1, delay_s=0.005)), chat, "en", cancel):
        found.append(view)
        if view.reply:
            cancel.set()
    assert found[-1].outcome is not None
    assert 0 < len(found[-1].outcome.result.document.answer or "") < 3000
    assert "Stopped" in found[-1].status


def test_a_fast_stream_is_shown_a_few_times_a_second_and_to_its_end() -> None:
    """1,000 pieces come in well under a second; the browser gets some of them, and the whole answer."""
    found = list(views(Assistant(ScriptedEngine(["x" * 1000], piece=1)), chat, "en", threading.Event()))
    assert len(found) < 200
    assert found[-1].outcome is not None
    assert found[-1].outcome.result.document.answer == "x" * 1000


def test_a_new_run_ends_the_one_before_it_in_the_same_place() -> None:
    runs = Runs()
    first = runs.begin("a", "chat")
    elsewhere = runs.begin("b", "chat")
    second = runs.begin("a", "chat")
    assert first.is_set() and not second.is_set() and not elsewhere.is_set()
    runs.end("a", "chat", first)
    runs.stop("a", "chat")
    assert second.is_set()


def test_leaving_ends_all_runs_of_a_visitor_and_no_other() -> None:
    runs = Runs()
    mine = [runs.begin("a", tab) for tab in ("chat", "entities")]
    other = runs.begin("b", "chat")
    runs.leave("a")
    assert all(cancel.is_set() for cancel in mine) and not other.is_set()


def test_a_bug_is_not_hidden() -> None:
    def ask() -> Asked:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(views(Assistant(ScriptedEngine(["x"])), ask, "en", threading.Event()))
