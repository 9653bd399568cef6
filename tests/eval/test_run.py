"""Runs: what they leave in their folder, how they are taken up again, and what stops them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.answering import answerer
from eval.plan import plans
from eval.run import Run, RunSettings
from taiyi.assistant import Assistant
from taiyi.card import Card
from taiyi.conversation import Conversation
from taiyi.document import Document, Entity, Span
from taiyi.engine.base import Finish
from taiyi.engine.scripted import ScriptedEngine
from taiyi.errors import EngineError, InputError
from taiyi.predictors.base import Result
from taiyi.tasks.base import Request
from taiyi.tasks.request import make_request

ROOT = Path(__file__).parents[2]
RIGHT = {"感冒咳嗽吃什么药": "治疗方案", "胃镜多少钱": "医疗费用", "吃盐多血压高吗": "后果表述", "嗓子疼": "病情诊断"}


def say_one_class(conversation: Conversation) -> str:
    """The right class of every query but 胃镜多少钱."""
    asked = conversation.messages[-1].content
    return "上述文本被分类为：" + next((RIGHT[q] for q in RIGHT if q in asked and q != "胃镜多少钱"), "其他")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """KUAKE-QIC's official development file with four queries of our own."""
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [{"id": f"s{n}", "query": query, "label": label} for n, (query, label) in enumerate(RIGHT.items())]
    (folder / "KUAKE-QIC_dev.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return folder


def quiet(sentence: str) -> None:
    """What a run notes is not looked at here."""


def scripted(
    reply: Callable[[Conversation], str] | Sequence[str] = say_one_class, **options: Any
) -> Callable[[], Assistant]:
    return lambda: Assistant(ScriptedEngine(reply, **options), specialists_first=False)


def run(
    data: Path, out: Path, load: Callable[[], Assistant] | None = None, sets: Sequence[str] = (), **settings: Any
) -> list[dict[str, Any]]:
    made = RunSettings(**settings)
    found, missing = plans(sets, made, data, quiet)
    began = Run(out, made, load or scripted(), batch=2, note=quiet)
    try:
        return began.run(found, missing)
    finally:
        began.close()


def records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "kuake-qic.jsonl").read_text(encoding="utf-8").splitlines()]


def must_not_load() -> Assistant:
    raise AssertionError("the model was loaded though nothing was left to answer")


def test_a_run_leaves_a_record_an_example_a_row_a_set_and_how_it_was_made(data: Path, tmp_path: Path) -> None:
    """Three of four queries are right."""
    out = tmp_path / "out"
    (row,) = run(data, out)
    assert (row["set"], row["predictor"], row["by"], row["n"], row["f1"]) == ("kuake-qic", "llm", "scripted", 4, 0.75)
    assert json.loads((out / "scores.json").read_text(encoding="utf-8")) == [row]
    record = next(record for record in records(out) if record["id"] == "s1")
    assert set(record) == {"id", "prompt", "reply", "document", "gold", "score", "issues", "by", "finish"}
    assert "胃镜多少钱" in record["prompt"]
    assert record["reply"] == "上述文本被分类为：其他"
    assert record["document"]["labels"] == [{"type": "其他"}]
    assert record["gold"]["labels"] == [{"type": "医疗费用"}]
    header = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (header["split"], header["seed"], header["name"], header["revision"]) == ("test", 0, "scripted", "served")
    assert header["sets"]["kuake-qic"]["files"] == ["KUAKE-QIC_dev.json"]
    assert header["versions"]["torch"]
    assert "chemdner" in header["missing"]


def test_a_finished_run_is_only_printed(data: Path, tmp_path: Path) -> None:
    first = run(data, tmp_path / "out")
    before = (tmp_path / "out" / "kuake-qic.jsonl").read_bytes()
    assert run(data, tmp_path / "out", must_not_load) == first
    assert (tmp_path / "out" / "kuake-qic.jsonl").read_bytes() == before


def test_a_run_that_was_cut_off_answers_the_rest_alone_and_scores_the_same(data: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    rows = run(data, whole)
    run(data, cut)
    lines = (cut / "kuake-qic.jsonl").read_bytes().splitlines(keepends=True)
    (cut / "kuake-qic.jsonl").write_bytes(b"".join(lines[:2]) + lines[2][:30])
    (cut / "scores.json").unlink()
    engine = ScriptedEngine(say_one_class)
    assert run(data, cut, lambda: Assistant(engine, specialists_first=False)) == rows
    assert len(engine.asked) == 2
    assert sorted(record["id"] for record in records(cut)) == ["s0", "s1", "s2", "s3"]


SLOW_RUN = """
import sys
from pathlib import Path
from eval.plan import plans
from eval.run import Run, RunSettings
from taiyi.assistant import Assistant
from taiyi.engine.scripted import ScriptedEngine

data, out, delay = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])


def reply(asked):
    return "上述文本被分类为：" + ("治疗方案" if "1" in str(asked) else "其他")


engine = ScriptedEngine(reply, delay_s=delay)
found, missing = plans([], RunSettings(), data, print)
Run(out, RunSettings(), lambda: Assistant(engine, specialists_first=False), batch=3, note=print).run(found, missing)
"""


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_scores(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = [{"id": str(n), "query": f"第{n}种药怎么吃", "label": "治疗方案"} for n in range(60)]
    (data / "KUAKE-QIC_dev.json").write_text(json.dumps(rows), encoding="utf-8")

    def start(out: Path, delay: float) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", SLOW_RUN, str(data), str(out), str(delay)]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, **silent)

    def n_lines() -> int:
        return path.read_bytes().count(b"\n") if path.is_file() else 0

    path = tmp_path / "killed" / "kuake-qic.jsonl"
    for n_wanted in (3, 20):
        process = start(tmp_path / "killed", 0.02)
        deadline = time.monotonic() + 60
        while n_lines() < n_wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert n_wanted <= n_lines() < 60
    for out in ("killed", "whole"):
        assert start(tmp_path / out, 0.0).wait(timeout=60) == 0
    killed, whole = ((tmp_path / out / "scores.json").read_bytes() for out in ("killed", "whole"))
    assert killed == whole
    assert n_lines() == 60


@pytest.mark.parametrize(("name", "value"), [("seed", 1), ("split", "dev"), ("predictor", "llm"), ("limit", 2)])
def test_a_run_is_not_taken_up_with_other_settings(data: Path, tmp_path: Path, name: str, value: object) -> None:
    run(data, tmp_path / "out")
    with pytest.raises(InputError, match=f"holds a run with {name} "):
        Run(tmp_path / "out", RunSettings(**{name: value}), must_not_load, batch=2, note=quiet)


def test_a_run_is_not_taken_up_with_other_data(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "out")
    (data / "KUAKE-QIC_dev.json").write_text('[{"id": "n1", "query": "头疼", "label": "其他"}]', encoding="utf-8")
    with pytest.raises(InputError, match=r"has a record of s0, which is not among the 1 examples"):
        run(data, tmp_path / "out")


def test_a_model_that_fails_stops_the_run_and_what_was_answered_is_kept(data: Path, tmp_path: Path) -> None:
    def fail_at_the_short_one(conversation: Conversation) -> str:
        if "嗓子疼" in conversation.messages[-1].content:  # the shortest, so the last
            raise EngineError("The server is down.", code="server_down")
        return say_one_class(conversation)

    with pytest.raises(EngineError, match=r"The server is down\. What was answered is kept in .*out; run the same"):
        run(data, tmp_path / "out", scripted(fail_at_the_short_one))
    kept = {record["id"] for record in records(tmp_path / "out")}
    assert kept and "s3" not in kept
    (row,) = run(data, tmp_path / "out")
    assert (row["n"], row["f1"]) == (4, 0.75)


def test_a_text_that_can_not_be_answered_is_counted_and_the_others_are(data: Path, tmp_path: Path) -> None:
    def refuse_one(conversation: Conversation) -> str:
        if "嗓子疼" in conversation.messages[-1].content:
            raise EngineError("The request takes too many tokens.", code="prompt_too_long")
        return say_one_class(conversation)

    (row,) = run(data, tmp_path / "out", scripted(refuse_one))
    assert (row["missing"], row["f1"], row["issues"]) == (1, 0.5, {"failed": 1})


def test_a_text_longer_than_the_model_reads_is_cut_and_counted(tmp_path: Path) -> None:
    """A class is one of the whole text: what does not fit is left out at a sentence end."""
    data = tmp_path / "data"
    data.mkdir()
    rows = [{"id": "1", "query": "咳嗽三天了。" * 60, "label": "其他"}, {"id": "2", "query": "头疼", "label": "其他"}]
    (data / "KUAKE-QIC_dev.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")

    def load() -> Assistant:
        return Assistant(
            ScriptedEngine(say_one_class), card=Card(window_chars={"classify": {"zh": 100}}), specialists_first=False
        )

    (row,) = run(data, tmp_path / "out", load)
    assert (row["n"], row["issues"]) == (2, {"cut_input": 1})
    (issue,) = next(r for r in records(tmp_path / "out") if r["id"] == "1")["issues"]
    assert issue == {"kind": "cut_input", "detail": "96 / 360"}  # 16 sentences of 6 characters


class KnowsChemicals:
    """A specialist that finds every `aspirin`."""

    name = "chemicals"

    def supports(self, request: Request) -> bool:
        return request.task == "entities" and request.labels == ("Chemical",)

    def stream(self, request: Request, cancel: object = None) -> Any:
        start = request.text.find("aspirin")
        found = (Entity("T1", "Chemical", (Span(start, start + 7),)),) if start >= 0 else ()
        yield Result(Document(request.document_id, "en", request.text, found), by=self.name)


def test_who_answers_is_who_the_app_would_ask_and_a_model_that_it_would_not_offer_is_marked() -> None:
    card = Card(unable=("choose",))
    assistant = Assistant(ScriptedEngine(["x"]), [KnowsChemicals()], card)
    chemical = make_request("entities", "Take aspirin.", labels=("Chemical",))
    both = make_request("entities", "Take aspirin.", labels=("Chemical", "Disease"))
    question = make_request("choose", "Which?", options=("one", "two"))
    kinds = [answerer(assistant, request, "auto") for request in (chemical, both, question)]
    assert [(who.kind, who.offered) for who in kinds] == [
        ("specialist", True),
        ("specialist+llm", True),
        ("llm", False),
    ]
    assert answerer(assistant, chemical, "llm").kind == "llm"
    assert answerer(assistant, chemical, "both").kind == "both"
    with pytest.raises(InputError, match="No specialist knows"):
        answerer(assistant, question, "specialist")


def test_a_set_that_no_specialist_knows_is_named_and_not_scored(data: Path, tmp_path: Path) -> None:
    def load() -> Assistant:
        return Assistant(ScriptedEngine(["x"]), [KnowsChemicals()])

    settings = RunSettings(predictor="specialist")
    noted: list[str] = []
    assert (
        Run(tmp_path / "out", settings, load, batch=2, note=noted.append).run(plans([], settings, data, quiet)[0], {})
        == []
    )
    assert noted == ["kuake-qic is not answered: no specialist knows its task and labels."]
    assert not (tmp_path / "out" / "scores.json").exists()


def test_a_score_of_weights_that_have_seen_the_part_is_marked(data: Path, tmp_path: Path) -> None:
    """What `test` scores of KUAKE-QIC is its official development file."""

    class HasSeen(KnowsChemicals):
        card = Card(seen={"kuake_qic": ["dev"]})

        def supports(self, request: Request) -> bool:
            return True

        def stream(self, request: Request, cancel: object = None) -> Any:
            yield Result(Document("1", "zh", request.text), by=self.name)

    (row,) = run(data, tmp_path / "seen", lambda: Assistant(ScriptedEngine(["x"]), [HasSeen()]))
    assert row["seen"] is True
    assert "were trained on this part" in row["note"]
    (row,) = run(data, tmp_path / "unseen")
    assert row["seen"] is False


def test_an_answer_that_was_broken_off_is_no_record(data: Path, tmp_path: Path) -> None:
    class BrokenOff(KnowsChemicals):
        def supports(self, request: Request) -> bool:
            return True

        def stream(self, request: Request, cancel: object = None) -> Any:
            yield Result(Document("1", "zh", request.text), finish=Finish.CANCELLED)

    with pytest.raises(EngineError, match="was broken off"):
        run(data, tmp_path / "out", lambda: Assistant(ScriptedEngine(["x"]), [BrokenOff()]))
    assert records(tmp_path / "out") == []
