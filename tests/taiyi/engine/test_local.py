"""The local engine on random models of real classes: streams are whole, apart from each other, and end at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taiyi.conversation import Conversation, Message, render
from taiyi.engine import load_engine
from taiyi.engine.base import Chunk, Engine, Finish, SamplingParams
from taiyi.engine.history import fitted
from taiyi.engine.loading import load_model, load_tokenizer
from taiyi.engine.local import LocalEngine
from taiyi.engine.packed import Piece
from taiyi.errors import EngineError, GrammarError, ModelError, QueueFullError
from tests.taiyi.engine.conftest import FAMILIES, make_model

ASKED = [
    Conversation.of("The patient was given metformin."),
    Conversation.of("患者咳嗽，给予左氧氟沙星。"),
    Conversation.of("No relation was found between the two, and the fever fell after a week of rest."),
    Conversation.of("血常规？", history=(Message("user", "咳嗽"), Message("assistant", "多久了")), system="Be brief."),
]
GREEDY = SamplingParams(max_new_tokens=24)


def said(
    engine: Engine, conversation: Conversation, params: SamplingParams = GREEDY, grammar: str | None = None
) -> str:
    return "".join(chunk.text for chunk in engine.stream(conversation, params, grammar))


def last(chunks: Iterator[Chunk]) -> Chunk:
    *_, final = chunks
    return final


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_loads_from_a_folder_and_answers_under_a_grammar(family: str, tmp_path: Path) -> None:
    engine = load_engine(str(make_model(family, tmp_path)))
    try:
        assert engine.info.constrained
        assert said(engine, ASKED[1], grammar='start: "疾病：" ("肺炎" | "肺" | "无")').removeprefix("疾病：") in (
            "肺炎",
            "肺",
            "无",
        )
        final = last(engine.stream(ASKED[0], SamplingParams(max_new_tokens=5)))
        assert final.finish in (Finish.LENGTH, Finish.END)
    finally:
        engine.close()


def test_streams_that_share_steps_say_what_each_would_alone(engine: LocalEngine) -> None:
    alone = [said(engine, conversation) for conversation in ASKED]
    with ThreadPoolExecutor(len(ASKED) * 2) as pool:
        together = list(pool.map(lambda conversation: said(engine, conversation), ASKED * 2))
    assert together == alone * 2


def test_sampled_streams_keep_their_own_random_numbers(engine: LocalEngine) -> None:
    params = [SamplingParams(max_new_tokens=16, temperature=1.0, seed=seed) for seed in range(6)]
    alone = [said(engine, ASKED[0], p) for p in params]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda p: said(engine, ASKED[0], p), params))
    assert together == alone
    assert len(set(alone)) > 1


def test_grammars_of_streams_side_by_side_do_not_mix(engine: LocalEngine) -> None:
    grammars = [f'start: "<{n}>" /[a-c]{{3}}/ "</{n}>"' for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda g: said(engine, ASKED[0], GREEDY, g), grammars))
    assert [(reply[:3], len(reply)) for reply in replies] == [(f"<{n}>", 10) for n in range(6)]


def test_the_chunks_are_the_decoded_tokens_and_each_token_knows_its_place(
    engine: LocalEngine, model_folder: Path
) -> None:
    chunks = list(engine.stream(ASKED[1], SamplingParams(max_new_tokens=40, temperature=1.2, seed=5)))
    ids = [i for chunk in chunks for i in chunk.ids]
    offsets = [at for chunk in chunks for at in chunk.offsets]
    text = "".join(chunk.text for chunk in chunks)
    decoded = load_tokenizer(str(model_folder)).decode(ids, skip_special_tokens=True)
    assert text == decoded or (chunks[-1].finish is Finish.LENGTH and text + "\ufffd" == decoded)
    assert len(ids) == len(offsets) == sum(len(chunk.logprobs) for chunk in chunks)
    assert offsets == sorted(offsets)
    assert all(0 <= at <= len(text) for at in offsets)


def test_cancelling_ends_the_reply_within_one_token(engine: LocalEngine) -> None:
    cancel = threading.Event()
    chunks = []
    for chunk in engine.stream(ASKED[0], SamplingParams(max_new_tokens=500, temperature=1.0, seed=1), cancel=cancel):
        chunks.append(chunk)
        cancel.set()
    assert chunks[-1].finish is Finish.CANCELLED
    assert sum(len(chunk.ids) for chunk in chunks) <= 4, "tokens were made after the flag was set"


def test_a_consumer_that_goes_away_frees_its_place(model_folder: Path) -> None:
    engine = LocalEngine(str(model_folder))
    try:
        for _ in range(12):
            stream = engine.stream(ASKED[0], SamplingParams(max_new_tokens=900, temperature=1.0, seed=1))
            next(stream)
            stream.close()
        assert said(engine, ASKED[0]) == said(engine, ASKED[0])
        assert engine.waiting() == 0
    finally:
        engine.close()


def test_a_full_queue_says_how_many_wait(model_folder: Path) -> None:
    engine = LocalEngine(str(model_folder))
    engine._loop._max_waiting = 0
    try:
        with pytest.raises(QueueFullError, match="0 requests"):
            next(engine.stream(ASKED[0], GREEDY))
    finally:
        engine.close()


def test_the_length_limit_is_said_and_exact(engine: LocalEngine) -> None:
    chunks = list(engine.stream(ASKED[0], SamplingParams(max_new_tokens=7, temperature=1.0, seed=2)))
    assert sum(len(chunk.ids) for chunk in chunks) <= 7
    assert chunks[-1].finish in (Finish.LENGTH, Finish.END)


def test_a_stop_string_and_the_limit_on_one_token_end_the_reply_once(engine: LocalEngine) -> None:
    grammar = 'start: "abc" /[a-z]{50}/'
    chunks = list(engine.stream(ASKED[0], SamplingParams(max_new_tokens=3, stop=("abc",)), grammar))
    assert [chunk.finish for chunk in chunks if chunk.finish] == [Finish.STOP]
    assert "".join(chunk.text for chunk in chunks) == ""


def test_a_reply_that_goes_round_is_ended_with_a_notice(model_folder: Path) -> None:
    """The model is made to want one and the same token for ever."""
    engine = LocalEngine(str(model_folder))
    engine._loop._model.model.lm_head.weight.data.zero_()
    final = last(engine.stream(ASKED[0], SamplingParams(max_new_tokens=600)))
    engine.close()
    assert final.finish is Finish.REPETITION
    assert [issue.kind for issue in final.issues] == ["repetition"]


def test_old_turns_are_dropped_whole_with_a_notice_and_the_system_prompt_stays(engine: LocalEngine) -> None:
    history = tuple(
        message
        for n in range(60)
        for message in (
            Message("user", f"问题{n}：咳嗽伴低热半月怎么办？"),
            Message("assistant", f"回答{n}：请复查血常规。"),
        )
    )
    conversation = Conversation.of("现在呢？", system="只答一句。", history=history)
    kept, issues = fitted(conversation, engine.count_tokens, engine.info.context_tokens, GREEDY.max_new_tokens)
    assert issues[0].kind == "history_trimmed"
    assert kept.messages[0] == conversation.messages[0]
    assert kept.messages[1:] == conversation.messages[-len(kept.messages) + 1 :]
    assert kept.messages[1].role == "user"
    assert engine.count_tokens(kept) <= engine.info.context_tokens - GREEDY.max_new_tokens
    assert next(iter(engine.stream(conversation, GREEDY))).issues == issues


def test_a_text_longer_than_the_context_is_refused_with_both_numbers(engine: LocalEngine) -> None:
    with pytest.raises(EngineError, match="1024"):
        next(engine.stream(Conversation.of("glucose " * 3000), GREEDY))


def test_a_broken_grammar_is_an_error_before_the_first_token_and_harms_nobody(engine: LocalEngine) -> None:
    with pytest.raises(GrammarError):
        next(engine.stream(ASKED[0], GREEDY, "start: NOWHERE"))
    assert said(engine, ASKED[0])


def test_an_error_in_the_model_reaches_the_consumer_and_the_engine_lives_on(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = LocalEngine(str(model_folder))
    before = said(engine, ASKED[0])
    forward, calls = engine._loop._model.forward, 0

    def failing(rows: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise RuntimeError("out of memory")
        return forward(rows)

    monkeypatch.setattr(engine._loop._model, "forward", failing)
    received = []
    with pytest.raises(EngineError, match="out of memory"):
        received.extend(engine.stream(ASKED[0], GREEDY))
    assert said(engine, ASKED[0]) == before
    engine.close()


def test_an_engine_around_a_model_in_memory_answers_like_a_loaded_one_and_leaves_the_model_as_it_was(
    engine: LocalEngine, model_folder: Path
) -> None:
    model = load_model(str(model_folder), adapter=None, quantize=None, device="cpu")
    attention = model.config._attn_implementation
    around = LocalEngine.around(model, load_tokenizer(str(model_folder)))
    reply = said(around, ASKED[0])
    around.close()
    assert reply == said(engine, ASKED[0])
    assert model.config._attn_implementation == attention


def test_streams_under_way_end_with_an_error_when_the_engine_is_closed(model_folder: Path) -> None:
    engine = LocalEngine(str(model_folder))
    stream = engine.stream(ASKED[0], SamplingParams(max_new_tokens=900, temperature=1.0, seed=3))
    next(stream)
    engine.close()
    with pytest.raises(EngineError):
        list(stream)


def test_an_adapter_and_a_four_bit_load_answer_on_the_cpu(model_folder: Path, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(model_folder)
    adapted = get_peft_model(
        base, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    )
    adapted.save_pretrained(tmp_path / "adapter")
    plain = LocalEngine(str(model_folder))
    tuned = LocalEngine(str(model_folder), adapter=str(tmp_path / "adapter"), quantize="nf4")
    try:
        assert "nf4" in tuned.info.detail
        assert "adapter" in tuned.info.detail
        replies = [said(tuned, c, grammar="start: /[a-z]{12}/") for c in ASKED[:3]]
        assert all(len(reply) == 12 for reply in replies)
        assert said(tuned, ASKED[0]) != said(plain, ASKED[0])
    finally:
        plain.close()
        tuned.close()


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda folder: str(folder / "nothing"), "no model at"),
        (lambda folder: str(folder), "config.json"),
        (lambda folder: "nobody/no-such-model", "neither a folder"),
    ],
)
def test_a_model_that_is_not_there_is_said_in_one_sentence(
    make: Callable[[Path], str], word: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=word) as caught:
        load_engine(make(tmp_path))
    assert "\n" not in str(caught.value)


def test_an_adapter_that_is_none_is_said_in_one_sentence(model_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="adapter_config"):
        load_engine(str(model_folder), adapter=str(tmp_path))


def test_a_reply_cut_within_a_character_shows_no_half_of_it(engine: LocalEngine) -> None:
    """𠮷 takes four bytes and this vocabulary has none of them joined: at three tokens it is incomplete."""
    grammar = 'start: "𠮷𠮷𠮷𠮷"'
    for n_tokens, expected in ((3, ""), (4, "𠮷"), (6, "𠮷"), (8, "𠮷𠮷")):
        chunks = list(engine.stream(ASKED[0], SamplingParams(max_new_tokens=n_tokens), grammar))
        assert "".join(chunk.text for chunk in chunks) == expected
        assert chunks[-1].finish is Finish.LENGTH


def test_a_request_cancelled_while_it_waits_ends_without_a_token(model_folder: Path) -> None:
    engine = LocalEngine(str(model_folder))
    engine._loop._max_rows = 1
    try:
        busy = engine.stream(ASKED[0], SamplingParams(max_new_tokens=900, temperature=1.0, seed=1))
        next(busy)
        cancel = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(list, engine.stream(ASKED[1], GREEDY, cancel=cancel))
            cancel.set()
            (only,) = waiting.result(timeout=30)
        assert (only.finish, only.ids) == (Finish.CANCELLED, ())
        busy.close()
    finally:
        engine.close()


def test_a_long_prompt_does_not_hold_up_the_streams_under_way(engine: LocalEngine) -> None:
    """While 700 tokens are read in pieces of 256, the other stream says a token with each piece."""
    order: list[str] = []
    forward = engine._loop._forward

    def watched(rows: list[Piece]) -> object:
        order.append("".join("p" if len(row.ids) > 1 else "t" for row in rows))
        return forward(rows)

    engine._loop._forward = watched  # type: ignore[method-assign,assignment]
    try:
        stream = engine.stream(ASKED[0], SamplingParams(max_new_tokens=200, temperature=1.0, seed=9))
        next(stream)
        list(engine.stream(Conversation.of("glucose " * 700), GREEDY))
        stream.close()
    finally:
        engine._loop._forward = forward  # type: ignore[method-assign]
    assert sum(step in ("tp", "pt") for step in order) >= 2, order


def test_the_model_reads_what_a_grammar_forces_at_the_beginning_once(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    forward = engine._loop._forward

    def watched(rows: list[Piece]) -> object:
        read.extend(rows[0].ids)
        return forward(rows)

    monkeypatch.setattr(engine._loop, "_forward", watched)
    chunks = list(engine.stream(ASKED[0], GREEDY, 'start: "Answer: " /[a-c]{3}/ " and " /[a-c]{3}/'))
    ids = [i for chunk in chunks for i in chunk.ids]
    prompt = render(ASKED[0], engine._chat)[0]
    assert read == [*prompt, *ids][: len(read)]
    assert len(read) > len(prompt) + 4


def test_a_stream_that_ends_leaves_the_others_of_its_cancel_flag_alone(engine: LocalEngine) -> None:
    """The windows of a long text share one flag."""
    flag = threading.Event()
    short, long = SamplingParams(max_new_tokens=1), SamplingParams(max_new_tokens=60)
    with ThreadPoolExecutor(4) as pool:
        ends = [pool.submit(last, engine.stream(ASKED[0], params, None, flag)) for params in (long, short, long, short)]
    assert Finish.CANCELLED not in {end.result().finish for end in ends}
    assert not flag.is_set()


def test_rows_beyond_the_number_chosen_wait_and_all_say_what_each_would_alone(
    model_folder: Path, engine: LocalEngine
) -> None:
    alone = [said(engine, conversation) for conversation in ASKED]
    for max_rows in (1, 12):
        other = load_engine(str(model_folder), max_rows=max_rows)
        with ThreadPoolExecutor(12) as pool:
            replies = [pool.submit(said, other, conversation) for conversation in ASKED * 3]
        assert [reply.result() for reply in replies] == alone * 3
        other.close()
