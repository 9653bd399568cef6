"""Memory and operations of a stage, computed from its settings and the shape of its base; no data and no GPU is needed.

    python -m finetune estimate finetune/configs/stage1.yaml
    python -m finetune estimate finetune/configs/stage1.yaml --known                  every model of known shape
    python -m finetune estimate finetune/configs/stage1.yaml --known --set batch_per_device=4

A line a model, GiB on one device by what takes them. `python -m finetune train CONFIG --dry-run` does the same with the
tokens that there are, and tells the time. `finetune/data/estimate.py` has the formula of each figure.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from finetune.data.estimate import GIB, Memory, memory, operations, trained_parameters
from finetune.data.shapes import known_shapes, shape_of
from finetune.training.config import StageConfig
from taiyi.errors import InputError

MILLION = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("config", type=Path, metavar="CONFIG.yaml", help="settings of the stage")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="change a setting (lora.rank=8)"
    )
    parser.add_argument("--known", action="store_true", help="the models of known shape instead of the stage's base")
    parser.add_argument("--learnt", type=float, default=0.2, metavar="SHARE", help="of the tokens (default: 0.2)")
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16", help="computed in (default: bf16)")


def main(args: argparse.Namespace) -> int:
    """Compute, print."""
    if not 0 <= args.learnt <= 1:
        raise InputError(f"--learnt is {args.learnt}; give a share between 0 and 1.")
    config = StageConfig.load(args.config, args.changes)
    bases = list(known_shapes()) if args.known else [config.base]
    for line in _lines(bases, config, args):
        print(line)
    return 0


def _lines(bases: list[str], config: StageConfig, args: argparse.Namespace) -> Iterator[str]:
    names = [field.name for field in fields(Memory)]
    head = ["model", "parameters", "trained", *(f"{name} GiB" for name in names), "total GiB", "PFLOP/Mtoken"]
    yield "\t".join(head)
    for base in bases:
        shape = shape_of(base)
        found = memory(shape, config, args.learnt, args.precision)
        sizes = [f"{getattr(found, name) / GIB:.1f}" for name in (*names, "total")]
        work = operations(shape, config, MILLION, round(args.learnt * MILLION)) / 1e15
        trained = f"{trained_parameters(shape, config) / MILLION:,.0f} M"
        yield "\t".join([base, f"{shape.n_parameters / MILLION:,.0f} M", trained, *sizes, f"{work:.1f}"])
