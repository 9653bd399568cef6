"""The recipe for CMeIE's relations on made-up texts: which texts tell all their relations, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor

from finetune.specialists import chinese_relations
from finetune.specialists.__main__ import NAMES
from finetune.specialists.chinese_relations import (
    KeptEncodings,
    channel_by_label,
    examples_of,
    fitted_threshold,
    made_once,
    write_specialist,
)
from finetune.specialists.corpus_parts import Parts
from taiyi.card import read_card
from taiyi.corpora import corpus_row
from taiyi.document import Document, Entity, Relation, Span
from taiyi.errors import InputError
from taiyi.predictors.readers.char_relations_input import N_FEATURES
from taiyi.predictors.readers.char_relations_network import NameSpans, PairNetwork, Sizes
from taiyi.predictors.readers.pair_relations import Found

CONFIG: dict[str, Any] = yaml.safe_load(chinese_relations.CONFIG_FILE.read_text(encoding="utf-8"))


class Encoder:
    """Encodes every character alike, and counts the texts."""

    def __init__(self) -> None:
        self.n_texts = 0

    def encoded(self, texts: Sequence[str]) -> list[Tensor]:
        self.n_texts += len(texts)
        return [torch.ones(len(text), 2) for text in texts]


def document(text: str, *triples: tuple[str, str, str]) -> Document:
    names = list(dict.fromkeys(name for _, *ends in triples for name in ends))
    spans = [Span(text.index(name), text.index(name) + len(name)) for name in names]
    entities = tuple(Entity(f"E{n}", "entity", (span,)) for n, span in enumerate(spans))
    rows = [(label, f"E{names.index(head)}", f"E{names.index(tail)}") for label, head, tail in triples]
    return Document("1", "zh", text, entities, tuple(Relation(f"R{n}", *row) for n, row in enumerate(rows)))


GOUT, PNEUMONIA = "痛风由饮酒引起，致关节痛。", "肺炎用青霉素。"


def test_a_whole_text_is_not_learnt_from_once_more_as_a_partial_one() -> None:
    whole, partial = document(GOUT, ("病因", "痛风", "饮酒")), document(PNEUMONIA, ("药物治疗", "肺炎", "青霉素"))
    parts = {
        CONFIG["whole"]: Parts((whole,), (), {}),
        CONFIG["partial"]: Parts((document(GOUT, ("临床表现", "痛风", "关节痛")), partial), (), {}),
    }
    examples = examples_of(parts, Encoder(), CONFIG)
    assert [(e.text, e.whole, set(e.triples)) for e in examples] == [
        (GOUT, True, {("病因", "痛风", "饮酒")}),
        (PNEUMONIA, False, {("药物治疗", "肺炎", "青霉素")}),
    ]
    assert [len(e.encoded) for e in examples] == [len(GOUT), len(PNEUMONIA)]


def test_what_was_encoded_is_kept(tmp_path: Path) -> None:
    encoder, path = Encoder(), tmp_path / "work" / "encoded.pt"
    kept = KeptEncodings(encoder, path)
    assert [len(rows) for rows in kept.encoded(["甲乙", "甲", "甲乙"])] == [2, 1, 2]
    kept.keep()
    again = KeptEncodings(encoder, path)
    assert again.encoded(["甲"])[0].dtype == torch.float16
    assert encoder.n_texts == 2


def test_a_network_is_trained_once_and_has_the_weights_that_are_shipped(tmp_path: Path) -> None:
    """A third is no number of float16: what is measured is what will be loaded."""
    calls: list[int] = []

    def make() -> torch.nn.Linear:
        calls.append(1)
        network = torch.nn.Linear(1, 1)
        torch.nn.init.constant_(network.weight, 1 / 3)
        return network

    for _ in range(2):
        made = made_once(tmp_path / "network.pt", torch.nn.Linear(1, 1), make)
        assert made.weight.item() == torch.tensor(1 / 3).half().item() != 1 / 3
    assert calls == [1]


def test_every_predicate_has_the_channel_of_what_its_tails_are() -> None:
    channels = channel_by_label(CONFIG)
    kinds = {label: CONFIG["kinds"][channel - 1]["objects"][0] for label, channel in channels.items()}
    assert set(channels) == set(CONFIG["shown"])
    assert (kinds["临床表现"], kinds["药物治疗"], kinds["同义词"], kinds["发病率"]) == (
        "症状",
        "药物",
        "疾病",
        "社会学",
    )


class Reader:
    """Is sure of a right cause, less sure of a wrong one."""

    def relations(self, text: str, labels: Sequence[str]) -> list[Found]:
        places = [text.index(name) for name in ("痛风", "饮酒", "关节痛")]
        gout, drinking, pain = (Span(start, start + 2) for start in places)
        return [Found("病因", gout, drinking, 0.71), Found("病因", gout, pain, 0.45)]

    def pairs(self, text: str) -> Any:
        raise NotImplementedError


def test_the_threshold_lies_between_what_is_right_and_what_is_wrong() -> None:
    assert 0.45 < fitted_threshold(Reader(), [document(GOUT, ("病因", "痛风", "饮酒"))], CONFIG) <= 0.71


def test_the_card_is_one_that_the_app_reads(tmp_path: Path) -> None:
    sizes = {"width": 4, "n_kinds": 7, "lstm_width": 2, "pair_width": 2}
    full = Sizes(n_types=len(CONFIG["shown"]), n_features=N_FEATURES, **sizes)
    row = {
        "task": "relations",
        "lang": "zh",
        "set": "cmeie",
        "part": "report",
        "metric": "recall",
        "value": 0.3,
        "n": 4,
    }
    settings = {"sizes": sizes, "seed": 1}
    write_specialist(
        CONFIG,
        NameSpans(full),
        [PairNetwork(full)],
        settings,
        {"report": ([row], [])},
        {"cmeie": {"train": 4}},
        tmp_path,
    )
    card = read_card(tmp_path)
    assert (card.kind, card.task, list(card.labels)) == ("char_relations", "relations", list(CONFIG["shown"]))
    assert "Guan et al. 2020" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / "relations.safetensors").is_file()


def test_shipped_settings_show_every_predicate_of_the_schemas() -> None:
    """A request for all of them then goes to this specialist."""
    schemas = Path(chinese_relations.__file__).parents[2] / "taiyi" / "data" / corpus_row("cmeie")["schemas"]
    rows = [line.split("\t") for line in schemas.read_text(encoding="utf-8").splitlines()[1:]]
    assert set(CONFIG["shown"]) == {predicate for _, predicate, _ in rows}
    assert CONFIG["command"] in NAMES


def test_without_an_entity_reader_the_order_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no entities-zh"):
        chinese_relations.train_specialist(tmp_path, tmp_path / "out", tmp_path, 1, None)
