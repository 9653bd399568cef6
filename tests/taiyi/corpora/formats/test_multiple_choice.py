"""MedQA in its forms; namesakes are told apart by language and number of options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import read_corpus
from taiyi.errors import FormatError

Put = Callable[..., Path]


def row(question: str, options: list[str], answer: int, **more: Any) -> dict[str, Any]:
    """A record as MedQA writes it, with its keys in MedQA's order."""
    lettered = dict(zip("ABCDE", options, strict=False))
    return {
        "question": question,
        "answer": options[answer],
        "options": lettered,
        "meta_info": "step1",
        "answer_idx": "ABCDE"[answer],
    } | more


US = "A 30-year-old man has had a cough for two days. Which drug is best?"
FOUR = ["Rest", "Tea, hot", "Honey", "Sleep"]
CHINESE = row("男，30岁。咳嗽2天，宜选用的药物是", ["蜂蜜", "热茶", "睡眠", "休息"], 2)


def test_four_options_are_lettered_and_ids_are_positions(put: Put) -> None:
    rows = [row(US, FOUR, 2, metamap_phrases=["cough"]), row(US, FOUR, 0, metamap_phrases=[])]
    folder = put("US/4_options/phrases_no_exclude_test.jsonl", rows, lines=True)
    first, second = read_corpus("medqa_us", "test", folder)
    assert (first.id, first.gold.labels[0].name, second.id, second.gold.labels[0].name) == ("0", "C", "1", "A")
    assert first.request.options == ("Rest", "Tea, hot", "Honey", "Sleep")
    assert (first.request.text, first.request.question) == (US, "")


def test_namesakes_are_told_apart_by_language_and_number_of_options(put: Put) -> None:
    put("a/test.jsonl", [row(US, [*FOUR, "Soup"], 4)], lines=True)
    put("b/b/test.jsonl", [CHINESE], lines=True)
    put("b/b/b/test.jsonl", [row(CHINESE["question"], ["一", "二", "三", "四", "五"], 1)], lines=True)
    put("c/test.jsonl", [{"dialogue": "您好", "label": "O"}], lines=True)
    folder = put("d/d/d/d/test.jsonl", [row(US, FOUR, 3)], lines=True)
    for name, letter, n_options in (("medqa_us", "D", 4), ("medqa_us_5", "E", 5), ("medqa_mcmle", "C", 4)):
        (example,) = read_corpus(name, "test", folder)
        assert (example.gold.labels[0].name, len(example.request.options)) == (letter, n_options)


def test_the_form_of_apollo_with_its_misspelt_key_is_read(put: Put) -> None:
    options = "(A) 蜂蜜.\n(B) 热茶，或者\n姜汤.\n(C) 睡眠.\n(D) 1.5 g."
    rows = [{"question": "咳嗽宜选用", "options": options, "anwer": "(B)"}]
    (example,) = read_corpus("medqa_mcmle", "test", put("medqa-mcmle.apollo.jsonl", rows, lines=True))
    assert example.request.options == ("蜂蜜", "热茶，或者\n姜汤", "睡眠", "1.5 g")
    assert example.gold.labels[0].name == "B"


def test_a_vignette_that_mediq_cuts_into_sentences_is_one_question(put: Put) -> None:
    cut = row("Which drug is best?", FOUR, 1) | {"id": 0, "context": ["A man coughs.", "He is 30."]}
    (example,) = read_corpus("medqa_us", "dev", put("mediQ_all_dev_good.jsonl", [cut], lines=True))
    assert example.request.text == "A man coughs. He is 30. Which drug is best?"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (row(US, FOUR, 0) | {"answer_idx": "E"}, "the answer 'E' is none of the options A, B, C, D"),
        (row(US, FOUR, 0) | {"answer": "Honey"}, "the answer A is 'Rest', not 'Honey'"),
        (row(US, FOUR, 0) | {"options": {"A": "Rest", "C": "Tea"}}, "are due, but they are {'A': 'Rest', 'C': 'Tea'}"),
        (row(US, FOUR, 0) | {"options": "Rest or tea"}, "are due, but they are 'Rest or tea'"),
        ({"question": US}, "the record has no 'options'"),
    ],
)
def test_a_corrupt_line_is_named(put: Put, record: object, said: str) -> None:
    folder = put("phrases_no_exclude_test.jsonl", [row(US, FOUR, 0), record], lines=True)
    with pytest.raises(FormatError, match=r"phrases_no_exclude_test\.jsonl:2: ") as raised:
        list(read_corpus("medqa_us", "test", folder))
    assert said in str(raised.value)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "split", "n", "n_options"),
    [("medqa_us", "dev", 1272, 4), ("medqa_us_5", "dev", 1272, 5), ("medqa_us", "train", 1030, 4)],
)
def test_the_real_questions_have_their_number_and_options(
    data_dir: Path, name: str, split: str, n: int, n_options: int
) -> None:
    examples = list(read_corpus(name, split, data_dir))
    assert len(examples) == n
    assert {len(example.request.options) for example in examples} == {n_options}
