"""Train a stage: `python -m finetune train CONFIG.yaml`, or all GPUs with `accelerate launch -m finetune train ...`.

    python -m finetune train finetune/configs/small/stage1.yaml --set data=DIR              the bundled model, on a CPU
    python -m finetune train finetune/configs/stage1.yaml --set base=FOLDER --set out=DIR   the paper's settings
    python -m finetune train finetune/configs/stage1.yaml --dry-run                         what it would do

The folder `out` of the settings is filled with checkpoints and, in the end, describes itself. Killed at any moment, the
same command goes on from the newest complete checkpoint to the weights that it would have come to.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from finetune.quiet import quieten


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("config", type=Path, metavar="CONFIG.yaml", help="settings of the stage")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="change a setting (lora.rank=8)"
    )
    parser.add_argument("--dry-run", action="store_true", help="print what would be done, and check the settings")


def main(options: argparse.Namespace) -> int:
    """Train, or print the plan."""
    from finetune.training.config import StageConfig

    config = StageConfig.load(options.config, options.changes)
    quieten()
    from accelerate import PartialState

    from finetune.training.stage import plan_lines, planned, train_stage

    said = plan_lines(config, planned(config)) if options.dry_run else [str(train_stage(config))]
    if PartialState().is_main_process:
        print("\n".join(said))
    return 0
