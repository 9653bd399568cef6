"""What makes training right, proved on random models of the architectures that people train."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, TrainerCallback, TrainerControl, TrainerState

from finetune.data.instruction import read_instructions
from finetune.training.collate import IGNORED, collate
from finetune.training.isolation import mixes_sequences, needs_explicit_mask
from finetune.training.learnt_head import loss_sum
from finetune.training.plan import stage_data
from finetune.training.progress import Progress
from finetune.training.tokens import Encoder, tokenized
from taiyi.conversation import Conversation
from taiyi.engine.base import SamplingParams
from taiyi.engine.loading import load_tokenizer
from taiyi.engine.local import LocalEngine
from tests.finetune.training.made_run import DIALOGUE, log_rows, make_config, make_trainer, weights


class StopAt(TrainerCallback):
    """Ends a run after a step, as a kill would, but quietly."""

    def __init__(self, step: int) -> None:
        self._step = step

    def on_step_end(self, args: object, state: TrainerState, control: TrainerControl, **given: object) -> None:
        if state.global_step == self._step:
            raise KeyboardInterrupt


FAMILIES = ("qwen2", "qwen3", "glm4", "llama")
BaseOf = Callable[[str], Path]


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("explicit_mask", [False, True], ids=["positions", "mask"])
def test_the_loss_of_packed_rows_is_the_sum_of_the_single_losses(
    family: str, explicit_mask: bool, base_of: BaseOf, prepared: Path, tmp_path: Path
) -> None:
    """The single ones are the library's own: a row without neighbours, labels given to the model, no hook, no mask."""
    config = make_config(base_of(family), prepared, tmp_path)
    data = stage_data(config, load_tokenizer(config.base), quiet=True)
    model = AutoModelForCausalLM.from_pretrained(config.base)
    rows = [data.train[0], data.train[1]]
    assert all(len(row) > 1 for row in rows)
    with torch.no_grad():
        packed, n_learnt = loss_sum(model, collate(rows, explicit_mask=explicit_mask), model.get_output_embeddings())
        single = 0.0
        for ids, mask in (sequence for row in rows for sequence in row):
            labels = torch.from_numpy(np.where(mask, ids, IGNORED))[None]
            mean = model(input_ids=torch.from_numpy(ids)[None], labels=labels).loss
            single += float(mean) * int(mask.sum())
    assert int(n_learnt) == sum(int(mask.sum()) for row in rows for _, mask in row)
    assert float(packed) == pytest.approx(single, rel=1e-5)


def test_packed_sequences_are_kept_apart_by_their_positions(family: str, base_of: BaseOf) -> None:
    model = AutoModelForCausalLM.from_pretrained(base_of(family))
    assert not needs_explicit_mask(model, family)


def test_a_model_that_takes_no_notice_of_positions_gets_the_mask_spelt_out(
    base_of: BaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With positions that never begin anew, the library's mask lets the second sequence see the first."""
    model = AutoModelForCausalLM.from_pretrained(base_of("qwen2"))
    forward = model.forward

    def without_positions(**inputs: torch.Tensor) -> object:
        return forward(**{name: value for name, value in inputs.items() if name != "position_ids"})

    monkeypatch.setattr(model, "forward", without_positions)
    assert mixes_sequences(model, explicit_mask=False)
    assert needs_explicit_mask(model, "qwen2")


def test_four_passes_of_one_row_are_one_pass_of_four_rows(base_of: BaseOf, prepared: Path, tmp_path: Path) -> None:
    """Rows of one conversation each differ in learnt tokens, so a mean of means would be another gradient."""
    found = []
    for batch, accumulation in ((4, 1), (1, 4)):
        out = tmp_path / f"{batch}x{accumulation}"
        config = make_config(
            base_of("llama"),
            prepared,
            out,
            method="full",
            packing=False,
            batch_per_device=batch,
            accumulation=accumulation,
            max_steps=2,
            warmup=0,
        )
        make_trainer(config, callbacks=[Progress(out / "log.jsonl")]).run()
        found.append([(row["loss"], row["grad_norm"]) for row in log_rows(out) if "loss" in row])
    assert len(found[0]) == 2
    assert found[1] == [pytest.approx(step, rel=1e-4) for step in found[0]]


def test_the_decoded_labels_are_exactly_the_replies_and_their_end_tokens(
    family: str, base_of: BaseOf, prepared: Path
) -> None:
    tokenizer = load_tokenizer(str(base_of(family)))
    encoder = Encoder(tokenizer, family, max_length=256, too_long="skip")
    end = {"qwen2": "<|im_end|>", "qwen3": "<|im_end|>", "glm4": "<|user|>", "llama": "<|eot_id|>"}[family]
    n_replies = 0
    for _, instruction in read_instructions(prepared / "type1.train.jsonl"):
        (sequence,), _ = encoder(instruction)
        batch = collate(
            [[(np.array(sequence.ids), np.array(sequence.mask, dtype=bool))]], pad_id=tokenizer.pad_token_id
        )
        learnt = tokenizer.decode(batch["labels"][batch["labels"] != IGNORED])
        replies = [message.content for message in instruction.messages if message.role == "assistant"]
        assert learnt == "".join(reply + end for reply in replies)
        n_replies += len(replies)
    assert n_replies == 28


def test_the_ids_of_training_and_of_inference_are_the_same_bytes(
    family: str, base_of: BaseOf, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the engine would read for the last turn of a dialogue is how its row of the token file begins."""
    config = make_config(base_of(family), prepared, prepared)
    encoder = Encoder(load_tokenizer(config.base), family, max_length=256, too_long="skip")
    trained = tokenized(prepared / "type1.train.jsonl", encoder, quiet=True)
    engine = LocalEngine(config.base)
    read: list[list[int]] = []
    monkeypatch.setattr(engine._loop, "stream", lambda row: iter(read.append(list(row.unread)) or ()))
    try:
        list(engine.stream(Conversation(DIALOGUE[:-1]), SamplingParams()))
    finally:
        engine.close()
    prompt = np.array(read[0], dtype=np.int64).tobytes()
    ids, mask = trained[5]
    assert ids.tobytes()[: len(prompt)] == prompt
    assert not mask[len(read[0]) - 1]
    assert mask[len(read[0]) :].all()


def test_a_run_that_was_stopped_and_goes_on_ends_like_one_that_was_not(
    base_of: BaseOf, prepared: Path, tmp_path: Path
) -> None:
    """Stopped behind a checkpoint, in the middle of an epoch, with dropout and a falling rate: bit for bit."""
    whole = make_config(base_of("qwen3"), prepared, tmp_path / "whole", max_steps=7)
    make_trainer(whole).run()
    parted = make_config(base_of("qwen3"), prepared, tmp_path / "parted", max_steps=7)
    stopped = make_trainer(parted, callbacks=[StopAt(5)])
    with pytest.raises(KeyboardInterrupt):
        stopped.run()
    assert stopped.state.global_step == 5
    make_trainer(parted).run()
    expected, found = weights(tmp_path / "whole" / "best"), weights(tmp_path / "parted" / "best")
    assert expected.keys() == found.keys()
    assert all(torch.equal(weight, found[name]) for name, weight in expected.items())
