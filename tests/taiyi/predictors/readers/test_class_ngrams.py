"""The linear model over n-grams: what it reads of a text, and what is said where its weights are no good."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import save_file

from taiyi.errors import ModelError
from taiyi.predictors.base import answer
from taiyi.predictors.readers.class_ngrams import NgramModel, logits_of, singular, text_rows, word_rows, words_of
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.specialist import SpecialistPredictor, load_specialists
from taiyi.tasks.request import make_request

N_ROWS = 4096
LABELS = ["Treatment", "Diagnosis"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`zinc` speaks for the first topic, `scan` for the second."""
    model = NgramModel(N_ROWS, 2)
    with torch.no_grad():
        model.bias.fill_(-2.0)
        for n, word in enumerate(("zinc", "scan")):
            model.weights.weight[rows_of([f"word {word}"], N_ROWS)[0], n] = 20.0
    folder = tmp_path / "topics"
    folder.mkdir()
    save_file({name: value.half() for name, value in model.state_dict().items()}, folder / "ngrams.safetensors")
    card = {
        "kind": "class_ngrams",
        "task": "classify",
        "lang": "en",
        "labels": {label: {"en": label, "zh": label} for label in LABELS},
        "settings": {"rows": N_ROWS, "pieces": [4, 5], "several": True, "temperature": 1.0, "threshold": 0.5},
    }
    (folder / "taiyi.yaml").write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")
    return folder


@pytest.fixture
def topics(folder: Path) -> SpecialistPredictor:
    return load_specialists(folder.parent)[0]


def test_a_word_counts_once_with_its_pieces_and_in_the_first_sentence_once_more() -> None:
    """`<zinc>` has the pieces <zin zinc inc> and <zinc zinc>; punctuation is none of the words."""
    names = ["word zinc", "piece <zin", "piece zinc", "piece inc>", "piece <zinc", "piece zinc>"]
    assert list(word_rows("zinc", N_ROWS)) == rows_of(names, N_ROWS)
    helped = set(word_rows("helped", N_ROWS))
    expected = helped | set(word_rows("zinc", N_ROWS)) | set(rows_of(["title zinc"], N_ROWS))
    assert set(text_rows("Zinc. ZINC helped.", N_ROWS)) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("patients", "patient"), ("studies", "study"), ("gas", "gas"), ("virus", "virus"), ("illness", "illness")],
)
def test_plurals_are_read_like_their_singulars(word: str, expected: str) -> None:
    assert singular(word) == expected


def test_stop_words_and_punctuation_are_no_words() -> None:
    assert list(words_of("The cases (n = 12) were not of zinc!")) == ["case", "n", "00", "zinc"]


def test_a_model_may_do_without_pieces() -> None:
    assert text_rows("zinc", N_ROWS, ()) == sorted(rows_of(["word zinc", "title zinc"], N_ROWS))


def test_the_logit_is_the_sum_of_the_weights_over_the_root_of_their_number() -> None:
    """`Zn` in lower case has one piece, <zn>, besides the word and the title: 3 rows; 6 / 3 ** .5 - 1."""
    model = NgramModel(N_ROWS, 1)
    with torch.no_grad():
        model.bias.fill_(-1.0)
        model.weights.weight[rows_of(["word zn"], N_ROWS)[0], 0] = 6.0
    alone, beside, empty = logits_of(model, ["Zn", "Iron and zinc were given to many.", ""])[:, 0].tolist()
    assert alone == pytest.approx(6 / 3**0.5 - 1)
    assert beside == empty == -1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Zinc was given", {"Treatment"}), ("Zinc after a scan", {"Treatment", "Diagnosis"}), ("Nothing was done", set())],
)
def test_any_number_of_topics_may_hold(topics: SpecialistPredictor, text: str, expected: set[str]) -> None:
    request = make_request("classify", text, labels=LABELS, text_lang="en", multi=True)
    assert {label.name for label in answer(topics, request).document.labels} == expected


def test_a_text_in_another_language_is_left_to_others(topics: SpecialistPredictor) -> None:
    assert not topics.supports(make_request("classify", "给予锌剂治疗。", labels=LABELS, multi=True))


def test_weights_of_other_sizes_are_said_in_one_sentence(folder: Path, topics: SpecialistPredictor) -> None:
    save_file(NgramModel(N_ROWS, 3).half().state_dict(), folder / "ngrams.safetensors")
    with pytest.raises(ModelError, match=r"ngrams\.safetensors does not fit the card") as raised:
        answer(topics, make_request("classify", "Zinc.", labels=LABELS, text_lang="en", multi=True))
    assert raised.value.code == "specialist_not_loaded"


def test_half_a_file_of_weights_is_said_in_one_sentence(folder: Path, topics: SpecialistPredictor) -> None:
    weights = folder / "ngrams.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"topics could not be loaded: ngrams\.safetensors does not fit the card"):
        answer(topics, make_request("classify", "Zinc.", labels=LABELS, text_lang="en", multi=True))


def test_weights_that_are_missing_are_said_by_name(folder: Path, topics: SpecialistPredictor) -> None:
    (folder / "ngrams.safetensors").unlink()
    with pytest.raises(ModelError, match=r"ngrams\.safetensors"):
        answer(topics, make_request("classify", "Zinc.", labels=LABELS, text_lang="en", multi=True))
