"""The recipe of the classes of short texts, on a few queries that it learns by heart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from finetune.specialists.__main__ import HERE, NAMES
from finetune.specialists.averaging import TrainingSettings
from finetune.specialists.chinese_classes import Row, english_names, finish, fit_grams, ids_of, train_member
from finetune.specialists.chinese_short_texts import Pretrained, network_config
from finetune.specialists.corpus_parts import Parts
from taiyi.card import read_card
from taiyi.document import Document, Label
from taiyi.predictors.base import answer
from taiyi.predictors.readers.char_classes import members_of
from taiyi.predictors.readers.nested_spans_input import CharTable
from taiyi.predictors.readers.nested_spans_network import Encoder
from taiyi.predictors.readers.short_texts import Members
from taiyi.predictors.readers.short_texts_network import GramClassifier, batch_of
from taiyi.predictors.specialist import load_specialists
from taiyi.tasks.request import make_request

CONFIGS = ("intent_zh", "criteria_zh")
CHARS = tuple("第次多少钱怎么治0123456789")
SETTINGS = TrainingSettings(epochs=30, batch_tokens=200, learn_rate=0.02, dropout=0.0, unseen=0.0, average=0.5)
QUERIES = [
    Document(
        f"s{n}", "zh", f"第{n}次{'多少钱' if n % 2 else '怎么治'}", labels=(Label(("治疗方案", "医疗费用")[n % 2]),)
    )
    for n in range(20)
]


def config_of(name: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return config


@pytest.fixture(scope="module")
def start() -> Pretrained:
    torch.manual_seed(2)
    sizes = {"n_bigrams": 64, "char_width": 8, "bigram_width": 4, "width": 16, "dilations": [1]}
    config = network_config(sizes, len(CHARS))
    return Pretrained(CHARS, config, Encoder(config).state_dict(), ("made_up",))


@pytest.fixture(scope="module")
def rows(start: Pretrained) -> list[Row]:
    labels = list(english_names(config_of("intent_zh")))
    ids = ids_of(QUERIES, CharTable(CHARS, 3))
    return [Row(one, labels.index(q.labels[0].name)) for one, q in zip(ids, QUERIES, strict=True)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, start: Pretrained, rows: list[Row]) -> Path:
    """Queries about cost hold 钱, all others ask for a treatment; one network and the model over grams."""
    folder = tmp_path_factory.mktemp("specialists") / "intent-zh"
    config = config_of("intent_zh") | {"members": 1, "grams": {"rows": 512, "penalty": 0.1}}
    members = members_of(start.config, 11, 1, 512)
    members[0] = train_member(rows, 11, start, SETTINGS, 1)
    grams = members[1]
    assert isinstance(grams, GramClassifier)
    fit_grams(grams, rows, start, 0.1)
    parts = Parts(tuple(QUERIES), tuple(QUERIES), {"documents": 20})
    finish(Members(members), start, config, parts, QUERIES, 1, folder)
    return folder


def test_what_was_learnt_is_named_by_the_app_in_the_asker_s_words(made: Path) -> None:
    (specialist,) = load_specialists(made.parent)
    for text, name in (("第3次多少钱", "Cost"), ("第15次怎么治", "治疗方案")):
        (label,) = answer(specialist, make_request("classify", text, labels=["Cost", "治疗方案"])).document.labels
        assert label.name == name


def test_the_card_has_the_scores_and_what_was_read(made: Path) -> None:
    scores = {score.metric: score.value for score in read_card(made).scores}
    assert scores["accuracy"] == scores["macro-F1"] == 1.0
    assert "made_up" in (made / "README.md").read_text(encoding="utf-8")


def test_the_model_over_grams_learns_by_itself(start: Pretrained, rows: list[Row]) -> None:
    """The sparse sum of the training is the sum of `forward`, or the classes would come out wrong."""
    model = GramClassifier(512, 11)
    fit_grams(model, rows, start, 0.1)
    with torch.no_grad():
        named = model(batch_of([row.ids for row in rows], start.config)).argmax(-1).tolist()
    assert named == [row.target for row in rows]


@pytest.mark.parametrize("name", CONFIGS)
def test_shipped_settings_are_complete(name: str) -> None:
    config = config_of(name)
    TrainingSettings(**config["training"])
    assert config["command"] in NAMES
    assert len(english_names(config)) > 10
    assert config["members"] > 0
    assert set(config["grams"]) == {"rows", "penalty"}


def test_classes_have_the_english_names_of_the_files_or_of_the_settings() -> None:
    assert english_names(config_of("criteria_zh"))["预期寿命"] == "Life Expectancy"
    assert english_names(config_of("intent_zh"))["医疗费用"] == "Cost"
