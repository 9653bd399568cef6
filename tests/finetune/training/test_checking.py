"""Checking: a good merge passes, a spoilt one is named, and what rounding changes is counted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from finetune.__main__ import main
from finetune.training.agreement import Agreement, Reply, agreement, read_prompts
from finetune.training.checking import Check, _same_text, in_words
from finetune.training.finished import read_finished
from finetune.training.merging import merge
from taiyi.engine.loading import load_tokenizer
from taiyi.engine.local import LocalEngine
from taiyi.engine.scripted import ScriptedEngine
from taiyi.errors import InputError
from tests.finetune.training.made_stage import make_stage
from tests.taiyi.engine.conftest import make_model


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stage on a random Qwen2 in bf16 with its merged model."""
    from transformers import AutoModelForCausalLM

    base = make_model("qwen2", tmp_path_factory.mktemp("base"))
    AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16).save_pretrained(base)
    folder = make_stage(tmp_path_factory.mktemp("stage"), base)
    merge(read_finished(folder), folder / "merged")
    return folder


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.yaml"
    path.write_text("- {task: chat, text: 咳嗽三天。}\n- {task: translate, text: The fever fell.}\n", encoding="utf-8")
    return path


def check(stage: Path, prompts: Path, *more: str) -> int:
    return main(["check", str(stage), "--prompts", str(prompts), "--max-new-tokens", "12", *more])


def test_a_good_merge_passes_and_the_nf4_base_has_a_share(
    stage: Path, prompts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(stage, prompts) == 0
    tokenizer, summed, weights, rounded, nf4 = capsys.readouterr().out.splitlines()
    assert "2 of 2 prompts have the same token ids" in tokenizer
    assert summed.startswith("ok    adapter and its sum") and "2 of 2 replies" in summed and "(100.0%)" in summed
    assert weights.startswith("ok    weights of the merged folder") and weights.endswith("numbers agree")
    assert "of 2 replies" in rounded and rounded.startswith("      ")
    assert nf4.startswith("      adapter on the bf16 and on the NF4 base: ")


def one_number(merged: Path) -> None:
    weights = load_file(merged / "model.safetensors")
    weights["model.layers.1.mlp.up_proj.weight"][3, 5] *= 1.1
    save_file(weights, merged / "model.safetensors", metadata={"format": "pt"})


def another_template(merged: Path) -> None:
    path = merged / "chat_template.jinja"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<|im_start|>assistant", "<|im_start|>reader"), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (one_number, "WRONG weights of the merged folder and the sum, rounded to bf16: "
         "model.layers.1.mlp.up_proj.weight differs in 1 of 8,192 numbers"),
        (another_template, "WRONG tokenizer and chat template of base and merged folder: 0 of 2 prompts"),
    ],
)  # fmt: skip
def test_a_spoilt_merge_is_named_and_fails(
    spoil: Callable[[Path], None],
    told: str,
    stage: Path,
    prompts: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(stage / "merged", tmp_path / "merged")
    spoil(tmp_path / "merged")
    assert check(stage, prompts, "--merged", str(tmp_path / "merged")) == 1
    assert told in capsys.readouterr().out


def test_a_missing_merged_model_is_said(stage: Path, prompts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(stage, prompts, "--merged", str(stage / "none")) == 2
    assert "python -m finetune merge" in capsys.readouterr().err


def test_a_served_model_is_compared_with_the_merged_folder(stage: Path, prompts: Path) -> None:
    """Served by the app's own engine the replies are the same; by one that says something else, none is."""
    check = Check(read_finished(stage), read_prompts(prompts), 12)
    own = LocalEngine(str(stage / "merged"))
    try:
        (same,) = [found for found in check.run(stage / "merged", own) if "served" in found.what]
    finally:
        own.close()
    assert same.told == "2 of 2 replies are the same"
    other = ScriptedEngine(lambda conversation: "No.")
    (differs,) = [found for found in check.run(stage / "merged", other) if "served" in found.what]
    assert differs.told.startswith("0 of 2 replies are the same; prompt 1: ")
    assert differs.told.endswith("served 'No.'")
    assert differs.right is None


@pytest.mark.parametrize(
    ("own", "ended", "served", "same"),
    [
        ("Rest.", True, "Rest.\n", True),
        ("Rest.", True, "Rest. And drink.", False),
        ("1. 1. 1.", False, "1. 1. 1. 1. 1.", True),  # ours breaks a loop off, a server does not
        ("1. 1. 1.", False, "1. 2.", False),
    ],
)
def test_a_served_text_goes_as_far_as_ours_does(own: str, ended: bool, served: str, same: bool) -> None:
    assert _same_text(Reply((1,), (2,), own, ended), served) is same


class Chooses:
    """Stands for a model: after token i it holds `likely[i]` the likeliest, by two."""

    device = "cpu"

    def __init__(self, likely: dict[int, int]) -> None:
        self._likely = likely

    def __call__(self, input_ids: torch.Tensor, use_cache: bool) -> Any:
        logits = torch.zeros((*input_ids.shape, 500))
        for place, token in enumerate(input_ids[0].tolist()):
            logits[0, place, self._likely[token]] = 2.0
        return SimpleNamespace(logits=logits)


def test_agreement_counts_tokens_each_after_the_replys_own(stage: Path) -> None:
    """Prompt 300, reply 301 302 and its end 303 or 304. The other goes 300 → 301 → 305 and, shown 302, ends: it agrees
    in two tokens of three. The second reply, cut after 301, it would give whole."""
    reply = Reply((300,), (301, 302), "", ended=True)
    cut = Reply((300,), (301,), "", ended=False)
    tokenizer = load_tokenizer(str(stage / "merged"))
    ends = frozenset({303, 304})
    found = agreement(Chooses({300: 301, 301: 305, 302: 304}), tokenizer, [reply, cut], ends)
    assert (found.tokens, found.agreed_tokens, found.replies, found.agreed_replies) == (4, 3, 2, 1)
    assert found.first is not None
    assert (found.first.reply, found.first.after, found.first.margin) == (0, tokenizer.decode([301]), 2.0)
    assert (found.first.expected, found.first.found) == (tokenizer.decode([302]), tokenizer.decode([305]))
    assert not found.complete
    assert in_words(Agreement(3, 3, 1, 1)) == "1 of 1 replies, 3 of 3 tokens (100.0%)"


def test_the_fixed_prompts_are_of_both_languages_and_several_tasks() -> None:
    conversations = read_prompts()
    texts = [conversation.messages[-1].content for conversation in conversations]
    han = [any("\u4e00" <= char <= "\u9fff" for char in text) for text in texts]
    assert 4 <= sum(han) <= len(texts) - 4


def test_a_prompt_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "prompts.yaml"
    path.write_text("- {task: chat, text: Hello}\n- {task: classify, text: Hello}\n", encoding="utf-8")
    with pytest.raises(InputError, match="request 2: No types"):
        read_prompts(path)
