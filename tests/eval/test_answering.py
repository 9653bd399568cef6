"""Answers of many at a time are those of one at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.answering import Answerer, records
from eval.sets import eval_set
from taiyi.card import read_card
from taiyi.config import BUNDLED_MODEL
from taiyi.document import Document
from taiyi.engine import load_engine
from taiyi.predictors.llm import LLMPredictor
from taiyi.tasks.base import Example, Request
from tests.taiyi.engine.conftest import make_model

TEXTS = (
    "Two weeks after carbamazepine was begun a rash and fever appeared; both went when it was withdrawn.",
    "Metformin lowered glucose.",
    "Neither lithium nor valproate caused tremor in the controls. " * 16,  # two windows of the bundled model
    "Haloperidol was followed by dystonia, akathisia and, in one patient, tardive dyskinesia.",
    "No drug was given.",
)


def examples(name: str) -> list[Example]:
    row = eval_set(name)
    return [
        Example(
            str(n), Request("entities", text, labels=row.labels, template=row.template), Document(str(n), "en", text)
        )
        for n, text in enumerate(TEXTS)
    ]


@pytest.mark.parametrize("model", ["bundled", "random"])
def test_greedy_replies_are_the_same_one_at_a_time_and_together(model: str, tmp_path: Path) -> None:
    folder = BUNDLED_MODEL if model == "bundled" else make_model("qwen3", tmp_path)
    replies = []
    for batch in (1, 8):
        engine = load_engine(str(folder), max_rows=batch)
        who = Answerer(LLMPredictor(engine, read_card(folder)), "llm")
        made = records(who, eval_set("bc5cdr-chem"), examples("bc5cdr-chem"), batch)
        replies.append({record["id"]: (record["reply"], record["finish"]) for record in made})
        engine.close()
    assert replies[0] == replies[1]
    assert set(replies[0]) == {"0", "1", "2", "3", "4"}
    assert "cancelled" not in {finish for _, finish in replies[0].values()}
