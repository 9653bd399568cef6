"""A stage from settings to a folder that describes itself, and the next one that continues it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml

from finetune.__main__ import main
from finetune.training.config import LoraSettings, StageConfig
from finetune.training.stage import planned, train_stage
from taiyi.errors import InputError
from tests.finetune.training.made_run import log_rows, make_config, make_data, weights


@pytest.fixture(scope="module")
def config(base_of: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> StageConfig:
    """A stage on rows of type 1, with rows of type 2 beside them for the next one."""
    folder = tmp_path_factory.mktemp("stages")
    data = make_data(folder / "prepared")
    for part in ("train", "dev"):
        rows = (data / f"type1.{part}.jsonl").read_text(encoding="utf-8").replace('"type":1', '"type":2')
        (data / f"type2.{part}.jsonl").write_text(rows, encoding="utf-8")
    return make_config(base_of("qwen2"), data, folder / "stage1", max_steps=3)


@pytest.fixture(scope="module")
def finished(config: StageConfig) -> Path:
    torch.set_num_threads(1)
    return train_stage(config)


def test_a_finished_stage_describes_itself(finished: Path, config: StageConfig) -> None:
    assert StageConfig.load(finished / "stage.yaml") == config
    made_of = json.loads((finished / "made_of.json").read_text(encoding="utf-8"))
    assert set(made_of["data"]) == {"type1.train.jsonl", "type1.dev.jsonl"}
    assert made_of["plan"]["conversations"] == 24
    readme = (finished / "README.md").read_text(encoding="utf-8")
    best = json.loads((finished / "finished.json").read_text(encoding="utf-8"))["best"]
    for said in (config.base, f"{best['eval_loss']:.4f}", made_of["data"]["type1.train.jsonl"], "24 conversations"):
        assert said in readme
    assert {path.name for path in (finished / "best").iterdir()} >= {
        "adapter_model.safetensors",
        "tokenizer.json",
        "chat_template.jinja",
    }
    assert (finished / "curves.png").stat().st_size > 0


def test_the_log_has_a_row_for_each_step_and_each_evaluation(finished: Path) -> None:
    """Evaluated at step 2, as saved, and at the end."""
    rows = log_rows(finished)
    assert [row["step"] for row in rows if "loss" in row] == [1, 2, 3]
    assert [row["step"] for row in rows if "eval_loss" in row] == [2, 3]
    assert rows[-2]["tokens"] > rows[0]["tokens"] > 0
    assert rows[0].keys() >= {"loss", "learn_rate", "tokens", "tokens_per_s"}


def test_the_best_model_is_that_of_the_lowest_loss_on_what_was_set_aside(finished: Path) -> None:
    losses = {row["step"]: row["eval_loss"] for row in log_rows(finished) if "eval_loss" in row}
    best = json.loads((finished / "best" / "complete.json").read_text(encoding="utf-8"))
    assert losses[best["step"]] == min(losses.values()) == best["eval_loss"]


def test_a_finished_stage_is_not_trained_again(finished: Path, config: StageConfig) -> None:
    before = (finished / "finished.json").stat().st_mtime_ns
    assert train_stage(config) == finished
    assert (finished / "finished.json").stat().st_mtime_ns == before


def test_a_second_stage_continues_the_adapter_of_the_first(finished: Path, config: StageConfig) -> None:
    """At a rate of next to nothing its weights are those that it began with, not new ones."""
    second = replace(config, out=f"{finished}-2", start_from=str(finished), types=(1, 2), learn_rate=1e-12, max_steps=1)
    begun, ended = weights(finished / "best"), weights(train_stage(second) / "best")
    assert begun.keys() == ended.keys()
    assert all(torch.allclose(weight, ended[name], atol=1e-6) for name, weight in begun.items())
    made_of = json.loads((Path(second.out) / "made_of.json").read_text(encoding="utf-8"))
    assert made_of["plan"]["conversations"] == 48


def test_a_second_stage_without_its_first_says_which_command_makes_it(config: StageConfig, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"which is not there\. Make it first: python -m finetune train .*stage1\.yaml"
    ):
        train_stage(replace(config, start_from=str(tmp_path / "stage1")))


def test_a_second_stage_of_a_first_that_was_broken_off_is_refused(finished: Path, config: StageConfig) -> None:
    mark = finished / "finished.json"
    content = mark.read_bytes()
    mark.unlink()
    try:
        with pytest.raises(InputError, match="which is not finished"):
            train_stage(replace(config, out=f"{finished}-3", start_from=str(finished)))
    finally:
        mark.write_bytes(content)


def test_an_adapter_is_continued_with_its_own_settings(finished: Path, config: StageConfig) -> None:
    other = replace(config, out=f"{finished}-4", start_from=str(finished), lora=LoraSettings(rank=2))
    with pytest.raises(InputError, match=r"lora is .*'rank': 2.* but .*'rank': 4"):
        train_stage(other)
    with pytest.raises(InputError, match="an adapter continues an adapter"):
        train_stage(replace(config, out=f"{finished}-4", start_from=str(finished), method="full"))


def test_a_folder_with_a_run_of_other_settings_is_left_alone(finished: Path, config: StageConfig) -> None:
    with pytest.raises(InputError, match=r"holds a run with learn_rate: 0\.01, now it is 0\.5\."):
        train_stage(replace(config, learn_rate=0.5))


def test_a_run_does_not_go_on_with_other_data(base_of: Callable[[str], Path], tmp_path: Path) -> None:
    config = make_config(base_of("qwen2"), make_data(tmp_path / "data"), tmp_path / "out", max_steps=1, save_steps=1)
    out = train_stage(config)
    (out / "finished.json").unlink()
    make_data(tmp_path / "data", n=12)
    with pytest.raises(InputError, match=r"data type1\.train\.jsonl is not what the run in .* began with"):
        train_stage(config)


def test_the_number_of_rows_a_step_is_checked_where_it_is_given(config: StageConfig, tmp_path: Path) -> None:
    """Two rows a device, three passes, one process: 6."""
    given = replace(config, out=str(tmp_path / "o"), accumulation=3, global_batch=6)
    assert planned(given).global_batch == 6
    with pytest.raises(InputError, match="global_batch is 96, but batch_per_device 2 × accumulation 3 × 1 process"):
        planned(replace(given, global_batch=96))


def test_a_dry_run_prints_the_plan_and_writes_nothing(
    config: StageConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stage.yaml"
    path.write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")
    assert main(["train", str(path), "--dry-run", "--set", f"out={tmp_path / 'out'}", "--set", "packing=false"]) == 0
    said = capsys.readouterr().out
    assert "24 conversations" in said
    assert "3 steps of 2 rows" in said
    assert not (tmp_path / "out").exists()


def test_what_must_be_mended_is_said_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(tmp_path / "none.yaml")]) == 2
    assert (
        capsys.readouterr().err
        == f"{tmp_path / 'none.yaml'}: the settings cannot be read (No such file or directory).\n"
    )


def test_data_that_all_is_longer_than_the_window_is_refused(config: StageConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing to learn from in type1\.train\.jsonl for a window of 16"):
        planned(replace(config, out=str(tmp_path / "o"), max_length=16))
