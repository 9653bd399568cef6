"""The recipe for pairs of English questions on made-up ones: weights, calibration and the card."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import yaml

from finetune.specialists.__main__ import NAMES
from finetune.specialists.chinese_pairs import Parts
from finetune.specialists.english_pairs import CONFIG_FILE, finish, fitted_weights, rarities
from taiyi.card import read_card
from taiyi.corpora import corpus_row
from taiyi.document import Document, Label
from taiyi.predictors.base import answer
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.specialist import load_specialists
from taiyi.tasks.base import Example
from taiyi.tasks.request import Request, make_request

CONFIG = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8")) | {"rows": 4096, "penalty": 1.0}
PAINS = ("head", "knee", "ear", "foot")


def pair(one: str, other: str) -> Example:
    """Questions on a pain; similar where it is the same."""
    text, text_b = f"Why does my {one} hurt?", f"What makes my {other} hurt?"
    label = Label("similar" if one == other else "dissimilar")
    return Example("1", Request("similarity", text, text_b=text_b), Document("1", "en", text, labels=(label,)))


PAIRS = [pair(*row) for row in product(PAINS, PAINS)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("specialists") / "questions-en"
    parts = Parts(tuple(PAIRS), tuple(PAIRS), tuple(PAIRS), {"pairs": len(PAIRS)})
    finish(fitted_weights(PAIRS, CONFIG), parts, CONFIG, 1, folder)
    return folder


def test_a_word_is_the_rarer_the_fewer_texts_have_it() -> None:
    """Of 32 texts all have `hurt`, 8 have `ear`."""
    table = rarities(PAIRS, 4096)
    hurt, ear = rows_of(["hurt", "ear"], 4096)
    assert table[hurt] == 0
    assert table[ear] == pytest.approx(np.log(32 / 9))


@pytest.mark.parametrize(("one", "other", "label"), [("ear", "ear", "similar"), ("ear", "foot", "dissimilar")])
def test_what_was_learnt_is_told_by_the_app(folder: Path, one: str, other: str, label: str) -> None:
    (specialist,) = load_specialists(folder.parent)
    asked = pair(one, other).request
    request = make_request("similarity", asked.text, text_b=asked.text_b, labels=CONFIG["labels"], lang="en")
    assert [found.name for found in answer(specialist, request).document.labels] == [label]


def test_the_card_has_the_accuracy_with_its_interval(folder: Path) -> None:
    (row,) = [score for score in read_card(folder).scores if score.metric == "accuracy"]
    assert (row.value, row.low, row.high, row.n) == (1, 1, 1, 16)


def test_shipped_settings_name_the_labels_of_the_corpus() -> None:
    assert set(corpus_row(CONFIG["corpus"])["classes"].values()) == set(CONFIG["labels"]) == set(CONFIG["shown"])
    assert CONFIG["command"] in NAMES
