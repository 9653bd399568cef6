"""The reader with the bundled weights: whatever they say, these hold."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taiyi.card import read_card
from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.errors import ModelError
from taiyi.labels import concept_of
from taiyi.predictors.base import answer
from taiyi.predictors.readers.nested_spans import (
    NETWORK_FILE,
    Calibration,
    NestedSpanReader,
    load,
    without_crossings,
)
from taiyi.predictors.specialist import SpecialistPredictor
from taiyi.tasks.base import Request

FOLDER = BUNDLED_SPECIALISTS / "entities-zh"
SAMPLES = (
    "患者因急性阑尾炎入院，行腹腔镜阑尾切除术，术后给予头孢曲松抗感染治疗。",
    "ＣＯＸ－２抑制剂与İL-2合用，𠮷先生出现🙂头痛和1,2-二氯乙烷中毒。",
    "\ufeff发热\r\n咳嗽\x00\u200f腹泻",
)


@pytest.fixture(scope="module")
def reader() -> NestedSpanReader:
    return load(FOLDER, read_card(FOLDER))


@pytest.fixture(scope="module")
def labels(reader: NestedSpanReader) -> tuple[str, ...]:
    return reader.network.labels


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=150) | st.text(alphabet="肝癌患者发热。，\nab1 🙂", max_size=300))
def test_any_text_is_read_and_every_place_stands_in_it(
    reader: NestedSpanReader, labels: tuple[str, ...], text: str
) -> None:
    for start, end, label, score in reader.entities(text, labels):
        assert 0 <= start < end <= len(text)
        assert label in labels
        assert 0 <= score <= 1
        assert text[start:end].strip()


@pytest.mark.parametrize("text", ["", " ", "。", "\n\n", "🙂", "𠮷"])
def test_a_text_of_nothing_or_one_character_is_read(
    reader: NestedSpanReader, labels: tuple[str, ...], text: str
) -> None:
    assert all(row[:2] == (0, 1) for row in reader.entities(text, labels))


def test_five_thousand_characters_without_a_sentence_end_are_read(
    reader: NestedSpanReader, labels: tuple[str, ...]
) -> None:
    text = ("急性阑尾炎伴发热和腹痛" * 455)[:5000]
    found = reader.entities(text, labels)
    assert found
    assert max(end for _, end, _, _ in found) > 4900


def test_only_labels_that_were_asked_for_are_returned(reader: NestedSpanReader, labels: tuple[str, ...]) -> None:
    for text in SAMPLES:
        assert {row[2] for row in reader.entities(text, labels[:2])} <= set(labels[:2])


def test_mentions_nest_but_never_cross(reader: NestedSpanReader, labels: tuple[str, ...]) -> None:
    for text in SAMPLES:
        rows = reader.entities(text, labels)
        assert not any(a[0] < b[0] < a[1] < b[1] for a in rows for b in rows)


def test_of_two_crossing_mentions_the_likelier_stays_with_what_lies_inside_it() -> None:
    rows = [(0, 3, "甲", 0.6), (2, 5, "乙", 0.9), (3, 4, "甲", 0.5), (5, 6, "甲", 0.4)]
    assert without_crossings(rows) == [rows[1], rows[2], rows[3]]


def test_threads_that_share_a_reader_get_what_each_would_get_alone(
    reader: NestedSpanReader, labels: tuple[str, ...]
) -> None:
    texts = SAMPLES * 4
    alone = [reader.entities(text, labels) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: reader.entities(text, labels), texts)) == alone


def test_full_width_text_is_read_as_its_plain_form(reader: NestedSpanReader, labels: tuple[str, ...]) -> None:
    plain, wide = "口服ACEI类药物10mg降压", "口服ＡＣＥＩ类药物１０ｍｇ降压"
    assert reader.entities(plain, labels) == reader.entities(wide, labels)


def test_a_threshold_lies_at_its_logit() -> None:
    calibration = Calibration(scale=1.5, shift=-0.3, threshold=0.2)
    assert calibration.probability(calibration.least_logit) == pytest.approx(0.2)
    assert Calibration().probability(1000.0) == pytest.approx(1.0)


def test_every_label_of_the_card_is_a_concept_and_has_a_score() -> None:
    card = read_card(FOLDER)
    assert all(concept_of(concept) is not None for concept in card.labels.values())
    assert set(card.settings["labels"]) == set(card.labels)
    assert card.scores


def test_the_files_are_small_enough_to_ship() -> None:
    assert all(path.stat().st_size < 10_000_000 for path in FOLDER.iterdir() if path.is_file())


def test_a_request_in_chinese_labels_comes_back_in_them() -> None:
    predictor = SpecialistPredictor(FOLDER, read_card(FOLDER))
    request = Request("entities", SAMPLES[0], "zh", "zh", ("疾病", "药物"))
    assert predictor.supports(request)
    assert {entity.label for entity in answer(predictor, request).document.entities} <= {"疾病", "药物"}


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_damaged_weights_are_an_error_that_names_the_folder(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(FOLDER, folder)
    weights = folder / NETWORK_FILE
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    else:
        weights.unlink()
    predictor = SpecialistPredictor(folder, read_card(folder))
    with pytest.raises(ModelError, match="damaged"):
        answer(predictor, Request("entities", SAMPLES[0], "zh", "zh", ("疾病",)))


def test_characters_are_encoded_alike_alone_and_beside_a_longer_text(reader: NestedSpanReader) -> None:
    short, long = reader.encoded(["肝癌。", "患者发热、咳嗽三天。"])
    assert (short.shape, long.shape) == ((3, reader.network.config.width), (10, reader.network.config.width))
    (alone,) = reader.encoded(["肝癌。"])
    torch.testing.assert_close(short, alone, atol=1e-5, rtol=1e-4)
    with pytest.raises(ValueError, match="no characters"):
        reader.encoded(["肝癌。", ""])
