"""Rows side by side compute what each would alone, however they are read and stepped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from taiyi.engine.compiled import CompiledStep
from taiyi.engine.packed import PackedModel, Piece, Slots
from taiyi.engine.separate import SeparateModel
from tests.taiyi.engine.conftest import FAMILIES, make_model

PROMPTS = [[5, 9, 200, 31, 7, 77, 310], [8, 8, 300], [401, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]]
N_NEW = 12


def greedy(model: PackedModel | SeparateModel, prompts: list[list[int]], compiled: CompiledStep | None = None) -> Any:
    """The likeliest continuation of each prompt, all stepping together."""
    rows = [Piece(model.join(), prompt) for prompt in prompts]
    said: list[list[int]] = [[] for _ in prompts]
    with torch.inference_mode():
        for _ in range(N_NEW):
            if compiled is not None and isinstance(model, PackedModel) and compiled.fits(model.slots, rows):
                logits = compiled.forward(model.slots, rows)
            else:
                logits = model.forward(rows)
            tokens = logits.argmax(-1).tolist()
            rows = [Piece(row.slot, [token]) for row, token in zip(rows, tokens, strict=True)]
            for own, token in zip(said, tokens, strict=True):
                own.append(token)
    for row in rows:
        model.leave(row.slot)
    return said


def by_the_library(model: Any, prompt: list[int]) -> list[int]:
    settings = {"max_new_tokens": N_NEW, "min_new_tokens": N_NEW, "do_sample": False, "eos_token_id": None}
    return model.generate(torch.tensor([prompt]), **settings)[0, len(prompt) :].tolist()


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_greedy_text_is_the_librarys_alone_and_together(family: str, tmp_path: Path) -> None:
    folder = make_model(family, tmp_path)
    expected = [by_the_library(AutoModelForCausalLM.from_pretrained(folder), prompt) for prompt in PROMPTS]
    model = PackedModel(AutoModelForCausalLM.from_pretrained(folder), n_slots=4)
    assert [greedy(model, [prompt])[0] for prompt in PROMPTS] == expected
    assert greedy(model, PROMPTS) == expected
    separate = SeparateModel(AutoModelForCausalLM.from_pretrained(folder))
    assert greedy(separate, PROMPTS) == expected


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_step_that_is_compiled_computes_the_same(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the compiler itself: what it is given to compile, for one row, for several, and with an idle slot."""
    monkeypatch.setattr(torch, "compile", lambda function: function)
    library = AutoModelForCausalLM.from_pretrained(make_model(family, tmp_path))
    model = PackedModel(library, n_slots=4)
    expected = greedy(model, PROMPTS)
    step = CompiledStep(library)
    step.start(model.slots)
    step.wait()
    assert step.ready == {"one", "several"}
    assert greedy(model, PROMPTS, step) == expected
    assert greedy(model, PROMPTS[:1], step) == expected[:1]
    model.join()
    assert greedy(model, PROMPTS, step) == expected


def test_a_prompt_read_in_pieces_ends_in_the_same_logits(model_folder: Path) -> None:
    model = PackedModel(AutoModelForCausalLM.from_pretrained(model_folder), n_slots=3)
    prompt = [n % 500 for n in range(7, 700)]
    with torch.inference_mode():
        whole = model.forward([Piece(model.join(), prompt)])
        slot, other = model.join(), model.join()
        for start in range(0, len(prompt), 100):
            rows = [Piece(slot, prompt[start : start + 100]), Piece(other, [3])]
            pieces = model.forward(rows)
    assert torch.allclose(whole[0], pieces[0], atol=1e-4)


def test_what_was_tried_in_vain_is_forgotten(model_folder: Path) -> None:
    model = PackedModel(AutoModelForCausalLM.from_pretrained(model_folder), n_slots=2)
    prompt = PROMPTS[0]
    with torch.inference_mode():
        slot, other = model.join(), model.join()
        tried = model.forward([Piece(other, PROMPTS[1]), Piece(slot, [*prompt, 3, 4, 5], n_logits=4)])[1:]
        model.rewind(slot, 2)
        after = model.forward([Piece(slot, [9])])[0]
        model.leave(slot)
        expected = [model.forward([Piece(model.join(), prompt)])[0]]
        expected += [model.forward([Piece(slot, [token])])[0] for token in (3, 9)]
    assert torch.allclose(torch.stack([*tried[:2], after]), torch.stack(expected), atol=1e-4)


def test_a_slot_taken_again_remembers_nothing(model_folder: Path) -> None:
    model = PackedModel(AutoModelForCausalLM.from_pretrained(model_folder), n_slots=1)
    before = greedy(model, PROMPTS[:1])
    greedy(model, PROMPTS[2:])
    assert greedy(model, PROMPTS[:1]) == before


def test_memory_grows_with_what_it_holds_and_is_freed_with_the_last_row() -> None:
    slots = Slots(2)
    slot = slots.take()
    for length in range(0, 3000, 500):
        slots.reserve(length + 500)
        reach = slots.extend(slot, 0, torch.full((1, 500, 2), float(length)), torch.zeros(1, 500, 2))
        slots.lengths[slot] += 500
        assert reach.keys[0, 0, :, 0].tolist() == [float(n // 500 * 500) for n in range(length + 500)]
    slots.give_back(slot)
    assert slots.capacity == 0


def test_models_with_windows_or_recurrent_layers_are_not_packed(model_folder: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(model_folder)
    assert PackedModel.fits(model)
    model.config.layer_types = ["sliding_attention", "full_attention"]
    assert not PackedModel.fits(model)
