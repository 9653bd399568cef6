"""A set's score: figures, counts, interval and signature."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.prediction import GivenMention, Prediction, parse_reply
from eval.score import SetScore, prompt_hash, score_set
from eval.sets import eval_set, load_sets, read_set
from taiyi.errors import InputError

PAPER_SETS = [row.name for row in load_sets().values() if not row.extra]


def score_of_gold(name: str, folder: Path) -> SetScore:
    examples = read_set(eval_set(name), "test", folder)
    return score_set(eval_set(name), examples, [Prediction(e.id, e.gold) for e in examples], draws=5)


@pytest.mark.parametrize("name", PAPER_SETS)
def test_gold_as_the_prediction_is_a_perfect_score_of_every_set(name: str, sets_dir: Path) -> None:
    score = score_of_gold(name, sets_dir)
    assert set(score.figures.values()) == {1.0}
    assert score.high == 1.0
    assert score.n_ungrounded == (1 if name == "cmeie" else 0)


@pytest.mark.parametrize("name", PAPER_SETS)
def test_no_prediction_at_all_is_nought_and_counted_as_missing(name: str, sets_dir: Path) -> None:
    examples = read_set(eval_set(name), "test", sets_dir)
    score = score_set(eval_set(name), examples, [Prediction(e.id, missing=True) for e in examples], draws=5)
    assert score.figures[score.headline] == 0.0
    assert (score.n_missing, score.n_unparsed, score.n) == (len(examples), 0, len(examples))


ODD_REPLIES = ("", "\x00", "\ud800", "😀" * 99, "(a, b", ";;：：", "Chemical: " + "x; " * 99, "答案：Ｚ", "A\n" * 9)


@pytest.mark.parametrize("name", PAPER_SETS)
def test_no_reply_is_too_odd_to_be_judged(name: str, sets_dir: Path) -> None:
    examples = read_set(eval_set(name), "test", sets_dir)
    for reply in ODD_REPLIES:
        score = score_set(eval_set(name), examples, [parse_reply(e, reply) for e in examples], draws=2)
        assert 0.0 <= score.figures[score.headline] < 1.0
        assert score.n_ungrounded <= score.n_written
        assert json.loads(json.dumps(score.to_dict()))["n"] == len(examples)


def test_the_row_of_a_score_has_the_fields_of_the_shell(sets_dir: Path) -> None:
    f1 = score_of_gold("bc5cdr-chem", sets_dir).to_dict()
    accuracy = score_of_gold("medqa-usmle", sets_dir).to_dict()
    for row, headline in ((f1, "f1"), (accuracy, "accuracy")):
        assert {"set", "metric", "precision", "recall", headline, "low", "high", "n", "unparsed"} <= set(row)
    assert (f1["metric"], accuracy["metric"]) == ("micro-F1", "accuracy")
    assert "f1" not in accuracy and "per_type" in f1


def test_a_set_is_pooled_over_its_documents(sets_dir: Path) -> None:
    """Gold: three chemicals, one, none. Said: one right and one wrong; nothing; one wrong. P 1/3, R 1/4."""
    row = eval_set("bc5cdr-chem")
    examples = read_set(row, "test", sets_dir)
    said = (("aspirin", "tremor"), (), ("drug",))
    predictions = [
        Prediction(e.id, items=tuple(GivenMention("Chemical", text) for text in texts))
        for e, texts in zip(examples, said, strict=True)
    ]
    score = score_set(row, examples, predictions, draws=200, seed=1)
    assert score.figures["precision"] == pytest.approx(1 / 3)
    assert score.figures["recall"] == pytest.approx(1 / 4)
    assert score.figures["f1"] == pytest.approx(2 / 7)
    assert 0.0 == score.low <= score.figures["f1"] <= score.high < 1.0
    assert score_set(row, examples, predictions, draws=200, seed=1).to_dict() == score.to_dict()


def test_the_signature_says_how_the_number_was_made(sets_dir: Path) -> None:
    examples = read_set(eval_set("hoc"), "test", sets_dir)
    score = score_of_gold("hoc", sets_dir)
    parts = dict(part.split(":", 1) for part in score.signature.split("|"))
    assert parts == {
        "rule": "micro-F1 over the set of classes of each text",
        "version": "1",
        "prompt": f"classify#{prompt_hash(examples[0])}",
        "split": "test",
        "n": "3",
        "draws": "5",
        "seed": "0",
    }


def test_the_prompt_hash_changes_with_labels_and_template_but_not_with_the_text(sets_dir: Path) -> None:
    first, second, _ = read_set(eval_set("hoc"), "test", sets_dir)
    assert prompt_hash(first) == prompt_hash(second)
    asked = first.request
    for other in (replace(asked, labels=asked.labels[1:]), replace(asked, template="triage")):
        assert prompt_hash(replace(first, request=other)) != prompt_hash(first)


def test_predictions_in_another_order_are_refused(sets_dir: Path) -> None:
    examples = read_set(eval_set("hoc"), "test", sets_dir)
    predictions = [Prediction(e.id, missing=True) for e in reversed(examples)]
    with pytest.raises(ValueError, match="9500002_s0 stands in the place of 9500001_s0"):
        score_set(eval_set("hoc"), examples, predictions)


def test_a_set_without_examples_has_no_score() -> None:
    with pytest.raises(InputError, match="hoc has no examples to score"):
        score_set(eval_set("hoc"), [], [])
