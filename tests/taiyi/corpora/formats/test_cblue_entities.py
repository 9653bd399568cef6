"""CMeEE: places whose end counts in, checked against the mention."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import read_corpus
from taiyi.errors import FormatError

Put = Callable[..., Path]
TEXT = "\ufeff患者服阿司匹林𠮷后头痛缓解。"


def mention(start: int, end: int, kind: str, surface: str) -> dict[str, Any]:
    return {"start_idx": start, "end_idx": end, "type": kind, "entity": surface}


@pytest.mark.parametrize(("name", "file"), [("cmeee", "CMeEE_dev.json"), ("cmeee_v2", "CMeEE-V2_dev.json")])
def test_codes_become_their_chinese_names_and_ids_are_positions(put: Put, name: str, file: str) -> None:
    """U+FEFF is the first character and 𠮷 one: 阿司匹林 stands at 4-8, 头痛 at 10-12."""
    empty = {"text": "未见异常。", "entities": []}
    found = {"text": TEXT, "entities": [mention(10, 11, "sym", "头痛"), mention(4, 7, "dru", "阿司匹林")]}
    first, second = read_corpus(name, "dev", put(f"deep/{file}", [empty, found]))
    assert (first.id, first.gold.id, second.id, second.request.document_id) == ("0", "0", "1", "1")
    assert [(e.label, e.start, e.end) for e in second.gold.entities] == [("药物", 4, 8), ("临床表现", 10, 12)]
    assert len(second.request.labels) == 9


def test_an_edition_whose_end_does_not_count_in_gives_the_same(put: Put) -> None:
    rows = [{"text": TEXT, "entities": [mention(4, end, "dru", "阿司匹林")]} for end in (7, 8)]
    first, second = read_corpus("cmeee_v2", "dev", put("CMeEE-V2_dev.json", rows))
    assert first.gold.entities == second.gold.entities


def test_the_same_mention_twice_is_one_and_an_empty_one_none(put: Put) -> None:
    twice = [mention(4, 7, "dru", "阿司匹林")] * 2 + [mention(3, 2, "dis", "")]
    (example,) = read_corpus("cmeee", "dev", put("CMeEE_dev.json", [{"text": TEXT, "entities": twice}]))
    assert len(example.gold.entities) == 1


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"text": TEXT, "entities": [mention(5, 8, "dru", "阿司匹林")]}, "record 1: '阿司匹林' does not stand at 5-8"),
        (
            {"text": TEXT, "entities": [mention(4, 40, "dru", "阿司匹林")]},
            "record 1: '阿司匹林' does not stand at 4-40",
        ),
        ({"text": TEXT, "entities": [mention(4, 7, "drug", "阿司匹林")]}, "'drug' is not known; known are dis, sym"),
        ({"text": TEXT}, "the record has no 'entities'"),
        ({"text": 7, "entities": []}, "'text' is no string but 7"),
        ([], "record 1"),
    ],
)
def test_a_corrupt_record_is_named_with_its_file(put: Put, record: object, said: str) -> None:
    folder = put("CMeEE_dev.json", [{"text": TEXT, "entities": []}, record])
    with pytest.raises(FormatError, match=r"CMeEE_dev\.json, record 1") as raised:
        list(read_corpus("cmeee", "dev", folder))
    assert said in str(raised.value)


def test_half_a_file_is_named_with_the_line_where_it_ends(put: Put) -> None:
    folder = put("CMeEE_dev.json", '[\n  {"text": "头痛", "entities": []},\n  {"text": "发')
    with pytest.raises(FormatError, match=r"CMeEE_dev\.json:3: this is no JSON"):
        list(read_corpus("cmeee", "dev", folder))


def test_an_object_where_a_list_is_due_is_refused(put: Put) -> None:
    with pytest.raises(FormatError, match="no JSON list"):
        list(read_corpus("cmeee", "dev", put("CMeEE_dev.json", {"text": TEXT})))
