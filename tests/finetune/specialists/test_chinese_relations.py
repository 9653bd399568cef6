"""The recipe for CMeIE's relations on made-up texts: what is learnt from, what is kept, and what is never named."""

from __future__ import annotations

import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from finetune.specialists import chinese_relations
from finetune.specialists.__main__ import NAMES
from finetune.specialists.chinese_relations import KeptMentions, fitted_types, learnt_examples
from finetune.specialists.typed_relations import Example
from taiyi.corpora import corpus_row
from taiyi.document import Document, Entity, Relation, Span
from taiyi.errors import InputError

CONFIG: dict[str, Any] = {
    "lang": "zh",
    "passage": "text",
    "ends": [["Disease", "Drug"]],
    "directed": True,
    "shown": {"预防": {}, "药物治疗": {}, "病因": {}},
    "least": 2,
    "unrelated": 2,
    "rows": 64,
    "penalty": 1.0,
    "steps": 5,
}


class Reader:
    """Finds the names of this file, and counts how often it was asked."""

    def __init__(self) -> None:
        self.n_texts = 0

    def entities(self, text: str, labels: Sequence[str]) -> list[tuple[int, int, str, float]]:
        self.n_texts += 1
        label_by_name = {"肺炎": "Disease", "青霉素": "Drug", "阿司匹林": "Drug"}
        return [
            (text.index(name), text.index(name) + len(name), label, 0.9)
            for name, label in label_by_name.items()
            if name in text and label in labels
        ]


def document(text: str, *drugs: str) -> Document:
    """Pneumonia, treated with these drugs."""
    names = ("肺炎", *drugs)
    spans = [Span(text.index(name), text.index(name) + len(name)) for name in names]
    entities = tuple(Entity(f"T{n}", "entity", (span,)) for n, span in enumerate(spans))
    relations = tuple(Relation(f"R{n}", "药物治疗", "T0", f"T{n}") for n in range(1, len(names)))
    return Document("1", "zh", text, entities, relations)


def test_of_texts_whose_triples_are_missing_only_related_pairs_are_learnt_from() -> None:
    """Whole: one related and one unrelated pair; partial: the same text again, and one related pair of two."""
    whole = [document("肺炎用青霉素，不用阿司匹林。", "青霉素")]
    partial = [*whole, document("肺炎可用青霉素或阿司匹林。", "阿司匹林")]
    examples = learnt_examples(whole, partial, Reader(), CONFIG)
    assert [example.target for example in examples] == [2, 0, 2]


def test_of_unrelated_pairs_every_second_is_learnt_from() -> None:
    whole = [document(f"肺炎{n}：青霉素、阿司匹林。") for n in range(3)]
    assert [e.target for e in learnt_examples(whole, [], Reader(), CONFIG)] == [0, 0, 0]


def test_a_type_with_too_few_examples_is_never_named() -> None:
    examples = [Example([1], 2), Example([1], 2), Example([2], 0), Example([3], 1)]
    weights, bias = fitted_types(examples, CONFIG)
    assert weights.shape == (4, 64)
    assert not weights[[1, 3]].any()
    assert bias[1] == bias[3] == chinese_relations.NEVER
    assert weights[2, 1] > 0 > weights[0, 1]


def test_what_was_read_is_kept(tmp_path: Path) -> None:
    reader = Reader()
    mentions = KeptMentions(reader, ("Disease", "Drug"), tmp_path / "work" / "mentions.json")
    assert mentions.entities("肺炎用青霉素", ("Drug",)) == [(3, 6, "Drug", 0.9)]
    mentions.keep()
    again = KeptMentions(reader, ("Disease", "Drug"), tmp_path / "work" / "mentions.json")
    assert again.entities("肺炎用青霉素", ("Disease",)) == [(0, 2, "Disease", 0.9)]
    assert reader.n_texts == 1


def test_shipped_settings_show_every_predicate_of_the_schemas() -> None:
    """A request for all of them then goes to this specialist."""
    config = yaml.safe_load(chinese_relations.CONFIG_FILE.read_text(encoding="utf-8"))
    schemas = Path(chinese_relations.__file__).parents[2] / "taiyi" / "data" / corpus_row("cmeie")["schemas"]
    rows = [line.split("\t") for line in schemas.read_text(encoding="utf-8").splitlines()[1:]]
    assert set(config["shown"]) == {predicate for _, predicate, _ in rows}
    assert config["command"] in NAMES


def test_without_an_entity_reader_the_order_is_told(tmp_path: Path) -> None:
    (tmp_path / "test_fingerprints.tsv.xz").write_bytes(lzma.compress(b""))
    with pytest.raises(InputError, match="There is no entities-zh"):
        chinese_relations.train_specialist(tmp_path, tmp_path / "out", tmp_path, 1, None)
