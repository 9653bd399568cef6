"""From an example to instructions: sub-tasks, templates and orders, by seed and id alone."""

from __future__ import annotations

from typing import Any

import pytest

from finetune.data.instruction import Instruction
from finetune.data.mixture import Row
from finetune.data.questions import instructions_of, labels_of
from taiyi.conversation import Message
from taiyi.document import Document, Entity, Label, Relation, Span
from taiyi.prompts import templates
from taiyi.tasks.base import Example, Request

TEXT = "Aspirin relieved the headache. Metformin did not."
NAMES = {"Aspirin": "Chemical", "headache": "Disease", "Metformin": "Chemical"}
LABELS = ("Chemical", "Disease", "Gene")


def example() -> Example:
    entities = tuple(
        Entity(f"T{n}", label, (Span(TEXT.index(name), TEXT.index(name) + len(name)),))
        for n, (name, label) in enumerate(NAMES.items())
    )
    return Example("d1", Request("entities", TEXT, labels=LABELS), Document("d1", "en", TEXT, entities), "made")


def asked(given: Example, seed: int = 0, **settings: Any) -> list[Instruction]:
    row = Row(**{"corpus": "bc5cdr", "task": given.request.task, "type": 1, **settings})
    return [instruction for _, instruction in instructions_of(given, row, seed)]


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        ({}, ["bc5cdr:d1"]),
        ({"subtasks": "each"}, ["bc5cdr:d1#all", "bc5cdr:d1#Chemical", "bc5cdr:d1#Disease", "bc5cdr:d1#Gene"]),
        ({"subtasks": "present"}, ["bc5cdr:d1#all", "bc5cdr:d1#Chemical", "bc5cdr:d1#Disease"]),
        ({"subtasks": "each", "negatives": 0.0}, ["bc5cdr:d1#all", "bc5cdr:d1#Chemical", "bc5cdr:d1#Disease"]),
        ({"repeats": 2}, ["bc5cdr:d1", "bc5cdr:d1~2"]),
        ({"passages": 35}, ["bc5cdr:d1:0", "bc5cdr:d1:31"]),
        ({"split": "dev"}, ["bc5cdr/dev:d1"]),
    ],
)
def test_a_row_says_which_instructions_an_example_becomes(settings: dict[str, Any], ids: list[str]) -> None:
    assert [instruction.id for instruction in asked(example(), **settings)] == ids


def test_a_label_alone_is_asked_for_and_answered_alone() -> None:
    _, chemical, *_ = asked(example(), subtasks="each")
    assert chemical.request["labels"] == ["Chemical"]
    assert chemical.reply == "Chemical: Aspirin; Metformin"
    assert "Disease" not in chemical.prompt


def test_passages_ask_about_their_own_text() -> None:
    first, second = asked(example(), passages=35)
    assert (first.request["text"], first.reply) == (
        "Aspirin relieved the headache.",
        "Chemical: Aspirin\nDisease: headache\nGene:",
    )
    assert second.request["text"] == "Metformin did not."


def test_repeats_use_every_template_before_one_comes_again() -> None:
    n = len(templates("entities", "en"))
    used = [instruction.template for instruction in asked(example(), repeats=2 * n)]
    assert len(set(used[:n])) == n
    assert used[n:] == used[:n]


def test_the_seed_decides_the_template() -> None:
    first, again = asked(example(), seed=3), asked(example(), seed=3)
    assert first == again
    assert len({asked(example(), seed=seed)[0].template for seed in range(20)}) > 5


def test_options_of_a_choice_keep_their_order_and_classes_do_not() -> None:
    texts = ("one", "two", "three", "four", "five", "six")
    choice = Example(
        "q", Request("choose", "Which?", options=texts), Document("q", "en", "Which?", labels=(Label("B"),)), "made"
    )
    classes = Example(
        "q", Request("classify", "Text", labels=texts), Document("q", "en", "Text", labels=(Label("two"),)), "made"
    )
    assert {tuple(asked(choice, seed=seed)[0].request["options"]) for seed in range(9)} == {texts}
    orders = {tuple(asked(classes, seed=seed)[0].request["labels"]) for seed in range(9)}
    assert len(orders) > 1
    assert {frozenset(order) for order in orders} == {frozenset(texts)}


def test_a_dialogue_is_asked_in_its_own_words_after_its_history() -> None:
    history = (Message("user", "Hello"), Message("assistant", "Hello!"))
    talk = Example("t", Request("chat", "Bye", history=history), Document("t", "en", "Bye", answer="Bye now."), "made")
    (instruction,) = asked(talk)
    assert instruction.messages == (*history, Message("user", "Bye"), Message("assistant", "Bye now."))
    assert instruction.template is None


def test_relations_that_have_no_place_count_among_the_labels() -> None:
    entities = (Entity("a", "", (Span(0, 7),)), Entity("b", "", (Span(21, 29),)))
    meta = {"unplaced_relations": (("causes", "x", "y"),)}
    gold = Document("d", "en", TEXT, entities, (Relation("r", "treats", "a", "b"),), meta=meta)
    assert {"treats", "causes"} <= labels_of(gold)


def test_some_of_the_labels_are_asked_for_and_answered() -> None:
    rows = asked(example(), subtasks="some", repeats=40)
    chosen = {tuple(row.request["labels"]) for row in rows}
    assert LABELS in chosen and len(chosen) > 4
    for row in rows:
        assert all((f"{label}:" in row.reply) is (label in row.request["labels"]) for label in LABELS)


def test_a_share_of_the_questions_wants_marks_in_the_text() -> None:
    marked, listed = asked(example(), marked=1.0), asked(example(), marked=0.0)
    assert marked[0].reply == "{Aspirin|Chemical} relieved the{ headache|Disease}.{ Metformin|Chemical} did not."
    assert listed[0].reply.startswith("Chemical: Aspirin")
    share = sum("{" in row.reply for row in asked(example(), marked=0.5, repeats=60)) / 60
    assert 0.3 < share < 0.7


def test_swapped_names_stand_in_the_text_that_is_asked_about() -> None:
    row = Row("bc5cdr", "entities", 1, swap=1.0)
    lexicon = {"Chemical": ["Ibuprofen"], "Disease": ["fever"]}
    ((_, swapped),) = instructions_of(example(), row, 0, lexicon)
    assert swapped.request["text"] == "Ibuprofen relieved the fever. Ibuprofen did not."
    assert swapped.reply == "Chemical: Ibuprofen\nDisease: fever\nGene:"


def test_of_a_long_text_to_classify_the_beginning_stays() -> None:
    gold = Document("q", "en", TEXT, labels=(Label("Relief"),))
    given = Example("q", Request("classify", TEXT, labels=("Relief", "Harm")), gold)
    (row,) = asked(given, passages=35)
    assert (row.request["text"], row.reply) == ("Aspirin relieved the headache.", "Result: Relief")
