"""Merging: the folder holds the exact sums, loads in the app, and what cannot be merged is refused in a sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from finetune.__main__ import main
from finetune.training.checkpoints import mark
from finetune.training.finished import read_finished
from finetune.training.merging import merge
from taiyi.assistant import load_assistant
from taiyi.card import read_card
from taiyi.config import Settings
from taiyi.errors import InputError, ModelError
from taiyi.tasks.request import make_request
from tests.finetune.training.made_stage import make_stage
from tests.taiyi.engine.conftest import make_model


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama in bf16, as published models are."""
    from transformers import AutoModelForCausalLM

    folder = make_model("llama", tmp_path_factory.mktemp("base"))
    AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).save_pretrained(folder)
    card = (
        "name: {en: Tiny, zh: 微型}\nend_bias: {entities: {en: 1.0}}\n"
        "window_chars: {entities: {en: 700}}\nunable: [report]\n"
    )
    (folder / "taiyi.yaml").write_text(card, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def stage(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    best = {"scores": {"kuake-qic": 0.25, "chosen": 0.25}}
    folder = make_stage(tmp_path_factory.mktemp("stage"), base, best=best)
    replies = folder / "replies" / "step-4"
    replies.mkdir(parents=True)
    (replies / "kuake-qic.jsonl").write_text('{"id": "1"}\n{"id": "2"}\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def merged(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return merge(read_finished(stage), tmp_path_factory.mktemp("made") / "merged", shard_size="100KB")


def test_every_weight_is_the_sum_in_fp32_rounded_once(base: Path, stage: Path, merged: Path) -> None:
    """alpha 8 and rank 8 by peft's defaults: the product is added with the factor 1."""
    before = load_file(base / "model.safetensors")
    adapter = load_file(stage / "best" / "adapter_model.safetensors")
    after = {name: weight for path in merged.glob("*.safetensors") for name, weight in load_file(path).items()}
    assert after.keys() == before.keys()
    n_changed = 0
    for name, weight in before.items():
        stem = f"base_model.model.{name.removesuffix('.weight')}"
        if f"{stem}.lora_A.weight" in adapter:
            product = adapter[f"{stem}.lora_B.weight"] @ adapter[f"{stem}.lora_A.weight"]
            weight = (weight.float() + product).bfloat16()
            n_changed += 1
        assert torch.equal(after[name], weight), name
    assert n_changed == 14  # seven matrices in each of two layers


def test_the_folder_answers_in_the_app_with_the_tokenizer_of_its_base(base: Path, merged: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"):
        assert (merged / name).read_bytes() == (base / name).read_bytes()
    assistant = load_assistant(Settings(model=str(merged)))
    try:
        request = make_request("classify", "头痛怎么办", labels=("病情诊断", "注意事项"))
        assert assistant.answer(request, choice="llm").document.labels
    finally:
        assistant.close()


def test_the_cards_keep_what_holds_of_the_base_and_tell_where_the_rest_is_from(stage: Path, merged: Path) -> None:
    card = read_card(merged)
    assert card.name("zh") == f"微型, {stage.name}"
    assert (card.end_bias, card.window_chars, card.unable) == ({}, {"entities": {"en": 700}}, ("report",))
    (score,) = card.scores
    assert (score.task, score.lang, score.set, score.value, score.n) == ("classify", "zh", "kuake-qic", 0.25, 2)
    readme = (merged / "README.md").read_text(encoding="utf-8")
    assert "0" * 64 in readme
    assert "| lora | rank 64, alpha 16, dropout 0.05, targets all-linear |" in readme
    assert "| kuake-qic | micro-F1 | 0.2500 | 2 |" in readme


def test_no_file_is_larger_than_asked_for(merged: Path) -> None:
    assert len(sizes := [path.stat().st_size for path in merged.glob("*.safetensors")]) > 1
    assert max(sizes) < 110_000


def without(name: str) -> Callable[[Path, Path], None]:
    return lambda stage, base: (stage / name).unlink()


def whole_weights(stage: Path, base: Path) -> None:
    text = (stage / "stage.yaml").read_text(encoding="utf-8")
    (stage / "stage.yaml").write_text(text.replace("method: qlora", "method: full"), encoding="utf-8")


def base_trained_further(stage: Path, base: Path) -> None:
    weights = load_file(base / "model.safetensors")
    weights["model.norm.weight"] += 1
    save_file(weights, base / "model.safetensors", metadata={"format": "pt"})


def base_gone(stage: Path, base: Path) -> None:
    shutil.rmtree(base)


def base_in_four_bits(stage: Path, base: Path) -> None:
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    (base / "config.json").write_text(json.dumps(config), encoding="utf-8")


def mark_again(folder: Path) -> None:
    (folder / "complete.json").unlink()
    mark(folder, {"step": 4})


def of_kind(**settings: Any) -> Callable[[Path, Path], None]:
    def change(stage: Path, base: Path) -> None:
        path = stage / "best" / "adapter_config.json"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | settings), encoding="utf-8")
        mark_again(stage / "best")

    return change


def adapter_with(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Callable[[Path, Path], None]:
    def rewrite(stage: Path, base: Path) -> None:
        path = stage / "best" / "adapter_model.safetensors"
        save_file(change(load_file(path)), path, metadata={"format": "pt"})
        mark_again(stage / "best")

    return rewrite


REFUSED = {
    "no stage": (without("stage.yaml"), "no stage's folder"),
    "not finished": (without("best/complete.json"), "Finish the stage"),
    "whole weights": (whole_weights, "is a model already"),
    "base gone": (base_gone, "--base"),
    "base changed": (base_trained_further, "weights in .* are not those"),
    "tokenizer changed": (lambda stage, base: (base / "chat_template.jinja").write_text("x"), "The tokenizer in"),
    "quantized base": (base_in_four_bits, "16 bits"),
    "another kind": (of_kind(peft_type="IA3"), "IA3"),
    "DoRA": (of_kind(use_dora=True), "use_dora"),
    "more than products": (of_kind(modules_to_save=["lm_head"]), "modules_to_save"),
    "more layers": (
        adapter_with(lambda a: a | {n.replace("layers.1", "layers.7"): w.clone() for n, w in a.items()}),
        r"the base has no .*layers\.7",
    ),
    "fewer layers": (
        adapter_with(lambda a: {n: w for n, w in a.items() if "layers.1" not in n}),
        r"the adapter has no .*layers\.1",
    ),
    "another width": (adapter_with(lambda a: {n: w.repeat(1, 2) for n, w in a.items()}), "does not fit"),
    "no numbers": (adapter_with(lambda a: {n: w / 0 for n, w in a.items()}), "gives no numbers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_merged_is_refused_and_nothing_is_left_behind(
    case: str, base: Path, stage: Path, tmp_path: Path
) -> None:
    own_base, own_stage = tmp_path / "base", tmp_path / "stage"
    shutil.copytree(base, own_base)
    shutil.copytree(stage, own_stage)
    text = (own_stage / "stage.yaml").read_text(encoding="utf-8")
    (own_stage / "stage.yaml").write_text(text.replace(str(base), str(own_base)), encoding="utf-8")
    spoil, words = REFUSED[case]
    spoil(own_stage, own_base)
    with pytest.raises((InputError, ModelError), match=words):
        merge(read_finished(own_stage), own_stage / "merged")
    assert not [path for path in own_stage.iterdir() if "merged" in path.name]


def test_a_base_that_moved_is_named_and_a_full_folder_is_not_written_to(
    base: Path, stage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_stage = tmp_path / "stage"
    shutil.copytree(stage, own_stage)
    text = (own_stage / "stage.yaml").read_text(encoding="utf-8")
    (own_stage / "stage.yaml").write_text(text.replace(str(base), "/gone/base"), encoding="utf-8")
    assert main(["merge", str(own_stage)]) == 2
    assert main(["merge", str(own_stage), "--base", str(base)]) == 0
    assert capsys.readouterr().out.strip() == str(own_stage / "merged")
    assert main(["merge", str(own_stage), "--base", str(base)]) == 2
    assert "not empty" in capsys.readouterr().err
