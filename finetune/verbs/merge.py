"""Merge the best adapter of a stage into its bf16 base: a model folder that app, eval and servers load.

    python -m finetune merge runs/stage2                         into runs/stage2/merged
    python -m finetune merge runs/stage2 --into models/mine --shard-size 9MB

The base must be the one that the stage was trained on, unquantized. What was merged is checked with
`python -m finetune check OUT`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from finetune.quiet import quieten


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("stage", type=Path, metavar="OUT", help="folder of a stage")
    parser.add_argument("--into", type=Path, metavar="DIR", help="the merged model's folder; default: OUT/merged")
    parser.add_argument("--base", metavar="NAME", help="where the base is now; default: where it was in training")
    parser.add_argument("--shard-size", default="5GB", metavar="SIZE", help="largest file of weights; default: 5GB")


def main(args: argparse.Namespace) -> int:
    """Merge, and print the folder."""
    quieten()
    from finetune.training.finished import read_finished
    from finetune.training.merging import merge

    stage = read_finished(args.stage, args.base)
    folder = merge(stage, args.into or args.stage / "merged", shard_size=args.shard_size)
    print(folder)
    print(f"Check it with: python -m finetune check {args.stage}", file=sys.stderr)
    return 0
