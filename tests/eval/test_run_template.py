"""Which prompt a run asks with: the one that the model's card names, or the one that the set pins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.plan import plans
from eval.run import Run, RunSettings, TemplateChoice
from taiyi.assistant import Assistant
from taiyi.card import Card
from taiyi.engine.scripted import ScriptedEngine
from taiyi.prompts import choose

OWN = {"classify": {"zh": "triage"}}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """KUAKE-QIC's official development file with one query of our own."""
    row = {"id": "s1", "query": "鼻塞怎么缓解", "label": "治疗方案"}
    (tmp_path / "KUAKE-QIC_dev.json").write_text(json.dumps([row], ensure_ascii=False), encoding="utf-8")
    return tmp_path


def run(data: Path, template: TemplateChoice, templates: dict[str, dict[str, str]]) -> dict[str, Any]:
    settings = RunSettings(predictor="llm", template=template)
    sets, missing = plans(["kuake-qic"], settings, data, lambda sentence: None)
    engine = ScriptedEngine(["上述文本被分类为：治疗方案"])
    made = Run(
        data / "out", settings, lambda: Assistant(engine, card=Card(templates=templates)), batch=1, note=lambda s: None
    )
    (row,) = made.run(sets, missing)
    return row


def prompt(data: Path) -> str:
    asked: str = json.loads((data / "out" / "kuake-qic.jsonl").read_text(encoding="utf-8"))["prompt"]
    return asked


def beginning(template: str) -> str:
    """What the template begins with, before its first field."""
    return choose("classify", "zh", template).text.partition("{")[0]


def test_a_model_is_asked_with_the_template_that_its_card_names(data: Path) -> None:
    assert "|prompt:triage#" in run(data, "model", OWN)["signature"]
    assert prompt(data).startswith(beginning("triage"))


@pytest.mark.parametrize(("template", "templates"), [("pinned", OWN), ("model", {"classify": {"en": "triage"}})])
def test_the_pinned_template_holds_where_it_is_insisted_on_and_where_the_card_names_none(
    data: Path, template: TemplateChoice, templates: dict[str, dict[str, str]]
) -> None:
    assert "|prompt:classify#" in run(data, template, templates)["signature"]
    assert prompt(data).startswith(beginning("classify"))


def test_a_finished_run_keeps_the_template_in_its_signature(data: Path) -> None:
    assert run(data, "model", OWN) == run(data, "model", OWN)


def test_the_two_ways_of_asking_have_prompts_that_can_be_told_apart() -> None:
    assert not beginning("triage").startswith(beginning("classify"))
    assert not beginning("classify").startswith(beginning("triage"))
