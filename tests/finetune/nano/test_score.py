"""Scores of the model: runs of the evaluation with the grammar and without it, told as its card tells them."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.sets import eval_set
from finetune.nano.score import Report, bias_of, score
from taiyi.card import Card
from taiyi.conversation import Conversation
from taiyi.corpora.parts import part_of
from taiyi.engine.scripted import ScriptedEngine
from taiyi.errors import InputError

LABEL = "治疗方案"


def test_every_set_at_hand_is_scored_with_the_grammar_and_without(query_data: Path, tmp_path: Path) -> None:
    """Of four queries that are asked the engine classes all but the last alike: three are right."""
    report = Report(query_data, 4, lambda sentence: None)
    (plan,) = report.plans
    assert all(part_of(example.request.text) == "report" for example in plan.examples)
    wrong = plan.examples[-1].request.text

    def reply(conversation: Conversation) -> str:
        return "上述文本被分类为：" + ("其他" if wrong in conversation.messages[-1].content else LABEL)

    told = score(ScriptedEngine(reply), Card(), report, tmp_path / "runs")
    (row,) = told["scores"]
    place = {"task": "classify", "lang": "zh", "set": "kuake-qic", "part": "report, 4 of it", "metric": "micro-F1"}
    assert {key: row[key] for key in place} == place
    assert (row["value"], row["n"]) == (0.75, 4)
    assert row["low"] <= 0.75 <= row["high"]
    assert [(r["decoding"], r["strict"]) for r in told["constraint"]] == [("grammar", 0.75), ("free", 0.75)]
    assert told["constraint"][0]["gain"] == 0
    assert told["sets"][0]["errors"] == {"type": 1}


def test_what_was_answered_is_not_asked_again(query_data: Path, tmp_path: Path) -> None:
    report = Report(query_data, 2, lambda sentence: None)
    report.answer(ScriptedEngine(["上述文本被分类为：其他"]), Card(), tmp_path / "run")
    engine = ScriptedEngine(["上述文本被分类为：其他"])
    report.answer(engine, Card(), tmp_path / "run")
    assert engine.asked == []


def test_the_bias_of_a_set_is_that_of_its_task_and_language() -> None:
    card = Card(mark_bias={"entities": {"en": 1.5}}, end_bias={"classify": {"zh": -0.5}})
    assert [bias_of(card, eval_set(name)) for name in ("biored", "cmeee", "kuake-qic")] == [1.5, 0.0, -0.5]


def test_without_a_set_at_hand_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No set is under"):
        Report(tmp_path, 4, lambda sentence: None)
    with pytest.raises(InputError, match="at least 1"):
        Report(tmp_path, 0, lambda sentence: None)
