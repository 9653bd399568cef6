"""The language model as a predictor: from the engine's pieces to a document with places, scores and notices."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from taiyi.card import Card
from taiyi.conversation import Conversation
from taiyi.document import Span
from taiyi.engine.base import Chunk, Finish, ModelInfo, SamplingParams
from taiyi.engine.scripted import ScriptedEngine
from taiyi.errors import EngineError, InputError
from taiyi.predictors.base import Partial, Result, answer
from taiyi.predictors.llm import LLMPredictor, _Reply
from taiyi.tasks import TASKS
from taiyi.tasks.request import make_request

TEXT = "Naproxen caused gastric bleeding; naproxen was stopped."


def test_a_reply_becomes_entities_at_their_places() -> None:
    predictor = LLMPredictor(ScriptedEngine(["Chemical: Naproxen\nDisease: gastric bleeding"]))
    *partials, result = predictor.stream(make_request("entities", TEXT, labels=["Chemical", "Disease"]))
    assert isinstance(result, Result)
    assert [(e.label, e.start, e.end) for e in result.document.entities] == [("Chemical", 0, 8), ("Disease", 16, 32)]
    assert [p.text for p in partials if isinstance(p, Partial)][-1] == result.reply
    assert result.by == "scripted"
    assert result.finish is Finish.END


def test_what_is_not_in_the_text_is_an_issue_and_no_entity() -> None:
    result = answer(
        LLMPredictor(ScriptedEngine(["Chemical: ibuprofen; Naproxen sodium"])),
        make_request("entities", TEXT, labels=["Chemical"]),
    )
    assert result.document.entities == ()
    assert {(issue.kind, issue.detail) for issue in result.issues} == {
        ("absent", "ibuprofen"),
        ("part", "Naproxen sodium"),
    }


def test_a_score_is_the_geometric_mean_over_the_tokens_that_reach_into_the_mention() -> None:
    """Tokens `A:`, ` nap`, `roxen` at 0, 2, 6; the mention is 3 to 11, its blank belongs to the second token.

    sqrt(0.9 * 0.4) = 0.6."""
    reply = _Reply("A: naproxen", [0, 2, 6], [0.0, math.log(0.9), math.log(0.4)])
    assert reply.score(Span(3, 11)) == pytest.approx(0.6)
    assert reply.score(Span(0, 2)) == pytest.approx(1.0)


def test_without_log_probabilities_there_is_no_score() -> None:
    assert _Reply("A: naproxen").score(Span(3, 11)) is None


def test_the_grammar_goes_to_an_engine_that_takes_one_and_to_no_other() -> None:
    for constrained in (True, False):
        engine = ScriptedEngine(["Chemical: Naproxen"], constrained=constrained)
        answer(LLMPredictor(engine), make_request("entities", TEXT, labels=["Chemical"]))
        assert (engine.grammars[0] is not None) == constrained


def test_a_long_text_is_read_in_windows_with_the_offsets_of_the_whole() -> None:
    text = " ".join(f"Patient {n} received drug{n} for a week." for n in range(200))

    def named(conversation: Conversation) -> str:
        words = conversation.messages[-1].content.replace(".", "").split()
        return "Chemical: " + "; ".join(word for word in words if word.startswith("drug"))

    predictor = LLMPredictor(ScriptedEngine(named), Card(window_chars={"entities": {"en": 900}}))
    result = answer(predictor, make_request("entities", text, labels=["Chemical"]))
    assert [text[e.start : e.end] for e in result.document.entities] == [f"drug{n}" for n in range(200)]
    assert result.usage.windows > 5
    assert "windows" in {issue.kind for issue in result.issues}


def test_a_failure_in_one_window_reaches_the_reader() -> None:
    text = "The drug helped the patient. " * 200
    predictor = LLMPredictor(
        ScriptedEngine(["Chemical: drug"], fail_after=1), Card(window_chars={"entities": {"en": 300}})
    )
    with pytest.raises(EngineError):
        answer(predictor, make_request("entities", text, labels=["Chemical"]))


def test_cancelling_a_long_text_keeps_what_is_complete() -> None:
    text = " ".join(f"Patient {n} received drug{n} for a week." for n in range(400))
    cancel = threading.Event()

    def named(conversation: Conversation) -> str:
        words = conversation.messages[-1].content.replace(".", "").split()
        return "Chemical: " + "; ".join(word for word in words if word.startswith("drug"))

    card = Card(window_chars={"entities": {"en": 400}})
    predictor = LLMPredictor(ScriptedEngine(named, piece=5, delay_s=0.001), card)
    results = []
    for item in predictor.stream(make_request("entities", text, labels=["Chemical"]), cancel):
        if isinstance(item, Partial) and item.done > 0.1:
            cancel.set()
        if isinstance(item, Result):
            results.append(item)
    assert len(results) == 1
    assert results[0].finish is Finish.CANCELLED
    assert 0 < len(results[0].document.entities) < 400


def test_a_task_that_answers_once_says_how_much_of_the_text_was_read() -> None:
    text = "The trial found no difference between the two groups. " * 100
    predictor = LLMPredictor(ScriptedEngine(["A title"]), Card(window_chars={"title": {"en": 500}}))
    result = answer(predictor, make_request("title", text))
    notice = next(issue for issue in result.issues if issue.kind == "cut_input")
    assert notice.detail.endswith(f"/ {len(text)}")
    assert result.document.text == text
    assert result.document.answer == "A title"


def test_causal_relations_are_read_in_windows_like_all_relations() -> None:
    text = "Naproxen caused an ulcer. Nothing else was seen in the patients. " * 10
    engine = ScriptedEngine(["(Naproxen, ulcer, Cause)"])
    predictor = LLMPredictor(engine, Card(window_chars={"causality": {"en": 200}}))
    result = answer(predictor, make_request("causality", text, labels=["Cause"]))
    assert result.usage.windows > 1
    assert {relation.label for relation in result.document.relations} == {"Cause"}
    assert len(result.document.relations) >= result.usage.windows


class NarrowEngine(ScriptedEngine):
    """Reads 40 tokens at most, a token a character."""

    def __init__(self) -> None:
        super().__init__(["x"])
        self.info = ModelInfo("narrow", None, 40, False)


def test_types_that_leave_no_room_for_the_text_are_said_with_the_numbers() -> None:
    predictor = LLMPredictor(NarrowEngine())
    with pytest.raises(InputError, match="40 tokens") as caught:
        answer(predictor, make_request("entities", TEXT * 5, labels=[f"type {n}" for n in range(50)]))
    assert caught.value.code == "no_room"


def test_the_card_sets_what_a_task_needs_and_rules_out_what_the_model_cannot_do() -> None:
    seen: list[SamplingParams] = []

    class Watching(ScriptedEngine):
        def stream(self, conversation, params, grammar=None, cancel=None) -> Iterator[Chunk]:  # type: ignore[no-untyped-def]
            seen.append(params)
            return super().stream(conversation, params, grammar, cancel)

    card = Card(unable=("translate",), end_bias={"entities": {"en": 1.5}})
    predictor = LLMPredictor(Watching(["Chemical: Naproxen"]), card)
    answer(predictor, make_request("entities", TEXT, labels=["Chemical"]))
    assert seen[0].end_bias == 1.5
    assert seen[0].distinct_items
    answer(predictor, make_request("coreference", TEXT))
    assert not seen[1].distinct_items  # a chain may hold one name at several places
    assert not predictor.supports(make_request("translate", TEXT))


class _Seen(ScriptedEngine):
    """Remembers with what it was asked."""

    def stream(self, conversation, params, grammar=None, cancel=None) -> Iterator[Chunk]:  # type: ignore[no-untyped-def]
        self.seen = (conversation.messages[-1].content, params)
        return super().stream(conversation, params, grammar, cancel)


MARKING = Card(templates={"entities": {"en": "mark"}}, mark_bias={"entities": {"en": 0.5}}, end_bias={})


def test_a_model_that_was_trained_on_marks_is_asked_for_marks() -> None:
    engine = _Seen(["{Naproxen|Chemical} caused{ gastric bleeding|Disease};{ naproxen|Chemical} was stopped."])
    result = answer(LLMPredictor(engine, MARKING), make_request("entities", TEXT, labels=["Chemical", "Disease"]))
    assert [(e.label, e.start, e.end) for e in result.document.entities] == [
        ("Chemical", 0, 8),
        ("Disease", 16, 32),
        ("Chemical", 34, 42),
    ]
    prompt, params = engine.seen
    assert prompt == f"Mark Chemical, Disease in the text:\n{TEXT}"
    assert (params.prediction, params.mark_bias, params.distinct_items) == (TEXT, 0.5, False)


def test_a_template_that_the_request_names_goes_before_that_of_the_card() -> None:
    engine = _Seen(["Chemical: Naproxen"])
    request = make_request("entities", TEXT, labels=["Chemical"])
    answer(LLMPredictor(engine, MARKING), replace(request, template="extract"))
    assert engine.seen[0].startswith("Extract: Chemical")
    assert engine.seen[1].prediction == ""


def test_the_score_of_a_mark_is_the_product_of_what_makes_it() -> None:
    """A mark that opens with 0.5 and closes with 0.8: 0.4, however many tokens are copied between."""
    reply = _Reply("{ a b c|X}", [0, 1, 3, 5, 7], [math.log(0.5), 0.0, 0.0, 0.0, math.log(0.8)])
    assert reply.score(Span(0, 10), joint=True) == pytest.approx(0.4)


def test_a_long_text_is_marked_in_windows_that_leave_room_for_the_copy() -> None:
    text = " ".join(f"Patient {n} received drug{n} for a week." for n in range(60))

    def marked(conversation: Conversation) -> str:
        shown = conversation.messages[-1].content.partition("\n")[2]
        return re.sub(r" (drug\d+)", r"{ \1|Chemical}", shown)

    request = make_request("entities", text, labels=["Chemical"])
    marking, listing = ScriptedEngine(marked), ScriptedEngine(["Chemical: drug1"])
    n_tokens = marking.count_tokens(TASKS["entities"].prompt(request))
    marking.info = listing.info = replace(marking.info, context_tokens=2 * n_tokens)
    result = answer(LLMPredictor(marking, MARKING), request)
    assert [text[e.start : e.end] for e in result.document.entities] == [f"drug{n}" for n in range(60)]
    assert result.usage.windows > 1
    assert answer(LLMPredictor(listing), request).usage.windows == 1, "a list is shorter than the text"
