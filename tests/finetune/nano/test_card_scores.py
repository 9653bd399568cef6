"""The measured sections of the card: whose figures stand beside the model's."""

from __future__ import annotations

import json

from finetune.nano.card_scores import BEFORE_DEV, TOGETHER, filled, together, wrapped


def test_beside_a_specialist_stands_its_score_from_before_it_learnt_from_the_part() -> None:
    found = together([])
    before = {row["set"]: row for row in json.loads(BEFORE_DEV.read_text(encoding="utf-8"))}
    assert found["ncbi-disease"] == (before["ncbi-disease"]["f1"], before["ncbi-disease"]["by"])
    assert found["cmeee"][1] == "Chinese medical entities"


def test_where_no_specialist_answers_the_language_model_does_as_it_is_scored_now() -> None:
    old = {row["set"]: row for row in json.loads(TOGETHER.read_text(encoding="utf-8")) if row["predictor"] == "llm"}
    assert "medqa-usmle" in old
    assert together([{"set": "medqa-usmle", "value": 0.29}])["medqa-usmle"] == (0.29, "language model")
    assert "medqa-usmle" not in together([])


def test_prose_is_wrapped_and_a_section_has_no_gaps() -> None:
    assert [len(line) <= 120 for line in wrapped("word " * 60).splitlines()] == [True] * 3
    assert filled("speed", threads=2, rows="\n\n\n| a |").endswith("above.\n\n| a |\n")
