"""The scripted engine keeps the promises of every engine, so that what is tested on it holds for the others."""

from __future__ import annotations

import threading

import pytest

from taiyi.conversation import Conversation
from taiyi.engine.base import Finish, SamplingParams
from taiyi.engine.scripted import ScriptedEngine
from taiyi.errors import EngineError

ASK = Conversation.of("咳嗽？")


def test_replies_come_in_turn_in_small_pieces_and_end_once() -> None:
    engine = ScriptedEngine(["多喝水。", "注意休息𠮷。"], piece=2)
    for expected in ("多喝水。", "注意休息𠮷。", "注意休息𠮷。"):
        chunks = list(engine.stream(ASK, SamplingParams()))
        assert "".join(chunk.text for chunk in chunks) == expected
        assert all(len(chunk.text) <= 2 for chunk in chunks)
        assert [chunk.finish for chunk in chunks if chunk.finish] == [Finish.END]


@pytest.mark.parametrize("n_pieces", [0, 2])
def test_it_fails_before_or_after_the_first_piece(n_pieces: int) -> None:
    received = []
    with pytest.raises(EngineError):
        received.extend(ScriptedEngine(["abcdef"], piece=1, fail_after=n_pieces).stream(ASK, SamplingParams()))
    stream = ScriptedEngine(["abcdef"], piece=1, fail_after=n_pieces).stream(ASK, SamplingParams())
    assert [next(stream).text for _ in range(n_pieces)] == list("abcdef"[:n_pieces])


def test_cancelling_interrupts_its_delay() -> None:
    cancel = threading.Event()
    stream = ScriptedEngine(["abc"], piece=1, delay_s=0.01).stream(ASK, SamplingParams(), cancel=cancel)
    assert next(stream).text == "a"
    cancel.set()
    assert [chunk.finish for chunk in stream] == [Finish.CANCELLED]
