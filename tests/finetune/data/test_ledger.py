"""Which instructions stay: duplicates go, unless they are asked on purpose; then the caps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finetune.data.instruction import Instruction, request_fields
from finetune.data.ledger import EXACT, KEPT, NEAR, OVER_CAP, Ledger
from taiyi.conversation import Message
from taiyi.tasks.base import Request

TEXT = (
    "The patient, a teacher of 58 years, came with pain in the left knee that had begun after a fall on the stairs two "
    "weeks before; ibuprofen had helped for some days, and she had walked with a stick since then, mostly at home."
)
LIKE = TEXT.replace("58 years", "59 years")


def row(id: str, request: Request, reply: str, prompt: str = "") -> Instruction:
    messages = (Message("user", prompt or request.text), Message("assistant", reply))
    return Instruction(id, "made", request.task, request.lang, 1, None, messages, request_fields(request))


def entities(id: str, text: str, labels: tuple[str, ...] = ("Drug",), prompt: str = "") -> Instruction:
    return row(id, Request("entities", text, labels=labels), "Drug: ibuprofen", prompt)


def judged(tmp_path: Path, rows: list[Instruction], repeats: list[int] | None = None, **options: Any) -> list[int]:
    ledger = Ledger(tmp_path)
    for n, instruction in enumerate(rows):
        ledger.add(instruction, key=100 - n, share=0, repeat=repeats[n] if repeats else 0)
    verdicts = ledger.verdicts(options.get("caps", {}), options.get("threshold", 0.9))
    ledger.close()
    return verdicts.reasons.tolist()


def test_the_same_question_in_other_words_is_a_duplicate(tmp_path: Path) -> None:
    rows = [entities("a", TEXT, prompt=f"Find: {TEXT}"), entities("b", TEXT.upper(), prompt=f"{TEXT}\nWhat?")]
    assert judged(tmp_path, rows) == [KEPT, EXACT]


def test_a_text_nearly_the_same_is_a_near_duplicate_unless_that_is_switched_off(tmp_path: Path) -> None:
    rows = [entities("a", TEXT), entities("b", LIKE)]
    assert judged(tmp_path, rows) == [KEPT, NEAR]
    assert judged(tmp_path, rows, threshold=None) == [KEPT, KEPT]


def test_other_labels_and_repeats_are_no_duplicates(tmp_path: Path) -> None:
    rows = [entities("a", TEXT), entities("b", TEXT, ("Drug", "Body part")), entities("c", TEXT)]
    assert judged(tmp_path, rows, repeats=[0, 0, 1]) == [KEPT, KEPT, KEPT]


def test_pairs_may_differ_in_one_word(tmp_path: Path) -> None:
    requests = [Request("similarity", TEXT, labels=("yes", "no"), text_b=other) for other in (TEXT, LIKE)]
    assert judged(tmp_path, [row(str(n), r, ["yes", "no"][n]) for n, r in enumerate(requests)]) == [KEPT, KEPT]


@pytest.mark.parametrize(("second", "verdict"), [(LIKE, NEAR), ("Rest, ice, and no stairs for a week.", KEPT)])
def test_a_question_may_be_answered_twice_in_other_words(second: str, verdict: int, tmp_path: Path) -> None:
    question = Request("question", "What helps a hurt knee?")
    assert judged(tmp_path, [row("a", question, TEXT), row("b", question, second)]) == [KEPT, verdict]


def test_caps_keep_the_lowest_keys_of_what_is_left(tmp_path: Path) -> None:
    """Keys fall from 100: of a, b, c and d the second is a duplicate, and d has the lowest key."""
    texts = [TEXT, TEXT, "Another text about a drug.", "A third one, of other things."]
    rows = [entities(id, text) for id, text in zip("abcd", texts, strict=True)]
    assert judged(tmp_path, rows, caps={0: 2}) == [OVER_CAP, EXACT, KEPT, KEPT]


def test_rows_are_found_again_by_their_number(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for id in ("first", "zweite", "第三"):
        ledger.add(entities(id, TEXT), key=1, share=0)
    assert [ledger.id_of(number) for number in range(3)] == ["first", "zweite", "第三"]
    ledger.close()
