"""Train a stage: `python -m finetune train CONFIG.yaml`, or all GPUs with `accelerate launch -m finetune train ...`.

    python -m finetune train finetune/configs/small/stage1.yaml --set data=DIR              the bundled model, on a CPU
    python -m finetune train finetune/configs/stage1.yaml --set base=FOLDER --set out=DIR   the paper's settings
    python -m finetune train finetune/configs/stage1.yaml --dry-run                         what it would do

The folder `out` of the settings is filled with checkpoints and, in the end, describes itself. Killed at any moment, the
same command goes on from the newest complete checkpoint to the weights that it would have come to.
"""

from __future__ import annotations

import argparse
import logging
import warnings
from pathlib import Path


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
    _quieten()
    from finetune.training.stage import plan_lines, planned, train_stage

    if options.dry_run:
        print("\n".join(plan_lines(config, planned(config))))
    else:
        print(train_stage(config))
    return 0


def _quieten() -> None:
    """Libraries' notes on what is meant to be so."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    for name in ("accelerate", "bitsandbytes"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning)
