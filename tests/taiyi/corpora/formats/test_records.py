"""Plain records: whatever the file's form, a record becomes one example of its row's task."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taiyi.corpora.formats.records import iter_records, read
from taiyi.document import Label, Section
from taiyi.errors import FormatError


def _row(**more: Any) -> dict[str, Any]:
    return {"name": "made", "lang": "zh", "fields": {}} | more


@pytest.mark.parametrize(
    ("kind", "text", "columns"),
    [
        ("json", '[{"a": "头痛", "b": "1"}, {"a": "x,y", "b": "0"}]', None),
        ("jsonl", '\ufeff{"a": "头痛", "b": "1"}\n\n{"a": "x,y", "b": "0"}\n', None),
        ("tsv", "a\tb\n头痛\t1\nx,y\t0\n", None),
        ("tsv", "头痛\t1\nx,y\t0\n", ["a", "b"]),
        ("csv", 'a,b\n头痛,1\n"x,y",0\n', None),
        ("by_id", '{"1": {"a": "头痛", "b": "1"}, "2": {"a": "x,y", "b": "0"}}', None),
    ],
)
def test_every_form_gives_the_same_records(kind: str, text: str, columns: list[str] | None) -> None:
    records = list(iter_records(text, _row(records=kind, columns=columns)))
    assert [(record["a"], record["b"]) for record in records] == [("头痛", "1"), ("x,y", "0")]


def test_a_quotation_mark_in_a_tsv_stays_what_it_is() -> None:
    assert list(iter_records('a\tb\n"头\t痛"\n', _row(records="tsv"))) == [{"a": '"头', "b": '痛"'}]


def test_a_kind_that_is_not_known_is_named() -> None:
    with pytest.raises(FormatError, match="yaml"):
        list(iter_records("", _row(records="yaml")))


def test_a_pair_has_both_texts_and_our_name_of_its_label() -> None:
    row = _row(records="tsv", columns=["l", "x", "y"], task="similarity", classes={"1": "语义相同", "0": "语义不相同"})
    row["fields"] = {"text": "x", "text_b": "y", "label": "l"}
    (example,) = read("1\t头痛吃什么\t头疼用什么药\n2\t无\t此类\n", row)
    assert (example.request.text, example.request.text_b) == ("头痛吃什么", "头疼用什么药")
    assert example.request.labels == ("语义相同", "语义不相同")
    assert example.gold.labels == (Label("语义相同"),)


def test_options_in_one_string_become_options() -> None:
    record = {"q": "何者为真？", "o": "(A) 血压(收缩压)高.\n(B) 1.5 倍.\n(C) 无.", "a": "(B)"}
    row = _row(records="jsonl", task="choose", fields={"question": "q", "options": "o", "answer": "a"})
    (example,) = read(json.dumps(record), row)
    assert example.request.options == ("血压(收缩压)高", "1.5 倍", "无")
    assert example.gold.labels == (Label("B"),)


def test_a_dialogue_ends_with_an_answer_and_what_came_before_is_history() -> None:
    turns = [("user", "头痛"), ("assistant", "多久了？"), ("user", "两天"), ("assistant", "多休息。"), ("user", "谢谢")]
    record = {"messages": [{"role": role, "content": said} for role, said in turns]}
    (example,) = read(json.dumps(record), _row(records="jsonl", task="chat"))
    assert example.request.text == "两天"
    assert [message.content for message in example.request.history] == ["头痛", "多久了？"]
    assert example.gold.answer == "多休息。"


def test_a_dialogue_without_an_answer_is_left_out() -> None:
    record = {"messages": [{"role": "user", "content": "在吗"}]}
    assert list(read(json.dumps(record), _row(records="jsonl", task="chat"))) == []


def test_a_report_is_read_in_its_sections() -> None:
    record = {
        "input": "请写报告。\n对话：\n患者：咳嗽。\n医生：几天？\n完",
        "target": "报告如下：\n主诉：咳嗽。\n建议：多饮水。",
    }
    row = _row(
        records="jsonl", task="report", dialogue="对话：\\n(.+)\\n完", fields={"text": "input", "answer": "target"}
    )
    (example,) = read(json.dumps(record), row)
    assert example.request.text == "患者：咳嗽。\n医生：几天？"
    assert example.gold.sections == (Section("主诉", "咳嗽。"), Section("建议", "多饮水。"))


def test_a_translation_says_which_language_its_text_is_in() -> None:
    row = _row(records="jsonl", task="translate", text_lang="en", fields={"text": "en", "answer": "zh"})
    (example,) = read('{"en": "fever", "zh": "发热"}', row)
    assert (example.request.text, example.request.text_lang, example.gold.answer) == ("fever", "en", "发热")
