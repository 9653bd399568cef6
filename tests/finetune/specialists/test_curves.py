"""Curves over thresholds, by hand."""

from __future__ import annotations

from pathlib import Path

import yaml

from finetune.specialists.curves import points, write
from taiyi.card import read_card
from taiyi.document import Document, Entity, Span

TEXT = "a b c d"


def read(*mentions: tuple[str, float | None]) -> Document:
    entities = [
        Entity(f"T{n}", "X", (Span(TEXT.index(word), TEXT.index(word) + 1),), score)
        for n, (word, score) in enumerate(mentions)
    ]
    return Document("d", "en", TEXT, tuple(entities))


def test_what_lies_below_a_threshold_is_hidden() -> None:
    """Gold a, b. All three kept up to .4: 2 of 3 right; from .45 a and b: all; from .65 a alone: recall 1/2."""
    rows = points([read(("a", None), ("b", None))], [read(("a", 0.97), ("b", 0.6), ("c", 0.4))])
    assert rows == [
        {"threshold": 0.4, "precision": 0.6667, "recall": 1.0, "f1": 0.8},
        {"threshold": 0.6, "precision": 1.0, "recall": 1.0, "f1": 1.0},
        {"threshold": 0.95, "precision": 1.0, "recall": 0.5, "f1": 0.6667},
    ]


def test_of_a_text_that_is_named_twice_the_higher_score_counts() -> None:
    twice = Document("d", "en", "a a", (Entity("1", "X", (Span(0, 1),), 0.2), Entity("2", "X", (Span(2, 3),), 0.7)))
    assert [row["threshold"] for row in points([read(("a", None))], [twice])] == [0.7, 0.95]


def test_a_card_gets_its_curves_in_place_of_earlier_ones_and_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "taiyi.yaml"
    file.write_text("name: {en: x}\nkind: token_tagger\n", encoding="utf-8")
    row = {
        "set": "s",
        "part": "dev",
        "labels": ["药物"],
        "n": 2,
        "points": points([read(("a", None))], [read(("a", 1.0))]),
    }
    write(tmp_path, [row, row])
    write(tmp_path, [row])
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["curves"] == [row]
    card = read_card(tmp_path)
    assert (card.kind, card.curves[0].labels, card.curves[0].points[0].f1) == ("token_tagger", ("药物",), 1.0)
