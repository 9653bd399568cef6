"""A stage's settings: shipped files load, the paper's values stand in them, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from finetune.training.config import LoraSettings, StageConfig
from taiyi.errors import InputError

CONFIGS = Path(__file__).parents[3] / "finetune" / "configs"
SHIPPED = [
    "stage1.yaml",
    "stage2.yaml",
    "one_stage.yaml",
    *(f"small/{n}.yaml" for n in ("stage1", "stage2", "one_stage")),
]


def settings_file(folder: Path, **changes: object) -> Path:
    path = folder / "stage.yaml"
    path.write_text(yaml.safe_dump({"base": "b", "data": "d", "out": "o", **changes}), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_configuration_loads(name: str) -> None:
    config = StageConfig.load(CONFIGS / name)
    assert (config.start_from is not None) == ("stage2" in name)
    assert config.types == ((1,) if "stage1" in name else (1, 2))


@pytest.mark.parametrize(("name", "epochs"), [("stage1.yaml", 5), ("stage2.yaml", 3)])
def test_the_stages_have_the_settings_of_the_paper(name: str, epochs: int) -> None:
    """Paper, "Model training"."""
    config = StageConfig.load(CONFIGS / name)
    assert config.method == "qlora"
    assert config.lora == LoraSettings(rank=64, alpha=16, dropout=0.05, targets="all-linear")
    assert (config.learn_rate, config.warmup, config.max_length) == (2e-4, 0.1, 1024)
    assert (config.batch_per_device, config.epochs) == (12, epochs)


def test_stage_two_continues_what_stage_one_makes() -> None:
    for folder in (CONFIGS, CONFIGS / "small"):
        one, two = (StageConfig.load(folder / f"stage{n}.yaml") for n in (1, 2))
        assert two.start_from == one.out
        assert (two.base, two.data, two.lora) == (one.base, one.data, one.lora)


def test_settings_are_changed_by_name_and_written_as_they_are_read(tmp_path: Path) -> None:
    config = StageConfig.load(
        settings_file(tmp_path, lora={"alpha": 32}),
        ["lora.rank=8", "learn_rate=1e-5", "scores.sets=[cmeee]", "types=[1,2]"],
    )
    assert config.lora == LoraSettings(rank=8, alpha=32)
    assert config.learn_rate == 1e-5
    assert config.scores is not None
    assert config.scores.sets == ("cmeee",)
    (tmp_path / "again.yaml").write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")
    assert StageConfig.load(tmp_path / "again.yaml") == config


def test_folders_are_made_absolute_and_hub_names_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    config = StageConfig.load(settings_file(tmp_path, base="model", data="d", out="runs/o", start_from="runs/p"))
    assert (config.base, config.data) == (f"{tmp_path}/model", f"{tmp_path}/d")
    assert (config.out, config.start_from) == (f"{tmp_path}/runs/o", f"{tmp_path}/runs/p")
    assert StageConfig.load(settings_file(tmp_path, base="Qwen/Qwen3-8B")).base == "Qwen/Qwen3-8B"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learning_rate": 1}, "learning_rate is not known; known are accumulation, base, batch_per_device"),
        ({"lora": {"r": 8}}, "lora.r is not known; known are alpha, dropout, rank, targets"),
        ({"base": None}, "the setting base is None"),
        ({"method": "dora"}, "the setting method is 'dora': Input should be 'qlora', 'lora' or 'full'"),
        ({"epochs": 0}, "the setting epochs is 0: Input should be greater than 0"),
        ({"batch_per_device": 2.5}, "the setting batch_per_device is 2.5: Input should be a valid integer"),
        ({"types": [1, 3]}, "the setting types.1 is 3: Input should be 1 or 2"),
        ({"scores": {"sets": ["cmeee"], "choose_by": "hoc"}}, "choose_by is 'hoc'; use mean or one of cmeee"),
        ({"out": "same", "start_from": "same"}, "start_from and out are the same folder"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    path = settings_file(tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        StageConfig.load(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "stage.yaml"
    path.write_text("base: b\nout: o\n")
    with pytest.raises(InputError, match=r"the setting data is missing\."):
        StageConfig.load(path)


@pytest.mark.parametrize(
    ("content", "said"), [("base: [", "no YAML"), ("- base", "no mapping"), (None, "cannot be read")]
)
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "stage.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=said):
        StageConfig.load(path)


@pytest.mark.parametrize("change", ["epochs", "epochs=[", "=3"])
def test_a_change_that_says_nothing_is_refused(tmp_path: Path, change: str) -> None:
    with pytest.raises(InputError):
        StageConfig.load(settings_file(tmp_path), [change])
