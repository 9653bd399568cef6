"""Who answers, and what every answer gets whoever gave it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from taiyi.assistant import Assistant
from taiyi.card import Card
from taiyi.document import Document, Entity, Span
from taiyi.engine.scripted import ScriptedEngine
from taiyi.predictors.base import Partial, Result
from taiyi.tasks.base import Request

REQUEST = Request("entities", "No fever, but a cough.", labels=("Symptom",))


class Marks:
    """A specialist that marks one word."""

    def __init__(self, name: str, word: str) -> None:
        self.name = name
        self.word = word

    def supports(self, request: Request) -> bool:
        return request.task == "entities"

    def stream(self, request: Request, cancel: threading.Event | None = None) -> Iterator[Partial | Result]:
        start = request.text.index(self.word)
        entity = Entity("T1", "Symptom", (Span(start, start + len(self.word)),))
        yield Result(Document("d", "en", request.text, (entity,)), by=self.name)


def test_what_the_text_says_of_a_mention_comes_with_every_answer() -> None:
    """The specialist names the fever, the model both: each answer and their union say that it is negated."""
    engine = ScriptedEngine(lambda conversation: "Symptom: fever; cough")
    result = Assistant(engine, [Marks("one", "fever")]).answer(REQUEST, choice="both")
    for found in (result, *result.alternatives):
        said = {found.document.text_of(e.spans): e.attributes for e in found.document.entities}
        assert said["fever"] == ("negated",)
        assert said.get("cough", ()) == ()


def test_where_the_model_cannot_do_a_task_two_specialists_are_compared() -> None:
    assistant = Assistant(
        ScriptedEngine(lambda conversation: ""),
        [Marks("one", "fever"), Marks("two", "cough")],
        Card(unable=("entities",)),
    )
    assert assistant.choices(REQUEST) == ("auto", "specialist", "both")
    result = assistant.answer(REQUEST, choice="both")
    assert [other.by for other in result.alternatives] == ["one", "two"]


def test_one_specialist_alone_gives_no_second_opinion() -> None:
    engine = ScriptedEngine(lambda conversation: "")
    assistant = Assistant(engine, [Marks("one", "fever")], Card(unable=("entities",)))
    assert "both" not in assistant.choices(REQUEST)
