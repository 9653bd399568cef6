"""Biases: how the best is found, on which texts, and that what is done is not done again."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.nano.tuning import best_bias, tune, tuned_card, tunings
from taiyi.card import Card
from taiyi.corpora.parts import part_of
from taiyi.engine.scripted import ScriptedEngine


@pytest.mark.parametrize(
    ("figures", "best", "tried"),
    [
        ({0.0: 0.3, 0.5: 0.4, 1.0: 0.6, 1.5: 0.5, -0.5: 0.2}, 1.0, 5),
        ({0.0: 0.3, 0.5: 0.2, -0.5: 0.4, -1.0: 0.4}, -0.5, 4),
        ({0.0: 0.3, 0.5: 0.3, -0.5: 0.3}, 0.0, 3),
        ({0.0: 0.0, 0.5: 0.0, 1.0: 0.1, 1.5: 0.05, -0.5: 0.0}, 1.0, 5),
    ],
)
def test_the_walk_ends_where_the_figure_rises_no_more(figures: dict[float, float], best: float, tried: int) -> None:
    """A KeyError would say that a bias was tried behind the end of the walk."""
    found, measured = best_bias(figures.__getitem__)
    assert (found, len(measured)) == (best, tried)


def test_only_texts_of_the_tuning_part_are_tuned_on(query_data: Path) -> None:
    (tuning,) = tunings(Card(), query_data, 40, seed=0)
    assert (tuning.task, tuning.lang, tuning.kind) == ("classify", "zh", "end_bias")
    assert {part_of(example.gold.text) for plan in tuning.plans for example in plan.examples} == {"tune"}


@pytest.mark.data
def test_a_marked_template_is_tuned_by_the_bias_of_marks_and_asked_with_it(data_dir: Path) -> None:
    card = Card(templates={"entities": {"zh": "mark"}})
    found = {(t.task, t.lang): t for t in tunings(card, data_dir, 2, seed=0)}
    assert (found["entities", "zh"].kind, found["entities", "en"].kind) == ("mark_bias", "end_bias")
    assert {e.request.template for p in found["entities", "zh"].plans for e in p.examples} == {"mark"}


def test_what_was_chosen_for_the_same_weights_is_taken_from_the_file(query_data: Path, tmp_path: Path) -> None:
    engine, path = ScriptedEngine(["上述文本被分类为：治疗方案"]), tmp_path / "biases.json"
    first = tune(engine, Card(), query_data, path, step=7, seed=0, note=lambda s: None)
    asked = len(engine.asked)
    assert first["end_bias"] == {"classify": {"zh": 0.0}}
    assert tune(engine, Card(), query_data, path, step=7, seed=0, note=lambda s: None) == first
    assert len(engine.asked) == asked
    tune(engine, Card(), query_data, path, step=8, seed=0, note=lambda s: None)
    assert len(engine.asked) == 2 * asked


def test_the_tuned_card_holds_the_biases() -> None:
    card = tuned_card(Card(), {"end_bias": {"classify": {"zh": 0.5}}, "mark_bias": {"entities": {"en": 1.0}}})
    assert (card.end_bias["classify"]["zh"], card.mark_bias["entities"]["en"]) == (0.5, 1.0)
