"""Dev scores of a model in training: they are eval's own figures, and training does not notice them."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from eval.plan import plans
from eval.run import Run, RunSettings
from finetune.training import stage
from finetune.training.config import ScoreSettings, StageConfig
from finetune.training.scores import DevScores
from taiyi.assistant import Assistant
from taiyi.engine.loading import load_model, load_tokenizer
from taiyi.engine.local import LocalEngine
from taiyi.errors import InputError
from tests.taiyi.engine.conftest import make_model

MADE = Path(__file__).parents[2] / "data" / "sets"
SETS = ("ncbi-disease", "bc5cdr-chem")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Qwen3."""
    return make_model("qwen3", tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made test parts under the names of the development parts."""
    folder = tmp_path_factory.mktemp("corpora")
    shutil.copy(MADE / "ncbi_disease" / "NCBItestset_corpus.txt", folder / "NCBIdevelopset_corpus.txt")
    shutil.copy(MADE / "bc5cdr" / "CDR_TestSet.PubTator.txt", folder / "CDR_DevelopmentSet.PubTator.txt")
    return folder


@pytest.fixture
def config(base: Path, corpora: Path, tmp_path: Path) -> StageConfig:
    return StageConfig(
        base=str(base), data="", out=str(tmp_path / "out"), scores=ScoreSettings(SETS, data=str(corpora))
    )


def adapted(base: Path, quantize: str | None = None) -> Any:
    """The base under a random adapter, in training as the trainer has it: checkpointed, dropout on."""
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    torch.manual_seed(1)
    model = load_model(str(base), adapter=None, quantize=quantize, device="cpu")
    for module in model.modules():  # as model.py does: bitsandbytes repacks weights for inference, and loses precision
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
    model = prepare_model_for_kbit_training(model, gradient_checkpointing_kwargs={"use_reentrant": False})
    settings = LoraConfig(r=4, lora_dropout=0.5, target_modules="all-linear", init_lora_weights=False)
    return get_peft_model(model, settings).train()


def loss_of_a_step(model: Any) -> float:
    """The loss of one batch with dropout, and its gradients."""
    ids = torch.arange(24).reshape(2, 12)
    loss = model(input_ids=ids, labels=ids, use_cache=False).loss
    loss.backward()
    return loss.item()


def test_the_figures_are_those_of_a_run_of_the_evaluation_on_the_same_weights(
    base: Path, corpora: Path, config: StageConfig, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(str(base))
    model = adapted(base)
    model.save_pretrained(tmp_path / "adapter")
    figures = DevScores(config, tokenizer).measure(model, 3)

    settings = RunSettings(split="dev", predictor="llm")
    found, missing = plans(SETS, settings, corpora, lambda sentence: None)
    engine = LocalEngine(str(base), adapter=str(tmp_path / "adapter"))
    run = Run(tmp_path / "run", settings, lambda: Assistant(engine), batch=2, note=lambda sentence: None)
    rows = run.run(found, missing)
    run.close()
    assert {row["set"]: row["f1"] for row in rows} == {name: figures[name] for name in SETS}
    for name in SETS:
        asked, kept = (
            {record["id"]: record["reply"] for record in map(json.loads, path.read_text("utf-8").splitlines())}
            for path in (tmp_path / "run" / f"{name}.jsonl", Path(config.out) / "replies" / "step-3" / f"{name}.jsonl")
        )
        assert asked == kept
        assert any(asked.values())


@pytest.mark.parametrize("quantize", [None, "nf4"])
def test_training_goes_on_as_if_nothing_had_been_measured(
    quantize: str | None, base: Path, config: StageConfig
) -> None:
    scores = DevScores(config, load_tokenizer(str(base)))
    losses, numbers = [], []
    for measured in (False, True):
        model = adapted(base, quantize)
        attention = model.config._attn_implementation
        torch.manual_seed(5)
        random.seed(5)
        if measured:
            scores.measure(model, 0)
        losses += [loss_of_a_step(model)]
        numbers += [random.random()]
        assert model.training
        assert model.config._attn_implementation == attention
        assert all(weight.grad is not None for name, weight in model.named_parameters() if "lora_" in name)
    assert losses[0] == losses[1]
    assert numbers[0] == numbers[1]


def test_a_step_that_is_measured_again_leaves_one_record_an_example(base: Path, config: StageConfig) -> None:
    scores = DevScores(config, load_tokenizer(str(base)))
    model = adapted(base)
    assert scores.measure(model, 1) == scores.measure(model, 1)
    kept = (Path(config.out) / "replies" / "step-1" / "ncbi-disease.jsonl").read_text("utf-8").splitlines()
    assert len({json.loads(line)["id"] for line in kept}) == len(kept)


@pytest.mark.parametrize(("choose_by", "expected"), [("mean", 0.5), ("bc5cdr-chem", 0.75)])
def test_the_checkpoint_is_chosen_by_the_mean_or_by_one_set(
    choose_by: str, expected: float, base: Path, config: StageConfig
) -> None:
    assert config.scores
    chosen = replace(config, scores=replace(config.scores, choose_by=choose_by))
    scores = DevScores(chosen, load_tokenizer(str(base)))
    assert scores._chosen({"ncbi-disease": 0.25, "bc5cdr-chem": 0.75}) == expected


def test_what_cannot_be_measured_is_said_before_training(config: StageConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert config.scores
    monkeypatch.delenv("TAIYI_DATA", raising=False)
    for change, word in (
        ({"split": "test"}, "worthless"),
        ({"data": None}, "TAIYI_DATA"),
        ({"sets": ("ncbi",), "choose_by": "mean"}, "no set 'ncbi'"),
    ):
        with pytest.raises(InputError, match=word):
            DevScores(replace(config, scores=replace(config.scores, **change)), None)


def test_where_weights_are_sharded_scores_are_refused_before_training(
    config: StageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(InputError, match="scores=null"):
        stage._measure(config, None)
