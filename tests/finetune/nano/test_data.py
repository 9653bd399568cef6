"""Instruction data: what is asked, what is learnt, and how it is packed."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finetune.nano.augment import ask_for_some, entity_variants, lexicon_of, swap_names
from finetune.nano.data import CorpusUse, Encoded, InstructionBatches, encode, questions
from finetune.nano.template import END
from finetune.nano.train import IGNORED
from taiyi.document import Document, Entity, Label, Span
from taiyi.tasks.base import Example, Request

TEXT = "Aspirin relieved the headache. Metformin did not.\nNausea after aspirin was rare."
NAMES = {"Aspirin": "Chemical", "headache": "Disease", "Metformin": "Chemical", "Nausea": "Disease"}


def _document() -> Document:
    entities = tuple(
        Entity(f"T{n}", label, (Span(TEXT.index(name), TEXT.index(name) + len(name)),))
        for n, (name, label) in enumerate(NAMES.items())
    )
    return Document("d1", "en", TEXT, entities)


def _example() -> Example:
    gold = _document()
    return Example("d1", Request("entities", TEXT, labels=("Chemical", "Disease")), gold, "made")


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


def test_a_variant_answers_just_what_it_asks() -> None:
    rng = random.Random(2)
    lexicon = lexicon_of([_document()])
    for _ in range(30):
        for variant in entity_variants(_example(), lexicon, rng, max_chars=60, swap=0.5):
            assert variant.request.text == variant.gold.text
            assert {entity.label for entity in variant.gold.entities} <= set(variant.request.labels)


def test_the_right_class_is_always_among_those_asked_for() -> None:
    gold = Document("q", "zh", "感冒吃什么药", labels=(Label("治疗方案"),))
    example = Example("q", Request("classify", gold.text, "zh", "zh", ("治疗方案", "病情诊断", "其他")), gold)
    for asked in questions([example] * 20, CorpusUse(1.0), random.Random(3)):
        assert "治疗方案" in asked.request.labels


def test_replies_and_their_end_tokens_alone_are_learnt(tokenizer: Any) -> None:
    encoded = encode([_example()] * 3, tokenizer, 400)
    batches = InstructionBatches([(encoded, 1.0)], sequences=2, length=400, pad=tokenizer.pad_token_id, seed=1)
    ids, labels = batches(0)
    reply = "Chemical: Aspirin; Metformin\nDisease: headache; Nausea" + END
    learnt = tokenizer.decode(labels[0][labels[0] != IGNORED])
    assert learnt and learnt == reply * learnt.count(END)
    places = np.flatnonzero(labels[0] != IGNORED)
    following = [(place, place + 1) for place in places if place + 1 < ids.shape[1]]
    assert all(labels[0][place] == ids[0][after] for place, after in following)


def test_prompts_are_learnt_too_where_a_stage_says_so(tokenizer: Any) -> None:
    encoded = encode([_example()], tokenizer, 400)
    one, all_of = (
        InstructionBatches([(encoded, 1.0)], sequences=1, length=400, pad=0, seed=1, prompts=prompts)(0)[1]
        for prompts in (False, True)
    )
    assert (all_of != IGNORED).sum() > (one != IGNORED).sum()


def test_what_a_step_gets_depends_on_seed_and_step_alone(tokenizer: Any) -> None:
    encoded = encode([_example()] * 2, tokenizer, 400)

    def batches(seed: int) -> InstructionBatches:
        return InstructionBatches([(encoded, 1.0)], sequences=2, length=300, pad=0, seed=seed)

    first, again = batches(1), batches(1)
    again(0)
    assert all(np.array_equal(a, b) for a, b in zip(first(5), again(5), strict=True))


def test_encoded_examples_come_back_from_their_file(tokenizer: Any, tmp_path: Path) -> None:
    encoded = encode([_example()], tokenizer, 400)
    encoded.save(tmp_path / "made.npz")
    loaded = Encoded.load(tmp_path / "made.npz")
    assert np.array_equal(loaded.ids, encoded.ids)
    assert np.array_equal(loaded.mask, encoded.mask)
    assert len(loaded) == len(encoded) == 1


def test_a_text_longer_than_the_sequences_is_left_out(tokenizer: Any) -> None:
    assert len(encode([_example()], tokenizer, 5)) == 0


@pytest.mark.parametrize("part", ["tune", "report"])
def test_parts_are_set_aside_by_default(part: str) -> None:
    assert part in CorpusUse(1.0).set_aside
