"""Reading a whole file: every document in turn, what is done stays, and a failure names its document."""

from __future__ import annotations

import threading
from collections.abc import Callable

from taiyi.assistant import Assistant
from taiyi.conversation import Conversation
from taiyi.document import Document
from taiyi.engine.scripted import ScriptedEngine
from taiyi.errors import ModelError
from taiyi.tasks.request import make_request
from taiyi.ui.collection import Collection
from taiyi.ui.overview import ended, progress_of
from taiyi.ui.reading import Step, read_all
from taiyi.ui.running import Asked

TEXTS = ("Fever today.", "Cough today.", "Tremor today.")
COLLECTION = Collection("x.jsonl", tuple(Document(f"d{n}", "en", text) for n, text in enumerate(TEXTS)))


def reply(conversation: Conversation) -> str:
    asked = conversation.messages[-1].content
    return "Sign: " + next(text.split()[0] for text in TEXTS if text in asked)


def ask(text: str) -> Asked:
    return Asked(make_request("entities", text, labels=["Sign"]), "llm")


def steps(
    collection: Collection = COLLECTION,
    ask: Callable[[str], Asked] = ask,
    cancel: threading.Event | None = None,
    engine: ScriptedEngine | None = None,
) -> list[Step]:
    assistant = Assistant(engine or ScriptedEngine(reply))
    return list(read_all(assistant, collection, ask, "s", cancel or threading.Event()))


def names(step: Step) -> dict[str, list[str]]:
    results = [result.document for _, result in step.collection.results()]
    return {d.id: [d.text_of(e.spans) for e in d.entities] for d in results}


def test_every_document_is_read_in_its_turn() -> None:
    last = steps()[-1]
    assert names(last) == {"d0": ["Fever"], "d1": ["Cough"], "d2": ["Tremor"]}
    assert (last.is_last, last.n_done, last.n_left, last.share) == (True, 3, 3, 1.0)
    assert "3 of 3" in ended(last, "en")


def test_what_is_read_already_is_passed_over() -> None:
    engine = ScriptedEngine(reply)
    begun = steps(ask=lambda text: ask(text if text != TEXTS[1] else " "))[-1]
    last = steps(begun.collection, engine=engine)[-1]
    assert (last.n_left, len(last.collection.readings)) == (1, 3)


def test_a_document_that_fails_is_named_and_the_next_one_read() -> None:
    last = steps(ask=lambda text: ask(text if text != TEXTS[1] else " "))[-1]
    assert names(last) == {"d0": ["Fever"], "d2": ["Tremor"]}
    assert [failure.document_id for failure in last.failures] == ["d1"]
    said = ended(last, "zh")
    assert "已读取 2 / 3 篇" in said and "未能读取 1 篇（d1）。没有文本" in said


def test_stopping_keeps_what_was_read_and_nothing_in_part() -> None:
    cancel = threading.Event()

    def stop_at_the_second(text: str) -> Asked:
        if text == TEXTS[1]:
            cancel.set()
        return ask(text)

    last = steps(ask=stop_at_the_second, cancel=cancel)[-1]
    assert names(last) == {"d0": ["Fever"]}
    assert last.is_last and "Stopped after 1 of 3" in ended(last, "en")


def test_a_model_that_cannot_be_loaded_ends_it_and_is_said() -> None:
    def damaged(text: str) -> Asked:
        if text == TEXTS[1]:
            fields = {"folder": "entities-en", "reason": "half a file"}
            raise ModelError("damaged", code="specialist_not_loaded", **fields)
        return ask(text)

    last = steps(ask=damaged)[-1]
    assert names(last) == {"d0": ["Fever"]}
    assert "entities-en" in ended(last, "zh") and "half a file" in ended(last, "zh")


def test_the_progress_says_how_many_are_done() -> None:
    found = steps(engine=ScriptedEngine(reply, piece=1))
    assert "0 of 3" in progress_of(found[0], "en")
    assert [step.n_done for step in found] == sorted(step.n_done for step in found)
