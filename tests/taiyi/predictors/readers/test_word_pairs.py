"""What two questions share, and the reader with weights made by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import save_file

from taiyi.card import read_card
from taiyi.errors import ModelError
from taiyi.predictors.base import answer
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.readers.word_pairs import (
    MAX_CHARS,
    N_SHARES,
    WordPairs,
    features_of,
    rarity_in,
    shares_of,
    words_of,
)
from taiyi.predictors.specialist import SpecialistPredictor
from taiyi.tasks.request import make_request

ONE, OTHER = "Is zinc safe at 12 weeks?", "At 12 weeks, is iron safe?"
N_ROWS = 4096


def test_what_both_have_and_what_only_one_has_is_told_whichever_comes_first() -> None:
    features = features_of(words_of(ONE), words_of(OTHER))
    assert {"both safe", "both 12 weeks", "only zinc", "only iron", "begin 0", "end 1", "numbers True False"} <= set(
        features
    )
    assert features == features_of(words_of(OTHER), words_of(ONE))
    assert len(set(features)) == len(features)


def test_shares_of_equal_texts_are_whole_and_of_different_ones_nothing() -> None:
    """Every word has the rarity 2; `zinc?` has 2 words."""
    same = shares_of(words_of("zinc?"), words_of("Zinc?"), lambda word: 2.0)
    assert same == [1, 1, 1, 1, 1, 0, 2 / 30, 2 / 30, 0, 2]
    apart = shares_of(words_of("iron"), words_of("gold dust"), lambda word: 2.0)
    assert apart == [0, 0, 0, 0, 0, math.log(2 / 3), 1 / 30, 2 / 30, 2, 0]
    assert len(apart) == N_SHARES


@pytest.mark.parametrize(("one", "other"), [("", ""), ("", "zinc"), ("锌安全吗", "zinc"), ("\x00 😀", "\ud800")])
def test_any_two_texts_have_shares(one: str, other: str) -> None:
    assert all(map(math.isfinite, shares_of(words_of(one), words_of(other), rarity_in(np.zeros(8, np.float32)))))


def arrays() -> dict[str, Any]:
    """A word that only one text has weighs 1 against it for `zinc` and `iron`; the bias is 1."""
    weights = np.zeros(N_ROWS, np.float32)
    weights[rows_of(["only zinc", "only iron"], N_ROWS)] = -1
    shares = {name: np.zeros(N_SHARES, np.float32) for name in ("mean", "share_weights")}
    spread = np.ones(N_SHARES, np.float32)
    rarity = np.ones(N_ROWS, np.float16)
    return {"rarity": rarity, "spread": spread, "weights": weights, "bias": np.ones(1, np.float32), **shares}


def test_the_probability_is_that_of_the_log_odds_under_the_temperature() -> None:
    """1 - 1 - 1 over a temperature of 2."""
    reader = WordPairs(arrays(), ("similar", "dissimilar"), 2.0)
    assert dict(reader.compare(ONE, OTHER, ("similar", "dissimilar"))) == pytest.approx(
        {"dissimilar": 1 / (1 + math.exp(-0.5)), "similar": 1 / (1 + math.exp(0.5))}
    )
    assert reader.compare(ONE, OTHER, ("similar",)) == [("similar", pytest.approx(1 / (1 + math.exp(0.5))))]


def write(folder: Path, saved: dict[str, Any]) -> SpecialistPredictor:
    folder.mkdir()
    save_file(saved, folder / "pairs.safetensors")
    labels = {"similar": {"en": "similar", "zh": "相同"}, "dissimilar": {"en": "dissimilar", "zh": "不同"}}
    card = {"kind": "word_pairs", "task": "similarity", "lang": "en", "labels": labels, "settings": {"temperature": 1}}
    (folder / "taiyi.yaml").write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")
    return SpecialistPredictor(folder, read_card(folder))


def request(text: str, other: str) -> Any:
    return make_request("similarity", text, text_b=other, labels=["相同", "不同"], lang="zh", text_lang="en")


def test_a_folder_answers_in_the_words_it_was_asked_in_and_says_what_it_cut(tmp_path: Path) -> None:
    predictor = write(tmp_path / "questions", arrays())
    assert [label.name for label in answer(predictor, request(ONE, OTHER)).document.labels] == ["不同"]
    result = answer(predictor, request(ONE, ONE + "so " * MAX_CHARS + "iron"))
    assert [label.name for label in result.document.labels] == ["相同"]
    assert [issue.kind for issue in result.issues] == ["cut_input"]


def test_pairs_in_another_language_are_not_its_own(tmp_path: Path) -> None:
    asked = make_request("similarity", "锌安全吗", text_b="铁安全吗", labels=["相同"], lang="zh", text_lang="zh")
    assert not write(tmp_path / "questions", arrays()).supports(asked)


def test_weights_of_another_form_and_damaged_ones_are_said(tmp_path: Path) -> None:
    saved = arrays()
    del saved["mean"]
    with pytest.raises(ModelError, match="does not fit the card or this version"):
        answer(write(tmp_path / "other", saved), request(ONE, OTHER))
    predictor = write(tmp_path / "damaged", arrays())
    (tmp_path / "damaged" / "pairs.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"pairs\.safetensors can't be read"):
        answer(predictor, request(ONE, OTHER))
