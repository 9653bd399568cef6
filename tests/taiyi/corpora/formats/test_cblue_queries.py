"""KUAKE-QIC: a class a query, under the record's id."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from taiyi.corpora import read_corpus
from taiyi.document import Label
from taiyi.errors import FormatError

Put = Callable[..., Path]


def test_a_query_keeps_its_id_and_class(put: Put) -> None:
    rows = [{"id": "s7", "query": "感冒了挂哪个科", "label": "就医建议"}]
    (example,) = read_corpus("kuake_qic", "dev", put("KUAKE-QIC_dev.json", rows))
    assert (example.id, example.request.document_id, example.gold.id) == ("s7", "s7", "s7")
    assert example.gold.labels == (Label("就医建议"),)
    assert len(example.request.labels) == 11


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"id": "s1", "query": "头痛", "label": "闲聊"}, "the label '闲聊' is not known; known are 病情诊断"),
        ({"id": "s1", "query": "头痛"}, "the record has no 'label'"),
        ({"query": "头痛", "label": "其他"}, "the record has no 'id'"),
    ],
)
def test_a_corrupt_record_is_named(put: Put, record: object, said: str) -> None:
    with pytest.raises(FormatError, match=r"KUAKE-QIC_dev\.json, record 0") as raised:
        list(read_corpus("kuake_qic", "dev", put("KUAKE-QIC_dev.json", [record])))
    assert said in str(raised.value)


def test_an_id_that_comes_twice_is_refused(put: Put) -> None:
    row = {"id": "s1", "query": "头痛怎么办", "label": "治疗方案"}
    with pytest.raises(FormatError, match="the id s1 comes twice"):
        list(read_corpus("kuake_qic", "dev", put("KUAKE-QIC_dev.json", [row, row])))
