"""Compare two runs on the examples that both answered, set by set.

    python -m eval compare RUN_A RUN_B
    python -m eval compare runs/base runs/tuned --json

The difference is RUN_B minus RUN_A, with a 95 % interval by paired bootstrap (both are scored on the same resampled
examples) and the share of resamples in which RUN_B is no better. The folders are those of `python -m eval run --out`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from eval.compare import Comparison, compare_runs
from eval.report.runs import read_runs
from eval.score import DRAWS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("first", type=Path, metavar="RUN_A", help="folder of a run, for example of the base model")
    parser.add_argument("second", type=Path, metavar="RUN_B", help="folder of another, for example of the tuned one")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N", help="resamples of the 95 %% interval")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the resampling")
    parser.add_argument("--json", action="store_true", help="a JSON list with full floats")


def main(args: argparse.Namespace) -> int:
    """Read both, compare, print."""
    first, second = read_runs([args.first, args.second])
    rows = compare_runs(first, second, draws=args.draws, seed=args.seed)
    if args.json:
        print(json.dumps([row.to_dict() for row in rows], ensure_ascii=False, indent=1))
        return 0
    print(f"A: {args.first}\nB: {args.second}\n")
    print(f"{'set':<19}{'metric':<11}{'n':>6}{'A':>9}{'B':>9}{'B - A':>9}   95 % interval        draws <= 0")
    for row in rows:
        print(_line(row))
    return 0


def _line(row: Comparison) -> str:
    interval = f"[{row.low:+.4f}, {row.high:+.4f}]"
    values = f"{row.first:>9.4f}{row.second:>9.4f}{row.difference:>+9.4f}"
    return f"{row.set:<19}{row.metric:<11}{row.n:>6}{values}   {interval:<21}{row.at_or_below_zero:.3f}"
