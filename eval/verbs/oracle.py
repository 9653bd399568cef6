"""Send gold through reply, grammar and score: every set that is found must score exactly 1.0000.

    python -m eval oracle --data DIR
    python -m eval oracle --data DIR --split dev --sets cmeee,cmeie

The exit code is 1 where a set scores less, with the examples that lose something on standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from eval.oracle import OracleScore, oracle
from eval.plan import Part, plans
from eval.sets import SPLITS

SHOWN = 10
ANY_BORDERS = 'mentions are cut inside a word or at a mark; the grammar takes them with the borders "any"'
UNGROUNDED = "names of triples are not in the text; a free reply carries them, a constrained one never does"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="where the corpora's files are")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--sets", default="", metavar="A,B", help="names of sets; default: all whose files are found")
    parser.add_argument("--sample", type=int, metavar="N", help="so many examples of each set, at random")


def main(args: argparse.Namespace) -> int:
    """Print a line a set as it is done."""
    names = [name.strip() for name in args.sets.split(",") if name.strip()]
    sets, missing = plans(names, Part(args.split, args.sample), args.data, _note)
    for name in missing:
        _note(f"{name} is left out: its files are not under {args.data}.")
    perfect = True
    for plan in sets:
        score = oracle(plan.eval_set, plan.examples, args.split)
        print("\n".join(_lines(score)), flush=True)
        for id in (*score.refused, *score.lost)[:SHOWN]:
            _note(f"{score.set}: the gold of {id} does not come through.")
        perfect = perfect and score.perfect
    return 0 if perfect else 1


def _lines(score: OracleScore) -> Iterator[str]:
    yield f"{score.set:<20} {score.value:.4f}  n = {score.n}"
    if score.n_any_borders:
        yield f"  {score.n_any_borders} replies: {ANY_BORDERS}"
    if score.n_ungrounded:
        yield f"  {score.n_ungrounded} replies: {UNGROUNDED}"
    if score.refused:
        yield f"  {len(score.refused)} replies fit no grammar"


def _note(sentence: str) -> None:
    print(sentence, file=sys.stderr)
