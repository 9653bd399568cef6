"""The configurations for several GPUs, read by accelerate's launcher and transformers' own classes."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

import pytest
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.utils import DeepSpeedPlugin, DistributedType, FullyShardedDataParallelPlugin
from accelerate.utils.launch import prepare_multi_gpu_env
from torch.distributed.fsdp import MixedPrecisionPolicy

from finetune.training.config import StageConfig

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "finetune" / "configs"
STAGES = ("stage1.yaml", "stage2.yaml", "one_stage.yaml")
ZERO = ("deepspeed_zero2.json", "deepspeed_zero3.json")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test sets in the environment ends with it; configurations are named from the repository's root."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.chdir(ROOT)


def launched(config: str, *more: str) -> Namespace:
    """What `accelerate launch` makes of a configuration and further options."""
    options = ["--config_file", str(CONFIGS / config), *more, "-m", "finetune", "train", "stage.yaml"]
    return _validate_launch_command(launch_command_parser().parse_args(options))[0]


@pytest.mark.parametrize(
    ("config", "kind"),
    [("accelerate_fsdp.yaml", DistributedType.FSDP), ("accelerate_deepspeed.yaml", DistributedType.DEEPSPEED)],
)
def test_accelerate_knows_every_key(config: str, kind: DistributedType) -> None:
    found = load_config_from_file(str(CONFIGS / config))
    assert (found.distributed_type, found.num_processes, found.num_machines) == (kind, 2, 1)


def test_fsdp_shards_frozen_and_trained_weights_and_writes_them_whole() -> None:
    """As the processes that the launcher starts would see it: through the environment."""
    args = launched("accelerate_fsdp.yaml", "--num_processes", "4")
    assert (args.use_fsdp, args.num_processes, args.mixed_precision) == (True, 4, "bf16")
    os.environ.update(prepare_multi_gpu_env(args))
    plugin = FullyShardedDataParallelPlugin()
    plugin.set_mixed_precision("bf16")
    assert (plugin.fsdp_version, plugin.reshard_after_forward) == (2, True)
    assert plugin.state_dict_type.name == "FULL_STATE_DICT"
    assert plugin.auto_wrap_policy.__name__ == "transformer_auto_wrap_policy"
    assert isinstance(plugin.mixed_precision_policy, MixedPrecisionPolicy)
    assert not plugin.activation_checkpointing, "Trainer refuses it beside the stage's gradient_checkpointing"


def test_deepspeed_s_stage_is_chosen_on_the_command_line() -> None:
    two = launched("accelerate_deepspeed.yaml")
    assert (two.use_deepspeed, two.zero3_init_flag) == (True, False)
    assert Path(two.deepspeed_config_file).name == "deepspeed_zero2.json"
    assert Path(two.deepspeed_config_file).is_file()
    zero3 = "finetune/configs/deepspeed_zero3.json"
    three = launched("accelerate_deepspeed.yaml", "--deepspeed_config_file", zero3, "--zero3_init_flag", "true")
    assert (three.deepspeed_config_file, three.zero3_init_flag) == (zero3, "true")


@pytest.mark.parametrize(("config", "stage"), [(ZERO[0], 2), (ZERO[1], 3)])
def test_accelerate_reads_the_deepspeed_configurations(config: str, stage: int) -> None:
    plugin = DeepSpeedPlugin(hf_ds_config=str(CONFIGS / config))
    assert plugin.zero_stage == stage
    assert plugin.hf_ds_config.is_zero3() == (stage == 3)
    assert plugin.zero3_save_16bit_model == (stage == 3)


@pytest.mark.parametrize("config", ZERO)
@pytest.mark.parametrize("stage", STAGES)
def test_deepspeed_takes_batch_and_clipping_from_the_stage(config: str, stage: str) -> None:
    """Four processes, filled in as accelerate does it: `deepspeed_config_process` raises for a key that is missing or
    has a value of its own that differs. Stage 3's buffers follow the model's width, here 4,096."""
    settings = StageConfig.load(CONFIGS / stage)
    plugin = DeepSpeedPlugin(hf_ds_config=str(CONFIGS / config))
    given: dict[str, object] = {
        "train_micro_batch_size_per_gpu": settings.batch_per_device,
        "gradient_accumulation_steps": settings.accumulation,
        "train_batch_size": settings.batch_per_device * settings.accumulation * 4,
        "gradient_clipping": settings.max_grad_norm,
        "bf16.enabled": True,
        "fp16.enabled": False,
    }
    if config == "deepspeed_zero3.json":
        given |= {
            "zero_optimization.reduce_bucket_size": 4096 * 4096,
            "zero_optimization.stage3_prefetch_bucket_size": int(0.9 * 4096 * 4096),
            "zero_optimization.stage3_param_persistence_threshold": 10 * 4096,
        }
    plugin.deepspeed_config_process(must_match=True, **given)
    assert {key: plugin.hf_ds_config.get_value(key) for key in given} == given
