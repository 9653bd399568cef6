"""Relations of Chinese texts, with networks that know a few names by hand, and a folder of random weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from taiyi.card import read_card
from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.document import Span
from taiyi.errors import ModelError
from taiyi.predictors.base import answer
from taiyi.predictors.readers.char_relations import CharRelations
from taiyi.predictors.readers.char_relations_input import N_FEATURES
from taiyi.predictors.readers.char_relations_network import NameSpans, PairBatch, PairNetwork, Sizes
from taiyi.predictors.specialist import SpecialistPredictor
from taiyi.tasks.request import make_request

LABELS = ("病因", "临床表现")
CHANNELS = {"痛风": (0,), "饮酒": (1,), "剧烈关节痛": (1,), "关节痛": (0, 1), "发热": (1,)}
SETTINGS: dict[str, Any] = {
    "encoder": "entities-zh",
    "passage_chars": 40,
    "candidates": {"heads": {"least": -3.0, "most": 5}, "tails": {"least": -3.0, "most": 9}},
    "score": [1.0, 0.0, 0.0, 0.0],
    "threshold": 0.5,
}


class Codes:
    """Encodes a character as its code."""

    def encoded(self, texts: Sequence[str]) -> list[Tensor]:
        return [torch.tensor([[float(ord(char))] for char in text]) for text in texts]


class Names(nn.Module):
    """Finds the names of CHANNELS."""

    def forward(self, encoded: Tensor, lengths: Tensor) -> Tensor:
        text = "".join(chr(int(code)) for code in encoded[0, :, 0])
        logits = torch.full((1, 2, len(text), 6), -9.0)
        for name, channels in CHANNELS.items():
            for start in range(len(text)):
                if text.startswith(name, start):
                    logits[0, list(channels), start, len(name) - 1] = 2.0
        return logits


class Types(nn.Module):
    """Knows the logits of pairs by the first characters of head and tail; of all others "not related" has 5."""

    def __init__(self, known: Mapping[str, Sequence[float]]) -> None:
        super().__init__()
        self.known = known

    def forward(self, batch: PairBatch) -> Tensor:
        codes = batch.encoded.flatten()
        first = [[int(codes[name[0, 0]]) for name in names] for names in (batch.heads, batch.tails)]
        pairs = [chr(first[0][head]) + chr(first[1][tail]) for head, tail in batch.pairs.tolist()]
        return torch.tensor([self.known.get(pair, (5.0, 0.0, 0.0)) for pair in pairs])


KNOWN = {"痛饮": (0.0, 3.0, 0.0), "痛剧": (0.0, 0.0, 3.0), "痛关": (0.0, 0.0, 2.0), "痛发": (0.0, 0.0, 1.0)}


def reader(*known: Mapping[str, Sequence[float]], **changes: object) -> CharRelations:
    networks: Any = [Types(table) for table in known or (KNOWN,)]
    names: Any = Names()
    return CharRelations(Codes(), names, networks, LABELS, {**SETTINGS, **changes})


def found(reader: CharRelations, text: str, labels: Sequence[str] = LABELS) -> list[tuple[str, str, str]]:
    return [
        (r.label, text[r.head.start : r.head.end], text[r.tail.start : r.tail.end])
        for r in reader.relations(text, labels)
    ]


def test_each_two_names_have_their_likeliest_type_the_surest_first() -> None:
    assert found(reader(), "痛风由饮酒引起，会发热。") == [("病因", "痛风", "饮酒"), ("临床表现", "痛风", "发热")]


def test_a_type_not_asked_for_is_not_told_and_none_takes_its_place() -> None:
    assert found(reader(), "痛风由饮酒引起，会发热。", ["临床表现"]) == [("临床表现", "痛风", "发热")]


def test_places_are_the_nearest_ones_in_the_whole_text_and_the_score_is_the_pair_s() -> None:
    """The first forty characters are a passage of their own, which ends with a sentence; e^3 stands against 2 e^0."""
    text = f"{'别' * 39}。痛风常见。痛风因饮酒。"
    (relation,) = reader().relations(text, LABELS)
    assert (relation.head, relation.tail) == (Span(45, 47), Span(48, 50))
    assert relation.score == pytest.approx(
        torch.tensor(3.0).exp().item() / (torch.tensor(3.0).exp().item() + 2), abs=1e-6
    )


def test_a_pair_of_two_passages_is_told_once() -> None:
    text = f"痛风因饮酒。{'别' * 33}。痛风因饮酒。"
    assert [relation.head.start for relation in reader().relations(text, LABELS)] == [0]


def test_of_two_tails_one_inside_the_other_the_surer_is_told() -> None:
    assert found(reader(), "痛风有剧烈关节痛。") == [("临床表现", "痛风", "剧烈关节痛")]
    assert found(reader(), "痛风有关节痛。") == [("临床表现", "痛风", "关节痛")]


def test_of_a_relation_and_its_reverse_the_surer_is_told() -> None:
    both = {"痛关": (0.0, 0.0, 2.0), "关痛": (0.0, 0.0, 3.0)}
    pairs = [(pair.head.places, pair.tail.places) for _, pair, _ in reader(both).pairs("痛风致关节痛，")]
    assert pairs == [(((0, 2),), ((3, 6),))]  # gout is no tail here: nothing to be the reverse of
    CHANNELS["痛风"] = (0, 1)
    try:
        assert found(reader(both), "痛风致关节痛，") == [("临床表现", "关节痛", "痛风")]
    finally:
        CHANNELS["痛风"] = (0,)


def test_of_several_networks_the_mean_chance_counts() -> None:
    """One is sure of a cause, the other of nothing: e^9 against two others, and a third each."""
    (relation,) = reader({"痛饮": (0.0, 9.0, 0.0)}, {"痛饮": (0.0, 0.0, 0.0)}).relations("痛风由饮酒引起", LABELS)
    assert relation.score == pytest.approx((1 + 1 / 3) / 2, abs=1e-3)


def test_what_is_less_sure_than_the_threshold_is_not_told() -> None:
    assert found(reader(threshold=0.9), "痛风由饮酒引起，会发热。") == [("病因", "痛风", "饮酒")]


@pytest.mark.parametrize("text", ["", " ", "\n", "🙂", "无名之病。", "痛风。", "饮酒。"])
def test_without_a_head_and_a_tail_there_is_nothing(text: str) -> None:
    assert found(reader(threshold=0.0), text) == []


WriteFolder = Callable[..., SpecialistPredictor]


@pytest.fixture
def write(tmp_path: Path) -> WriteFolder:
    """A function that writes a folder of random weights, by default beside the bundled entity reader."""

    def made(n_types: int = 2, encoder: str = "entities-zh") -> SpecialistPredictor:
        torch.manual_seed(0)
        (tmp_path / "entities-zh").symlink_to(BUNDLED_SPECIALISTS / "entities-zh")
        (tmp_path / "intent-zh").symlink_to(BUNDLED_SPECIALISTS / "intent-zh")
        folder = tmp_path / "relations-zh"
        folder.mkdir()
        sizes = {"width": 256, "n_kinds": 1, "lstm_width": 4, "pair_width": 4}
        full = Sizes(n_types=n_types, n_features=N_FEATURES, **sizes)
        modules = {"names": NameSpans(full), "pairs.0": PairNetwork(full), "pairs.1": PairNetwork(full)}
        rows = {f"{key}.{name}": w.half() for key, m in modules.items() for name, w in m.state_dict().items()}
        save_file(rows, folder / "relations.safetensors")
        settings = {**SETTINGS, "encoder": encoder, "sizes": sizes, "networks": 2, "threshold": 0.0}
        settings["candidates"] = {role: {"least": -99.0, "most": 3} for role in ("heads", "tails")}
        shown = {label: {"en": label, "zh": label} for label in LABELS}
        card = {"kind": "char_relations", "task": "relations", "lang": "zh", "labels": shown, "settings": settings}
        (folder / "taiyi.yaml").write_text(yaml.safe_dump(card), encoding="utf-8")
        return SpecialistPredictor(folder, read_card(folder))

    return made


def request(text: str = "痛风由饮酒引起。") -> Any:
    return make_request("relations", text, labels=["病因", "临床表现"], lang="zh", text_lang="zh")


def test_a_folder_is_read_with_the_encoder_beside_it(write: WriteFolder) -> None:
    document = answer(write(), request()).document
    assert document.relations
    assert {relation.label for relation in document.relations} <= set(LABELS)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"n_types": 3}, "size mismatch"),
        ({"encoder": "nobody"}, "not beside it"),
        ({"encoder": "intent-zh"}, "encodes no characters"),
    ],
)
def test_what_does_not_fit_is_said(write: WriteFolder, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        answer(write(**changes), request())


def test_missing_and_damaged_weights_are_said(write: WriteFolder) -> None:
    predictor = write()
    file = predictor.folder / "relations.safetensors"
    weights = load_file(file)
    save_file({name: weight for name, weight in weights.items() if name != "names.bias"}, file)
    with pytest.raises(ModelError, match=r"names|bias"):
        answer(predictor, request())
    file.write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"relations\.safetensors can't be read"):
        answer(SpecialistPredictor(predictor.folder, predictor.card), request())
