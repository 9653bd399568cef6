"""Names swapped for others of their type, and types asked for in any choice."""

from __future__ import annotations

import random

from finetune.data.augment import ask_for_some, leave_out_some, lexicon_of, swap_names
from taiyi.document import Document, Entity, Span

TEXT = "Aspirin relieved the headache. Metformin did not.\nNausea after aspirin was rare."
NAMES = {"Aspirin": "Chemical", "headache": "Disease", "Metformin": "Chemical", "Nausea": "Disease"}


def _document() -> Document:
    entities = tuple(
        Entity(f"T{n}", label, (Span(TEXT.index(name), TEXT.index(name) + len(name)),))
        for n, (name, label) in enumerate(NAMES.items())
    )
    return Document("d1", "en", TEXT, entities)


def test_swapped_names_stand_where_their_spans_say() -> None:
    lexicon = {"Chemical": ["1,2-dichloroethane"], "Disease": ["Crohn's disease"]}
    swapped = swap_names(_document(), lexicon, random.Random(1))
    assert swapped.text.startswith("1,2-dichloroethane relieved the Crohn's disease. 1,2-dichloroethane did not.")
    assert {swapped.text_of(e.spans) for e in swapped.entities} == {"1,2-dichloroethane", "Crohn's disease"}


def test_nested_mentions_are_not_swapped() -> None:
    nested = Document("d", "en", "lung cancer", (Entity("a", "D", (Span(0, 11),)), Entity("b", "B", (Span(0, 4),))))
    assert swap_names(nested, lexicon_of([nested]), random.Random(1)) == nested


def test_types_that_do_not_occur_are_asked_for_too() -> None:
    rng = random.Random(5)
    asked = [ask_for_some(("A", "B", "C"), {"A"}, rng) for _ in range(200)]
    assert all(labels and len(set(labels)) == len(labels) for labels in asked)
    assert any("A" not in labels for labels in asked)
    assert sum("A" in labels for labels in asked) > 150
    assert any(set(labels) - {"A"} for labels in asked)


def test_the_classes_that_hold_are_always_among_those_to_choose_from() -> None:
    rng = random.Random(3)
    asked = [leave_out_some(("A", "B", "C", "D"), {"C"}, rng) for _ in range(200)]
    assert all("C" in labels and list(labels) == sorted(labels) for labels in asked)
    assert 100 < sum(len(labels) == 4 for labels in asked) < 200
