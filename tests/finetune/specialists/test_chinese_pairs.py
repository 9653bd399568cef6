"""The recipe of the pairs, on a few pairs that it learns by heart; and that its parts share no text."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from finetune.overlap import segment_hashes
from finetune.specialists.__main__ import HERE, NAMES
from finetune.specialists.averaging import TrainingSettings
from finetune.specialists.chinese_pairs import Parts, finish, parts_of, rows_of, train_member
from finetune.specialists.chinese_short_texts import Pretrained, network_config, reported_texts
from taiyi.card import read_card
from taiyi.corpora import corpus_row
from taiyi.corpora.parts import part_of
from taiyi.document import Document, Label
from taiyi.predictors.base import answer
from taiyi.predictors.readers.nested_spans_input import CharTable
from taiyi.predictors.readers.nested_spans_network import Encoder
from taiyi.predictors.readers.short_texts import Members
from taiyi.predictors.specialist import load_specialists
from taiyi.tasks.base import Example, Request
from taiyi.tasks.request import make_request

LEAKED = "这个句子足够长因而可以用指纹认出来"
CHARS = tuple("头痛胃腰怎么治")
SAME, OTHER = "语义相同", "语义不相同"


def pair(first: str, second: str, label: str) -> Example:
    request = Request("similarity", first, "zh", "zh", (SAME, OTHER), text_b=second)
    return Example("", request, Document("", "zh", first, labels=(Label(label),)), "made_up")


PAIRS = [
    pair(f"{one}痛怎么治", f"怎么治{two}痛", SAME if one == two else OTHER)
    for one in "头胃腰"
    for two in "头胃腰头胃腰"
]


def config_of(name: str, **changes: Any) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return config | changes


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same complaint in both questions or another one."""
    torch.manual_seed(2)
    folder = tmp_path_factory.mktemp("specialists") / "questions-zh"
    sizes = {"n_bigrams": 64, "char_width": 8, "bigram_width": 4, "width": 16, "dilations": [1]}
    sizes_read = network_config(sizes, len(CHARS))
    start = Pretrained(CHARS, sizes_read, Encoder(sizes_read).state_dict(), ("made_up",))
    training = {"epochs": 40, "batch_tokens": 120, "learn_rate": 0.01, "dropout": 0.0, "unseen": 0.0, "average": 0.5}
    config = config_of("questions_zh", compared_width=8, training=training)
    network = train_member(rows_of(PAIRS, config["labels"], CharTable(CHARS, 3)), config, start, 1)
    parts = {"chip_sts": Parts(tuple(PAIRS), tuple(PAIRS), tuple(PAIRS), {"pairs": len(PAIRS)})}
    finish(Members([network]), start, config, parts, 1, folder)
    return folder


@pytest.mark.parametrize(("second", "label"), [("怎么治胃痛", "similar"), ("怎么治腰痛", OTHER)])
def test_what_was_learnt_is_named_by_the_app_in_the_asker_s_words(made: Path, second: str, label: str) -> None:
    (specialist,) = load_specialists(made.parent)
    request = make_request("similarity", "胃痛怎么治", text_b=second, labels=["similar", OTHER])
    (found,) = answer(specialist, request).document.labels
    assert found.name == label


def test_the_card_has_a_score_for_each_corpus(made: Path) -> None:
    scores = {(score.set, score.metric): score.value for score in read_card(made).scores}
    assert scores["chip_sts", "accuracy"] == 1.0


@pytest.mark.parametrize("name", ["questions_zh", "queries_zh", "titles_zh"])
def test_shipped_settings_name_the_labels_of_the_corpora(name: str) -> None:
    config = config_of(name)
    TrainingSettings(**config["training"])
    assert config["command"] in NAMES
    assert len(config["shown"]) == len(config["labels"])
    for corpus in config["corpora"]:
        assert set(corpus_row(corpus)["classes"].values()) == set(config["labels"])
        assert corpus in config["aside"]


def query(part: str, n: int = 0) -> str:
    """The `n`-th of the made-up queries that fall into this part."""
    return [text for k in range(300) if part_of(text := f"第{k}种药怎么吃") == part][n]


def test_no_text_of_a_training_pair_is_reported_or_tuned_on_or_a_leak(tmp_path: Path) -> None:
    """Of the training pairs one leaks, one holds a reported text and one a tuning text: one is left."""
    reported, tuned = query("report"), query("tune")
    pairs = [
        (reported, "甲怎么办"),
        (tuned, "乙怎么办"),
        (query("train"), "丙怎么办"),
        (query("train", 1), "甲怎么办"),
        (query("train", 2), "乙怎么办！"),
        (query("train", 3), LEAKED),
    ]
    rows = [{"id": str(n), "text1": a, "text2": b, "label": "1"} for n, (a, b) in enumerate(pairs)]
    (tmp_path / "CHIP-STS_train.json").write_text(json.dumps(rows), encoding="utf-8")
    hashes = "".join(f"cmeee\t{digest}\n" for digest in segment_hashes(LEAKED))
    (tmp_path / "test_fingerprints.tsv.xz").write_bytes(lzma.compress(hashes.encode()))
    parts = parts_of("chip_sts", tmp_path, reported_texts(["chip_sts"], tmp_path))
    assert [example.request.text for example in parts.train] == [query("train")]
    assert [example.request.text for example in parts.tune] == [tuned]
    assert [example.request.text for example in parts.report] == [reported]
    assert parts.counts == {
        "pairs": 6, "in_a_test_set": 1, "in_a_reported_part": 1, "in_a_tuning_part": 1, "train": 1, "tune": 1,
        "reported": 1,
    }  # fmt: skip
