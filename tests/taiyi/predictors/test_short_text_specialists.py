"""The specialists for short Chinese texts, on real readers with random weights: what holds whatever the weights say."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import save_file

from taiyi.errors import ModelError
from taiyi.predictors.base import answer
from taiyi.predictors.readers.char_classes import members_of
from taiyi.predictors.readers.char_pairs import MAX_CHARS
from taiyi.predictors.readers.nested_spans_network import NetworkConfig
from taiyi.predictors.readers.short_texts import Members
from taiyi.predictors.readers.short_texts_network import PairClassifier
from taiyi.predictors.specialist import SpecialistPredictor, load_specialists
from taiyi.tasks.request import make_request

CHARS = list("头痛怎么治发热")
CONFIG = NetworkConfig(3 + len(CHARS), 32, 4, 1, char_width=6, bigram_width=4, width=8, dilations=(1, 2))
HARD = ["😀", "\u200f\u200e", "a\r\n\r\nb", "头痛" * 2000, "İL-2 ＣＯＸ－２ 𠮷", "\x00\x07 a"]


def write(folder: Path, network: torch.nn.Module, card: dict[str, Any]) -> None:
    folder.mkdir()
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    save_file({name: value.half() for name, value in network.state_dict().items()}, folder / "network.safetensors")
    (folder / "chars.txt").write_text("\n".join(CHARS), encoding="utf-8")
    card["settings"] |= {"network": {**asdict(CONFIG), "dilations": [1, 2]}, "members": 2}
    (folder / "taiyi.yaml").write_text(yaml.safe_dump({**card, "lang": "zh"}, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(5)
    classes = {"治疗": {"en": "Treatment", "zh": "治疗"}, "病因": {"en": "Cause", "zh": "病因"}}
    write(
        tmp_path / "classes",
        Members(members_of(CONFIG, 2, 2, 64)),
        {
            "kind": "char_classes",
            "task": "classify",
            "labels": classes,
            "settings": {"temperature": 1.5, "gram_rows": 64},
        },
    )
    english = {"完全": "full", "部分": "partial", "不": "none"}
    write(
        tmp_path / "pairs",
        Members([PairClassifier(CONFIG, 3, 6) for _ in range(2)]),
        {
            "kind": "char_pairs",
            "task": "similarity",
            "labels": {label: {"en": en, "zh": label} for label, en in english.items()},
            "settings": {"temperature": 0.9, "compared_width": 6},
        },
    )
    return tmp_path


@pytest.fixture
def classes(folder: Path) -> SpecialistPredictor:
    return load_specialists(folder)[0]


@pytest.fixture
def pairs(folder: Path) -> SpecialistPredictor:
    return load_specialists(folder)[1]


@pytest.mark.parametrize("text", ["头痛怎么治", *HARD])
def test_one_class_is_named_with_its_probability_in_the_words_asked_for(
    classes: SpecialistPredictor, text: str
) -> None:
    request = make_request("classify", f"{text} 1", labels=["Treatment", "病因"], text_lang="zh")
    assert classes.supports(request)
    (label,) = answer(classes, request).document.labels
    assert label.name in ("Treatment", "病因")
    assert label.score is not None
    assert 0.5 <= label.score <= 1


@pytest.mark.parametrize("text", ["头痛怎么治", *HARD])
def test_one_label_is_named_for_any_two_texts(pairs: SpecialistPredictor, text: str) -> None:
    labels = ["完全", "partial", "不"]
    request = make_request("similarity", f"{text} 1", text_b=f"发热 {text}", labels=labels, text_lang="zh")
    (label,) = answer(pairs, request).document.labels
    assert label.name in labels
    assert label.score is not None
    assert 1 / 3 <= label.score <= 1


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        (["完全", "部分", "不"], True),
        (["full", "不"], True),
        (["完全", "未知"], False),
    ],
)
def test_labels_of_a_pair_are_known_by_any_of_their_names(
    pairs: SpecialistPredictor, labels: list[str], known: bool
) -> None:
    request = make_request("similarity", "头痛怎么治", text_b="发热怎么治", labels=labels)
    assert pairs.supports(request) is known


def test_pairs_in_another_language_are_left_to_others(pairs: SpecialistPredictor) -> None:
    request = make_request("similarity", "A headache.", text_b="Head pain.", labels=["full", "none"])
    assert not pairs.supports(request)


def test_a_reader_is_told_where_only_the_beginning_was_compared(pairs: SpecialistPredictor) -> None:
    for second, kinds in (("头" * MAX_CHARS, []), ("头" * (MAX_CHARS + 1), ["cut_input"])):
        request = make_request("similarity", "头痛", text_b=second, labels=["完全", "不"])
        assert [issue.kind for issue in answer(pairs, request).issues] == kinds


def test_what_comes_after_the_first_part_of_a_long_text_counts_for_its_class(classes: SpecialistPredictor) -> None:
    scores = []
    for tail in ("头痛怎么治", "发热发热发"):
        request = make_request("classify", "头痛" * 200 + tail * 40, labels=["治疗", "病因"])
        scores.append(answer(classes, request).document.labels[0].score)
    assert scores[0] != scores[1]


@pytest.mark.parametrize("name", ["classes", "pairs"])
def test_weights_that_do_not_fit_the_card_are_said_in_one_sentence(folder: Path, name: str) -> None:
    card = folder / name / "taiyi.yaml"
    card.write_text(card.read_text(encoding="utf-8").replace("width: 8", "width: 10"), encoding="utf-8")
    specialist = next(s for s in load_specialists(folder) if s.folder.name == name)
    request = make_request(
        specialist.card.task, "头痛", text_b="发热", labels=list(specialist.card.labels)[:2], text_lang="zh"
    )
    with pytest.raises(ModelError, match=r"network\.safetensors does not fit the card") as raised:
        answer(specialist, request)
    assert raised.value.code == "specialist_not_loaded"
