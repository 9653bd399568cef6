"""The endpoints, called as other programs call them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from gradio_client import Client

from taiyi.assistant import Assistant
from taiyi.conversation import Conversation
from taiyi.engine.scripted import ScriptedEngine
from taiyi.ui.api import NAMES
from taiyi.ui.build import create_ui, launch_options

LITHIUM = "Lithium may cause tremor."


def reply(conversation: Conversation) -> str:
    """A reply in the form of the task that was asked."""
    asked = conversation.messages[-1].content
    for sign, answer in (
        ("Chemical, Disease", "Chemical: Lithium\nDisease: tremor; seizure"),
        ("induced", "(Lithium, tremor, induced)"),
        ("Regulation", "Regulation: (Trigger: cause, Theme: tremor)"),
        ("yes, no", "yes"),
        ("A. one", "Answer: B"),
        ("主诉", "主诉：头痛\n建议：休息"),
    ):
        if sign in asked:
            return answer
    return "A plain answer."


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = create_ui(Assistant(ScriptedEngine(reply)))
    page.launch(
        server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, **launch_options() | {"quiet": True}
    )
    yield Client(f"http://127.0.0.1:{port}/", verbose=False)
    page.close()


def test_the_endpoints_have_plain_names(client: Client) -> None:
    named = client.view_api(return_format="dict")["named_endpoints"]
    assert {name.removeprefix("/") for name in named} == set(NAMES)


def test_entities_come_with_their_places(client: Client) -> None:
    found = client.predict(LITHIUM, ["Chemical", "Disease"], api_name="/entities")
    assert [(e["type"], e["text"]) for e in found["entities"]] == [("Chemical", "Lithium"), ("Disease", "tremor")]
    assert all(found["text"][e["start"] : e["end"]] == e["text"] for e in found["entities"])
    assert found["issues"][0]["kind"] == "absent" and found["by"]


@pytest.mark.parametrize(
    "name, arguments, key",
    [
        ("/chat", {"message": "hi", "history": [{"role": "user", "content": "a"}]}, "answer"),
        ("/relations", {"text": LITHIUM, "types": ["induced"]}, "relations"),
        ("/events", {"text": LITHIUM, "types": ["Regulation"], "roles": ["Theme"]}, "events"),
        ("/classify", {"text": LITHIUM, "classes": ["yes", "no"]}, "labels"),
        ("/choose", {"question": "Which?", "options": ["one", "two"]}, "labels"),
        ("/compare", {"text": "a", "text_b": "b", "labels": ["yes", "no"], "task": "entailment"}, "labels"),
        ("/translate", {"text": LITHIUM}, "answer"),
        ("/report", {"dialogue": "患者：头痛。"}, "sections"),
        ("/title", {"text": LITHIUM, "task": "summary"}, "answer"),
    ],
)  # fmt: skip
def test_every_task_answers_with_its_field(client: Client, name: str, arguments: dict[str, Any], key: str) -> None:
    assert client.predict(**arguments, api_name=name)[key]


@pytest.mark.parametrize(
    "name, arguments, said",
    [
        ("/entities", {"text": LITHIUM, "types": []}, "types"),
        ("/entities", {"text": " ", "types": ["A"]}, "no text"),
        ("/entities", {"text": LITHIUM, "types": ["A"], "predictor": "oracle"}, "oracle"),
        ("/entities", {"text": LITHIUM, "types": ["A"], "occurrences": "none"}, "all, first"),
        ("/compare", {"text": "a", "text_b": "b", "labels": ["x"], "task": "chat"}, "chat"),
        ("/title", {"text": "a", "task": "chat"}, "chat"),
        ("/chat", {"message": "a", "history": [{"role": "system", "content": "b"}]}, "role"),
        ("/chat", {"message": "a", "temperature": 9}, "temperature"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(
    client: Client, name: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(Exception, match=said):
        client.predict(**arguments, api_name=name)
