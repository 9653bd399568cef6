"""Replies read back: labels that were not offered, mentions that are not in the text or not in its order."""

from __future__ import annotations

from typing import Any

import pytest

from finetune.data.checks import Row
from finetune.data.checks.extraction import read_back
from finetune.data.instruction import Instruction
from taiyi.conversation import Message

TEXT = "Aspirin and ibuprofen cause nausea. Ibuprofen and Ｈ2 blockers do not."
TRIPLES = {"text": TEXT, "labels": ["causes"]}


def kinds_of(task: str, reply: str, lang: str = "en", **request: Any) -> list[str]:
    messages = (Message("user", "a prompt"), Message("assistant", reply))
    instruction = Instruction("1", "made", task, lang, 1, None, messages, request)
    return [problem.kind for problem in read_back(Row(messages, instruction))]


@pytest.mark.parametrize(
    ("reply", "kinds"),
    [
        ("Chemical: Aspirin; ibuprofen; H2 blockers\nDisease: nausea", []),
        ("Chemical: ibuprofen; Ibuprofen\nDisease: nausea", []),
        ("Chemical:\nDisease:", []),
        ("Chemical: profen\nDisease:", []),
        ("Chemical: Aspirin; paracetamol\nDisease: nausea", ["absent"]),
        ("Chemical: Aspirin; H2 receptors\nDisease: nausea", ["absent"]),
        ("Chemical: H2 blockers; Aspirin\nDisease: nausea", ["order"]),
        ("Chemical: Aspirin; ibuprofen", ["truncated"]),
        ("Gene: Aspirin\nChemical:\nDisease: nausea", ["label"]),
    ],
)
def test_mentions_stand_in_the_text_and_in_its_order(reply: str, kinds: list[str]) -> None:
    """`profen` is a part of a word of the text: corpora mark such parts. `ibuprofen` may stand before `Ibuprofen`."""
    assert kinds_of("entities", reply, text=TEXT, labels=["Chemical", "Disease"]) == kinds


def test_a_name_whose_line_is_broken_in_the_text_is_in_order() -> None:
    """The second line of the text ends inside 糖尿病; the mention there is written with a space."""
    text = "糖尿病与高血压。血压高的糖尿\n病人。"
    assert kinds_of("entities", "疾病：糖尿病；高血压；糖尿 病", "zh", text=text, labels=["疾病"]) == []
    assert kinds_of("entities", "疾病：高血压；血压高；高血压与", "zh", text=text, labels=["疾病"]) == ["absent"]


@pytest.mark.parametrize(
    ("reply", "kinds"),
    [
        ("(Aspirin, nausea, causes); (ibuprofen, nausea, causes)", []),
        ("(ibuprofen, nausea, causes); (Aspirin, nausea, causes)", ["order"]),
        ("(Aspirin, headache, causes)", ["absent"]),
        ("(Aspirin, nausea, causes); (ibuprofen, nau", ["truncated"]),
        ("(Aspirin, nausea, Causes)", ["spelling"]),
        ("(Aspirin, nausea, cures)", ["label"]),
    ],
)
def test_relations_have_heads_in_order_and_types_that_were_offered(reply: str, kinds: list[str]) -> None:
    assert kinds_of("relations", reply, **TRIPLES) == kinds_of("causality", reply, **TRIPLES) == kinds


@pytest.mark.parametrize(
    ("reply", "kinds"),
    [
        ("ibuprofen; These\nAspirin; ibuprofen", []),
        ("none", []),
        ("nausea; ibuprofen", ["order"]),
        ("Aspirin; ASA", ["absent"]),
        ("Aspirin", ["unread"]),
    ],
)
def test_chains_are_of_two_mentions_or_more_in_the_order_of_the_text(reply: str, kinds: list[str]) -> None:
    assert kinds_of("coreference", reply, text=TEXT.replace("Ibuprofen", "These"), labels=[]) == kinds


@pytest.mark.parametrize(
    ("reply", "kinds"),
    [("Result: yes", []), ("Result: Yes", []), ("Result: perhaps", ["label"]), ("Result:", ["label"])],
)
def test_a_class_is_one_of_those_offered(reply: str, kinds: list[str]) -> None:
    assert kinds_of("classify", reply, text=TEXT, labels=["yes", "no"]) == kinds


@pytest.mark.parametrize(("reply", "kinds"), [("Answer: B", []), ("Answer: C", ["label"]), ("Answer:", ["label"])])
def test_a_letter_has_an_option(reply: str, kinds: list[str]) -> None:
    assert kinds_of("choose", reply, text="Which one?", options=["this", "that"]) == kinds


def test_free_text_has_no_form_to_be_read_back() -> None:
    assert kinds_of("question", "Anything (at all", text="Why?") == []
    assert list(read_back(Row((Message("user", "Why?"), Message("assistant", "(Because"))))) == []
