"""Answers of many at a time are those of one at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.answering import Answerer, records, was_trained_on
from eval.sets import eval_set
from taiyi.card import Card, read_card
from taiyi.config import BUNDLED_MODEL
from taiyi.document import Document
from taiyi.engine import load_engine
from taiyi.predictors.llm import LLMPredictor
from taiyi.predictors.specialist import SpecialistPredictor
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


def test_weights_that_were_trained_on_a_split_are_known_by_their_card(tmp_path: Path) -> None:
    """BC5CDR's development part is another source than its test part, and than the same texts of another set."""
    specialist = SpecialistPredictor(tmp_path, Card(seen={"bc5cdr": ["dev"]}))
    assert was_trained_on(specialist, eval_set("bc5cdr-chem"), "dev")
    assert not was_trained_on(specialist, eval_set("bc5cdr-chem"), "test")
    assert not was_trained_on(specialist, eval_set("bc5cdr-re"), "dev")
    assert not was_trained_on(SpecialistPredictor(tmp_path, Card()), eval_set("bc5cdr-chem"), "dev")


def test_a_part_that_was_set_aside_is_not_of_the_split_that_was_trained_on(tmp_path: Path) -> None:
    specialist = SpecialistPredictor(tmp_path, Card(seen={"cmeee": ["train"]}))
    assert not was_trained_on(specialist, eval_set("cmeee"), "dev")


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
