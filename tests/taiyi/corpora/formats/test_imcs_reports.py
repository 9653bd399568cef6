"""IMCS: a dialogue with the first of its reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import read_corpus
from taiyi.document import Section
from taiyi.errors import FormatError

Put = Callable[..., Path]

DIALOGUE: dict[str, Any] = {
    "diagnosis": "小儿感冒",
    "self-report": "孩子咳嗽两天。",
    "dialogue": [
        {"sentence_id": "1", "speaker": "医生", "sentence": "有痰吗？"},
        {"sentence_id": "2", "speaker": "患者", "sentence": "没有。"},
    ],
    "report": [{"主诉": "咳嗽两天。", "建议": "多饮水。 "}, {"主诉": "咳嗽。", "建议": "休息。"}],
}


@pytest.mark.parametrize("file", ["IMCS-V2-MRG_dev.json", "dataset/dev.json"])
def test_the_text_is_the_whole_dialogue_and_the_answer_the_first_report(put: Put, file: str) -> None:
    (example,) = read_corpus("imcs_mrg", "dev", put(file, {"10001": DIALOGUE}))
    assert example.id == "10001"
    assert example.request.text == "患者：孩子咳嗽两天。\n医生：有痰吗？\n患者：没有。"
    assert example.gold.sections == (Section("主诉", "咳嗽两天。"), Section("建议", "多饮水。"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"report": []}, "the record has not the shape"),
        ({"dialogue": [{"speaker": "医生"}]}, "the record has no 'sentence'"),
        ({"self-report": None}, "'self-report' is no string but None"),
    ],
)
def test_a_corrupt_dialogue_is_named(put: Put, change: dict[str, Any], said: str) -> None:
    folder = put("IMCS-V2-MRG_dev.json", {"10001": DIALOGUE, "10002": DIALOGUE | change})
    with pytest.raises(FormatError, match=r"IMCS-V2-MRG_dev\.json, record 10002: ") as raised:
        list(read_corpus("imcs_mrg", "dev", folder))
    assert said in str(raised.value)
