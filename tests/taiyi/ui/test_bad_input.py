"""What the page says where a specialist can't do what is asked: a sentence in the reader's language, nothing lost."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from taiyi.assistant import Assistant, Choice
from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.engine.scripted import ScriptedEngine
from taiyi.predictors.specialist import load_specialists
from taiyi.tasks.request import make_request
from taiyi.ui.running import Asked, View, views

ENGLISH = "The patient took lithium and developed a tremor"  # without a sentence's end


def last_view(
    folder: Path, text: str, labels: Sequence[str], *, choice: Choice = "auto", lang: str = "zh", scheme: str = ""
) -> View:
    """What stands on the page in the end, with the specialists of a folder and a model that finds nothing."""
    assistant = Assistant(ScriptedEngine(["Organ: none"]), load_specialists(folder))
    asked = Asked(make_request("entities", text, labels=labels, scheme=scheme), choice)
    *_, last = views(assistant, lambda: asked, lang, threading.Event())
    return last


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """The folder of a specialist whose card is whole and whose weights are cut off."""
    shutil.copytree(BUNDLED_SPECIALISTS / "entities-en", tmp_path / "entities-en")
    weights = tmp_path / "entities-en" / "network.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    return tmp_path


def test_a_type_nobody_was_trained_for_goes_to_the_language_model_and_the_status_says_so() -> None:
    last = last_view(BUNDLED_SPECIALISTS, ENGLISH, ["Chemical", "Plant"], lang="en")
    assert last.outcome is not None
    assert "(Chemical)" in last.status and "scripted (Plant)" in last.status


def test_a_specialist_asked_for_a_text_in_another_language_says_what_to_do() -> None:
    last = last_view(BUNDLED_SPECIALISTS, ENGLISH, ["医疗程序"], choice="specialist")
    assert last.failed and "没有专用模型认识" in last.status and "医疗程序" in last.status


def test_a_text_without_any_sentence_end_is_read() -> None:
    for text in (ENGLISH, "患者服用锂剂后出现震颤"):
        last = last_view(BUNDLED_SPECIALISTS, text, ["Disease"], choice="specialist")
        assert last.outcome is not None and last.outcome.result.document.text == text


def test_damaged_weights_are_said_with_their_folder(damaged: Path) -> None:
    last = last_view(damaged, ENGLISH, ["Disease"])
    assert last.failed
    assert "无法加载文件夹“entities-en”中的专用模型" in last.status


def test_a_card_of_a_newer_version_is_said(damaged: Path) -> None:
    card = damaged / "entities-en" / "taiyi.yaml"
    card.write_text(card.read_text(encoding="utf-8").replace("token_tagger", "thought_reader"), encoding="utf-8")
    last = last_view(damaged, ENGLISH, ["Disease"], lang="en")
    assert last.failed and "thought_reader" in last.status and "Update the app" in last.status


def test_a_scheme_that_lacks_the_types_is_said_with_those_that_have_them() -> None:
    last = last_view(BUNDLED_SPECIALISTS, ENGLISH, ["Gene"], scheme="ncbi_disease")
    assert last.failed and "biored" in last.status
