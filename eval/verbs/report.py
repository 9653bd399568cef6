"""Reports on finished runs: the paper's tables with our columns, pictures, errors by kind, and single cases.

    python -m eval report runs/bundled
    python -m eval report runs/one-stage runs/two-stage --out report

Writes report.md, report.html, cases.html and scores.png, and stages.png (in the manner of the paper's Figure 4) where
two runs are given, and prints their paths.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from eval.report.runs import read_runs
from eval.report.write import write_report

CASES = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("runs", type=Path, nargs="+", metavar="DIR", help="folder of a finished `python -m eval run`")
    parser.add_argument("--out", type=Path, help="folder for the files; the first run's by default")
    parser.add_argument(
        "--cases",
        type=_positive,
        default=CASES,
        metavar="N",
        help="single cases shown of each set (default: %(default)s)",
    )


def main(args: argparse.Namespace) -> int:
    """Write the report and name its files."""
    for path in write_report(read_runs(args.runs), args.out or args.runs[0], n_cases=args.cases):
        print(path)
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
