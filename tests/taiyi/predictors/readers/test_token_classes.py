"""A network over tokens with a model over n-grams beside it, on random weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import save_file

from taiyi.errors import ModelError
from taiyi.predictors.base import answer
from taiyi.predictors.readers.class_ngrams import NgramModel
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.readers.token_classes import MAX_TOKENS, weighted
from taiyi.predictors.specialist import SpecialistPredictor, load_specialists
from taiyi.tasks.request import make_request

N_ROWS = 512
LABELS = ["Treatment", "Cause", "Other"]


@pytest.fixture
def folder(specialists_dir: Path) -> Path:
    """The model over n-grams alone counts; `zinc` speaks for the first of its classes, nothing for the others."""
    folder = specialists_dir / "several"
    card = yaml.safe_load((folder / "taiyi.yaml").read_text(encoding="utf-8"))
    card["settings"] |= {"ngrams": {"rows": N_ROWS, "weights": [0.0, 1.0]}, "temperature": 1.0, "threshold": 0.5}
    (folder / "taiyi.yaml").write_text(yaml.safe_dump(card, allow_unicode=True, sort_keys=False), encoding="utf-8")
    model = NgramModel(N_ROWS, 3)
    with torch.no_grad():
        model.bias.fill_(-1.0)
        model.weights.weight[rows_of(["word zinc"], N_ROWS)[0], list(card["labels"]).index("治疗")] = 100.0
    save_file({name: value.half() for name, value in model.state_dict().items()}, folder / "ngrams.safetensors")
    return folder


def specialist_in(folder: Path) -> SpecialistPredictor:
    return next(specialist for specialist in load_specialists(folder.parent) if specialist.folder == folder)


def named(folder: Path, text: str) -> list[str]:
    request = make_request("classify", text, labels=LABELS, text_lang="en", multi=True)
    return [label.name for label in answer(specialist_in(folder), request).document.labels]


def test_logits_are_added_by_their_weights() -> None:
    """.5 * 2 + 2 * 1 and .5 * -4 + 2 * 3."""
    both = weighted(torch.tensor([[2.0, -4.0]]), torch.tensor([[1.0, 3.0]]), [0.5, 2.0])
    assert both.tolist() == [[3.0, 4.0]]


@pytest.mark.parametrize("place", [0, MAX_TOKENS + 10])
def test_a_word_counts_wherever_it_stands_in_a_sentence_that_is_read_in_parts(folder: Path, place: int) -> None:
    words = ["tea"] * (2 * MAX_TOKENS)
    assert named(folder, f"First. {' '.join(words)}.") == []
    words[place] = "zinc"
    assert named(folder, f"First. {' '.join(words)}.") == ["Treatment"]


@pytest.mark.parametrize("text", ["", "\x00", "。"])
def test_a_text_without_words_has_no_class(folder: Path, text: str) -> None:
    assert named(folder, f"{text} 1") == []


def test_a_model_of_other_sizes_beside_the_network_is_said_in_one_sentence(folder: Path) -> None:
    save_file(NgramModel(N_ROWS, 2).half().state_dict(), folder / "ngrams.safetensors")
    with pytest.raises(ModelError, match=r"ngrams\.safetensors does not fit the card") as raised:
        named(folder, "Zinc.")
    assert raised.value.code == "specialist_not_loaded"
