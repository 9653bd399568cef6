"""A reply that was predicted is the reply that would have come anyhow, in fewer forwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
import torch

from taiyi.config import BUNDLED_MODEL
from taiyi.conversation import Conversation, render
from taiyi.engine.base import Chunk, Finish, SamplingParams
from taiyi.engine.local import LocalEngine
from taiyi.engine.packed import PackedModel, Piece
from taiyi.engine.prediction import FEWEST, MOST, REALIGN_TOKENS, Prediction
from taiyi.engine.row import Row

ASK = Conversation.of("The patient was given metformin and her blood glucose fell.")
TEXT = "Rash and fever appeared ten days after the first dose of phenytoin."
GREEDY = SamplingParams(max_new_tokens=100)
SAMPLED = SamplingParams(max_new_tokens=100, temperature=1.0, top_p=0.9, repetition_penalty=1.1, seed=4)


def copying(text: str) -> str:
    """A grammar of the text with marks in it, as in `Rash and{ fever|Finding} appeared`."""
    units = [word if n == 0 else f" {word}" for n, word in enumerate(text.split(" "))]
    rules = ["start: out_0", f"out_{len(units)}:", f"in_{len(units)}: CLOSE", 'CLOSE: "|Drug}" | "|Finding}"']
    for n, unit in enumerate(map(json.dumps, units)):
        rules.append(f'out_{n}: {unit} out_{n + 1} | "{{" {unit} in_{n + 1}')
        rules.append(f"in_{n}: {unit} in_{n + 1} | CLOSE out_{n}")
    return "\n".join(rules)


@dataclass(frozen=True)
class Reply:
    """What the chunks of a reply say together."""

    text: str
    ids: list[int]
    logprobs: list[float]
    offsets: list[int]
    finish: Finish | None

    @classmethod
    def of(cls, stream: Iterator[Chunk]) -> Reply:
        chunks = list(stream)
        ids = [token for chunk in chunks for token in chunk.ids]
        logprobs = [value for chunk in chunks for value in chunk.logprobs]
        offsets = [at for chunk in chunks for at in chunk.offsets]
        return cls("".join(chunk.text for chunk in chunks), ids, logprobs, offsets, chunks[-1].finish)


def assert_same(one: Reply, other: Reply) -> None:
    """The same reply, up to rounding."""
    assert replace(one, logprobs=[]) == replace(other, logprobs=[])
    assert one.logprobs == pytest.approx(other.logprobs, abs=1e-3)


class Watched:
    """An engine, and what each of its forwards read."""

    def __init__(self, engine: LocalEngine) -> None:
        self.engine = engine
        self.forwards: list[list[Piece]] = []
        self.alone = cache(self._alone)
        forward = engine._loop._forward

        def watched(pieces: list[Piece]) -> torch.Tensor:
            self.forwards.append(pieces)
            return forward(pieces)

        engine._loop._forward = watched  # type: ignore[method-assign]

    def reply(self, params: SamplingParams, grammar: str | None = None) -> Reply:
        """What the engine says; `forwards` are then those of this reply."""
        self.forwards.clear()
        return Reply.of(self.engine.stream(ASK, params, grammar))

    def _alone(self, params: SamplingParams, grammar: str | None = None) -> tuple[Reply, int]:
        """What the engine says with nothing predicted, and in how many forwards."""
        return self.reply(params, grammar), len(self.forwards)

    def predicted(self, ids: list[int], params: SamplingParams, grammar: str | None = None) -> Reply:
        """The same with these tokens predicted, whatever they spell."""
        self.forwards.clear()
        engine = self.engine
        constraint = engine._constraints.make(grammar, params) if grammar and engine._constraints else None
        prompt, detokenizer = render(ASK, engine._chat)[0], engine._bytes.detokenizer()
        row = Row(prompt, params, detokenizer, constraint, threading.Event(), engine._end_ids, Prediction(ids))
        return Reply.of(engine._loop.stream(row))


@pytest.fixture(scope="module")
def random_model(model_folder: Path) -> Iterator[Watched]:
    engine = LocalEngine(str(model_folder))
    yield Watched(engine)
    engine.close()


@pytest.fixture(scope="module")
def bundled() -> Iterator[Watched]:
    engine = LocalEngine(str(BUNDLED_MODEL))
    yield Watched(engine)
    engine.close()


PREDICTED: dict[str, Callable[[list[int]], list[int]]] = {
    "the reply": lambda ids: ids,
    "more than the reply": lambda ids: [*ids, *ids[:40]],
    "a part of the reply": lambda ids: ids[: len(ids) // 2],
    "what lacks tokens of the reply": lambda ids: [token for n, token in enumerate(ids) if n % 9 != 4],
    "what holds other tokens, too": lambda ids: [
        token for n, old in enumerate(ids) for token in [old, 7][: 1 + (n % 9 == 4)]
    ],
    "something else": lambda ids: ids[::-1],
    "nothing": lambda ids: [],
}


@pytest.mark.parametrize("params", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize("grammar", [None, copying(TEXT)], ids=["free", "grammar"])
@pytest.mark.parametrize("kind", PREDICTED)
def test_a_reply_is_the_same_whatever_was_predicted(
    random_model: Watched, kind: str, grammar: str | None, params: SamplingParams
) -> None:
    """There are so many tokens that the grammar is not steered to its end."""
    expected, n_alone = random_model.alone(params, grammar)
    assert_same(random_model.predicted(PREDICTED[kind](expected.ids), params, grammar), expected)
    assert len(random_model.forwards) <= n_alone
    if kind == "the reply":
        assert len(random_model.forwards) <= 2 + len(expected.ids) // FEWEST


@pytest.mark.parametrize("n_tokens", [1, 2, 15, 16, 17, 18, 33])
@pytest.mark.parametrize("grammar", [None, copying(" ".join([TEXT] * 6))], ids=["free", "grammar"])
def test_the_limit_falls_among_tokens_tried_together(random_model: Watched, grammar: str | None, n_tokens: int) -> None:
    """The text of the grammar takes more tokens than there are."""
    whole, _ = random_model.alone(replace(GREEDY, max_new_tokens=40), grammar)
    cut = random_model.predicted(whole.ids, replace(GREEDY, max_new_tokens=n_tokens), grammar)
    assert (cut.ids, cut.finish) == (whole.ids[:n_tokens], Finish.LENGTH)
    n_read = sum(len(piece.ids) for pieces in random_model.forwards for piece in pieces)
    assert n_read < len(render(ASK, random_model.engine._chat)[0]) + n_tokens


def test_a_stop_string_ends_a_reply_among_tokens_tried_together(random_model: Watched) -> None:
    whole, _ = random_model.alone(GREEDY, copying(TEXT))
    stopping = replace(GREEDY, stop=("feve",))
    expected, _ = random_model.alone(stopping, copying(TEXT))
    assert expected.finish is Finish.STOP
    assert_same(random_model.predicted(whole.ids, stopping, copying(TEXT)), expected)


def test_rows_side_by_side_try_their_own_tokens(random_model: Watched) -> None:
    settings = [replace(SAMPLED, seed=seed) for seed in range(6)]
    grammars = [None, copying(TEXT)] * 3
    expected = [random_model.alone(params, grammar)[0] for params, grammar in zip(settings, grammars, strict=True)]
    with ThreadPoolExecutor(6) as pool:
        ids = [PREDICTED["what lacks tokens of the reply"](reply.ids) for reply in expected]
        replies = list(pool.map(random_model.predicted, ids, settings, grammars))
    for reply, own in zip(replies, expected, strict=True):
        assert_same(reply, own)


def test_the_bundled_model_says_what_was_predicted_in_fewer_forwards(bundled: Watched) -> None:
    for grammar in (None, copying(TEXT)):
        expected, n_alone = bundled.alone(GREEDY, grammar)
        predicted = replace(GREEDY, prediction=expected.text if grammar is None else TEXT)
        assert_same(bundled.reply(predicted, grammar), expected)
        assert len(bundled.forwards) < n_alone


def test_cancelling_ends_a_reply_that_is_predicted(random_model: Watched) -> None:
    """The flag is set before the step that would say all that was tried."""
    whole, _ = random_model.alone(GREEDY)
    cancel = threading.Event()
    forward = random_model.engine._loop._forward

    def cancelling(pieces: list[Piece]) -> torch.Tensor:
        if pieces[0].n_logits > 2:
            cancel.set()
        return forward(pieces)

    random_model.engine._loop._forward = cancelling  # type: ignore[method-assign]
    try:
        params = replace(GREEDY, prediction=whole.text)
        chunks = list(random_model.engine.stream(ASK, params, cancel=cancel))
    finally:
        random_model.engine._loop._forward = forward  # type: ignore[method-assign]
    assert chunks[-1].finish is Finish.CANCELLED
    assert sum(len(chunk.ids) for chunk in chunks) < len(whole.ids)


def test_a_prompt_is_read_before_anything_is_tried(random_model: Watched) -> None:
    """700 tokens are read in pieces of 256 while another row has much to try."""
    engine = random_model.engine
    random_model.forwards.clear()
    stream = engine.stream(ASK, SamplingParams(max_new_tokens=400, seed=1, temperature=1.0, prediction=TEXT * 20))
    next(stream)
    list(engine.stream(Conversation.of("glucose " * 700), GREEDY))
    stream.close()
    assert max(len(piece.ids) for pieces in random_model.forwards for piece in pieces) >= 250


def test_nothing_is_tried_on_a_model_whose_memory_cannot_be_cut_back(
    random_model: Watched, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = random_model.alone(GREEDY)
    monkeypatch.setattr(PackedModel, "fits", lambda model: False)
    separate = Watched(LocalEngine(str(model_folder)))
    assert_same(separate.predicted(expected.ids, GREEDY), expected)
    assert {piece.n_logits for pieces in separate.forwards for piece in pieces} == {1}
    separate.engine.close()


def test_a_grammar_is_not_hurried_to_its_end_where_the_reply_is_predicted(random_model: Watched) -> None:
    """The bias keeps the model from ending the list by itself."""
    grammar = 'start: "x" (";" /[a-f]/){0,80} "\\n"'
    short = SamplingParams(max_new_tokens=30, temperature=2.0, seed=1, end_bias=50.0)
    assert random_model.reply(short, grammar).text.endswith("\n")
    assert "\n" not in random_model.reply(replace(short, prediction="x"), grammar).text


def test_a_text_that_repeats_itself_is_copied_whole(random_model: Watched) -> None:
    text = "咳嗽，" * 30
    grammar, params = f"start: {json.dumps(text)}", SamplingParams(max_new_tokens=400)
    assert random_model.reply(params, grammar).finish is Finish.REPETITION
    copied = random_model.reply(replace(params, prediction=text), grammar)
    assert (copied.text, copied.finish) == (text, Finish.END)


def test_the_place_moves_on_with_what_was_predicted_and_waits_while_something_else_is_said() -> None:
    prediction = Prediction(range(100, 200))
    for token in (100, 101, 5, 6, 102):
        prediction.add(token)
    assert prediction.ahead(4) == [103, 104, 105, 106]


def test_what_came_in_between_last_time_is_tried_before_the_text_goes_on() -> None:
    prediction = Prediction(range(100, 200))
    for token in (100, 5, 6, 7, 101):
        prediction.add(token)
    assert prediction.ahead(3) == [102, 103, 104], "nothing has come in between yet"
    prediction.add(5)
    assert prediction.ahead(4) == [6, 7, 102, 103]
    assert prediction.ahead(1) == [6]
    prediction.add(8)
    assert prediction.ahead(2) == [102, 103], "8 was never said before"
    for token in (102, 5):
        prediction.add(token)
    assert prediction.ahead(3) == [8, 103, 104], "the last time counts"


def test_the_place_is_found_again_after_two_tokens_that_stand_together_nearby() -> None:
    prediction = Prediction(range(100, 200))
    for token in (100, 7, 8, 104, 105):  # 101 to 103 were spelled in another way
        prediction.add(token)
    assert prediction.ahead(1) == [106]
    prediction.add(101)  # a name that stands in the text, too
    prediction.add(102)
    assert prediction.ahead(1) == [103]
    for token in (106, 107):
        prediction.add(token)
    assert prediction.ahead(1) == [108]
    for token in (108 + REALIGN_TOKENS, 109 + REALIGN_TOKENS):
        prediction.add(token)
    assert prediction.ahead(1) == [108], "too far away to be the place"


def test_more_is_tried_after_success_and_least_after_a_failure() -> None:
    prediction = Prediction(range(300))
    widths = []
    for success in (True, True, True, False, True):
        n_tried = len(prediction.ahead(1000))
        widths.append(n_tried)
        prediction.judge(n_tried, n_tried if success else 3)
    assert widths == [FEWEST, 2 * FEWEST, MOST, MOST, FEWEST]
    assert prediction.ahead(5) == [0, 1, 2, 3, 4]
    assert prediction.ahead(-1) == []
