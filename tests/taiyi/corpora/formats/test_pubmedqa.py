"""PubMedQA: yes, no or maybe about the contexts, in either division of the files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import read_corpus
from taiyi.errors import FormatError
from taiyi.tasks import TASKS

Put = Callable[..., Path]


def question(decision: str, **more: Any) -> dict[str, Any]:
    contexts = ["Twenty people drank tea.", "Half of them slept."]
    row = {"QUESTION": "Does tea help sleep?", "CONTEXTS": contexts, "LONG_ANSWER": "Tea is of no use."}
    return row | {"LABELS": ["METHODS", "RESULTS"], "final_decision": decision} | more


ALL = {"71": question("yes"), "72": question("no"), "73": question("maybe")}


def test_the_answer_is_a_letter_of_yes_no_and_maybe_and_the_conclusion_is_not_shown(put: Put) -> None:
    folder = put("ori_pqal_test500.json", ALL)
    examples = list(read_corpus("pubmedqa", "test", folder))
    assert [(e.id, e.gold.labels[0].name) for e in examples] == [("71", "A"), ("72", "B"), ("73", "C")]
    request = examples[0].request
    assert (request.question, request.options) == ("Does tea help sleep?", ("yes", "no", "maybe"))
    assert request.text == "Twenty people drank tea.\nHalf of them slept."
    assert "no use" not in str(TASKS["choose"].prompt(request))


def test_the_list_of_the_test_part_divides_all_questions(put: Put) -> None:
    put("data/ori_pqal.json", ALL)
    folder = put("data/test_ground_truth.json", {"72": "no"})
    assert [e.id for e in read_corpus("pubmedqa", "test", folder)] == ["72"]
    assert [e.id for e in read_corpus("pubmedqa", "train", folder)] == ["71", "73"]


def test_a_reply_of_yes_no_or_maybe_is_an_answer(put: Put) -> None:
    (example,) = read_corpus("pubmedqa", "test", put("ori_pqal_test500.json", {"72": question("no")}))
    for reply in ("no", "B", "Answer: B", "No."):
        assert TASKS["choose"].parse(reply, example.request).document.labels == example.gold.labels


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ({"72": "yes"}, r"ori_pqal\.json, record 72: the answer is 'no', but the list of the test part says 'yes'"),
        ({"72": "no", "99": "no"}, r"test_ground_truth\.json, .*1 PMIDs are not in .*ori_pqal\.json \(99\)"),
        ({"72": "never"}, r"test_ground_truth\.json, record 72: the label 'never' is not known"),
        ('{"72": "no",', r"test_ground_truth\.json:1: this is no JSON"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(put: Put, truth: dict[str, str] | str, said: str) -> None:
    put("ori_pqal.json", ALL)
    with pytest.raises(FormatError, match=said):
        list(read_corpus("pubmedqa", "test", put("test_ground_truth.json", truth)))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (question("perhaps"), "the label 'perhaps' is not known; known are yes, no, maybe"),
        ({"QUESTION": "Does it?", "CONTEXTS": []}, "the record has no 'final_decision'"),
        ("yes", "the record has not the shape"),
    ],
)
def test_a_corrupt_record_is_named_by_its_pmid(put: Put, record: object, said: str) -> None:
    with pytest.raises(FormatError, match=r"ori_pqal_test500\.json, record 74: ") as raised:
        list(read_corpus("pubmedqa", "test", put("ori_pqal_test500.json", {**ALL, "74": record})))
    assert said in str(raised.value)


def test_a_list_where_an_object_is_due_is_refused(put: Put) -> None:
    with pytest.raises(FormatError, match="no JSON object"):
        list(read_corpus("pubmedqa", "test", put("ori_pqal_test500.json", json.dumps(["yes"]))))


@pytest.mark.data
def test_the_training_half_has_its_answers(data_dir: Path) -> None:
    """The README of the corpora: 276 yes, 169 no, 55 maybe."""
    examples = list(read_corpus("pubmedqa", "train", data_dir))
    assert Counter(example.gold.labels[0].name for example in examples) == {"A": 276, "B": 169, "C": 55}
