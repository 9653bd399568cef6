"""Served models: a real server, one that is down, and small ones that are silent, break off or refuse."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import llguidance
import pytest

from taiyi.conversation import Conversation, Message
from taiyi.engine import load_engine
from taiyi.engine.base import Finish, SamplingParams
from taiyi.engine.remote import RemoteEngine, VllmEngine
from taiyi.errors import ModelError, ServerError
from taiyi.tasks import TASKS
from taiyi.tasks.request import make_request

ASK = Conversation.of("患者咳嗽三天。")
PIECES = ["咳嗽", "三天，", "建议", "复查。"]
Script = Callable[["Handler"], None]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Handler(BaseHTTPRequestHandler):
    """Speaks as much of the protocol as the test's `script` does."""

    script: Script
    asked: list[dict[str, Any]]
    released: threading.Event

    def do_GET(self) -> None:
        body = json.dumps({"object": "list", "data": [{"id": "m", "object": "model", "max_model_len": 300}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        type(self).script(self)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def say(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        row = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(row)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[Script], str]]:
    """Start a server that answers as a function does; returns its address."""
    servers = []

    def start(script: Script) -> str:
        kind = type("Scripted", (Handler,), {"script": script, "asked": [], "released": threading.Event()})
        server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        servers.append((server, kind))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/v1#m"

    start.kinds = servers  # type: ignore[attr-defined]
    yield start
    for server, kind in servers:
        kind.released.set()
        server.shutdown()
        server.server_close()


def whole(handler: Handler) -> None:
    handler.begin()
    for piece in PIECES:
        handler.say(piece)
    handler.say("", "stop")
    handler.wfile.write(b"data: [DONE]\n\n")


def silent(handler: Handler) -> None:
    handler.begin()
    handler.say(PIECES[0])
    handler.released.wait(30)


def broken(handler: Handler) -> None:
    handler.begin()
    handler.say(PIECES[0])
    handler.wfile.write(b'data: {"id":')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def refusing(handler: Handler) -> None:
    body = json.dumps({"error": {"message": "no such model", "type": "invalid_request_error"}}).encode()
    handler.send_response(404)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    handler.wfile.write(body)


def test_a_served_reply_streams_in_pieces(serve: Callable[[Script], str]) -> None:
    engine = load_engine("openai:" + serve(whole))
    chunks = list(
        engine.stream(ASK, SamplingParams(max_new_tokens=9, temperature=0.3, top_p=0.9, seed=4, stop=("。。",)))
    )
    assert [chunk.text for chunk in chunks[:-1]] == PIECES
    assert chunks[-1].finish is Finish.END
    (asked,) = serve.kinds[0][1].asked  # type: ignore[attr-defined]
    assert asked["messages"] == ASK.to_dicts()
    assert (asked["max_tokens"], asked["temperature"], asked["top_p"], asked["seed"]) == (9, 0.3, 0.9, 4)
    assert asked["stop"] == ["。。"]


def test_a_server_that_is_down_is_said_in_one_sentence() -> None:
    engine = RemoteEngine(f"http://127.0.0.1:{free_port()}/v1#m")
    assert engine.info.name == "m"
    with pytest.raises(ServerError, match="can't be reached") as caught:
        list(engine.stream(ASK, SamplingParams()))
    assert caught.value.code == "server_down"


@pytest.mark.parametrize(("script", "code"), [(silent, "server_slow"), (broken, "server_broke_off")])
def test_a_server_that_fails_in_the_middle_leaves_what_came_before(
    serve: Callable[[Script], str], script: Script, code: str
) -> None:
    received = []
    with pytest.raises(ServerError) as caught:
        received.extend(RemoteEngine(serve(script), read_timeout_s=0.5).stream(ASK, SamplingParams()))
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


def test_pieces_before_a_failure_reach_the_reader(serve: Callable[[Script], str]) -> None:
    stream = RemoteEngine(serve(broken)).stream(ASK, SamplingParams())
    assert next(stream).text == PIECES[0]
    with pytest.raises(ServerError):
        next(stream)


def test_a_refusal_carries_the_servers_own_words(serve: Callable[[Script], str]) -> None:
    with pytest.raises(ServerError, match=r"404.*no such model") as caught:
        list(RemoteEngine(serve(refusing)).stream(ASK, SamplingParams()))
    assert caught.value.code == "server_refused"


def test_cancelling_does_not_wait_for_a_silent_server(serve: Callable[[Script], str]) -> None:
    cancel = threading.Event()
    stream = RemoteEngine(serve(silent)).stream(ASK, SamplingParams(), cancel=cancel)
    next(stream)
    cancel.set()
    assert [chunk.finish for chunk in stream] == [Finish.CANCELLED]


def test_the_servers_context_bounds_the_conversation(serve: Callable[[Script], str]) -> None:
    """The scripted server says 300 tokens; ten turns of a hundred Han characters each are a thousand."""
    engine = RemoteEngine(serve(whole))
    history = tuple(
        m for n in range(5) for m in (Message("user", f"{n}" + "咳" * 100), Message("assistant", "嗽" * 100))
    )
    chunks = list(engine.stream(Conversation.of("现在呢？", history=history), SamplingParams(max_new_tokens=50)))
    assert chunks[0].issues[0].kind == "history_trimmed"
    (asked,) = serve.kinds[0][1].asked  # type: ignore[attr-defined]
    assert asked["messages"][-1]["content"] == "现在呢？"
    assert len(asked["messages"]) == 3


def test_only_a_server_that_takes_grammars_gets_one(serve: Callable[[Script], str]) -> None:
    request = make_request("entities", "口服阿司匹林后头痛减轻。", labels=("药物", "临床表现"))
    grammar = TASKS["entities"].grammar(request)
    params = SamplingParams(top_k=20, repetition_penalty=1.05)
    for engine in (RemoteEngine(serve(whole)), VllmEngine(serve(whole))):
        list(engine.stream(ASK, params, grammar))
    plain, guided = (kind.asked[0] for _, kind in serve.kinds)  # type: ignore[attr-defined]
    assert "structured_outputs" not in plain and "top_k" not in plain
    assert (guided["structured_outputs"], guided["top_k"]) == ({"grammar": grammar}, 20)
    assert guided["repetition_penalty"] == 1.05


def test_our_grammars_are_read_as_a_server_reads_them() -> None:
    """vLLM hands the text to llguidance without naming its kind."""
    request = make_request("entities", "Aspirin relieved the headache.", labels=("Chemical", "Disease"))
    grammar = TASKS["entities"].grammar(request)
    assert grammar is not None
    spec = llguidance.grammar_from("grammar", grammar)
    assert not llguidance.LLMatcher.validate_grammar(spec)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/v1", "127.0.0.1:1/v1#m", "ftp://x/v1#m", "#m"])
def test_an_address_that_is_none_is_refused_with_the_right_form(address: str) -> None:
    with pytest.raises(ModelError, match="http://HOST:PORT/v1#NAME"):
        load_engine("openai:" + address)


@pytest.fixture(scope="module")
def real_server(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`transformers serve` with a small random model, on a port of its own."""
    port = free_port()
    command = [Path(sys.executable).with_name("transformers"), "serve", model_folder, "--device", "cpu"]
    environ = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(tmp_path_factory.mktemp("cache"))}
    log = (tmp_path_factory.mktemp("log") / "serve.log").open("w", encoding="utf-8")
    process = subprocess.Popen(
        [*map(str, command), "--dtype", "float32", "--host", "127.0.0.1", "--port", str(port)],
        env=environ,
        stdout=log,
        stderr=log,
    )
    try:
        for _ in range(600):
            try:
                urlopen(f"http://127.0.0.1:{port}/health", timeout=1).read()
                break
            except (URLError, OSError):
                assert process.poll() is None, Path(log.name).read_text(encoding="utf-8")[-2000:]
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1#{model_folder}"
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def test_a_real_server_answers_in_pieces_and_the_same_seed_says_the_same(real_server: str) -> None:
    engine = load_engine("openai:" + real_server)
    params = SamplingParams(max_new_tokens=12, temperature=0.8, seed=5)
    first, second = ([chunk.text for chunk in engine.stream(ASK, params)] for _ in range(2))
    assert len(first) > 2
    assert "".join(first) == "".join(second)


def test_cancelling_a_real_server_leaves_it_ready_for_the_next(real_server: str) -> None:
    engine = RemoteEngine(real_server)
    cancel = threading.Event()
    finishes = []
    for chunk in engine.stream(ASK, SamplingParams(max_new_tokens=400, temperature=1.0, seed=1), cancel=cancel):
        finishes.append(chunk.finish)
        cancel.set()
    assert finishes[-1] is Finish.CANCELLED
    assert list(engine.stream(ASK, SamplingParams(max_new_tokens=4)))[-1].finish in (Finish.LENGTH, Finish.END)


def test_a_name_that_a_real_server_does_not_hold_is_refused_in_words(real_server: str) -> None:
    url, _, _ = real_server.partition("#")
    with pytest.raises(ServerError, match="refused"):
        list(RemoteEngine(url + "#another").stream(ASK, SamplingParams(max_new_tokens=4)))
