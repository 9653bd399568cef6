"""Make instruction data of corpora: conversations in JSON lines, with a report and a manifest.

    python -m finetune prepare --data DIR --mixture finetune/configs/mixture.yaml --out DIR
    python -m finetune prepare --data DIR --mixture finetune/configs/mixture.yaml --out DIR --skip-missing
    python -m finetune prepare --data DIR --mixture finetune/configs/mixture.yaml --out DIR --dry-run

The mixture names corpora; their files are looked for by their official names, plain or as .xz or .gz, anywhere under
--data. Training documents that stand in a test set or in a development part that is reported on are removed, and so are
duplicates. The same seed and data give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from finetune.data.mixture import files_of
from finetune.data.prepare import Preparation, plan, prepare
from taiyi.errors import InputError

DEFAULT_MIXTURE = Path(__file__).parent.parent / "configs" / "mixture.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="where the corpora's files are")
    parser.add_argument("--mixture", type=Path, default=DEFAULT_MIXTURE, metavar="FILE", help="what is made of what")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder to make")
    parser.add_argument("--seed", type=int, default=0, help="of templates, orders and samples (default: 0)")
    parser.add_argument("--limit", type=int, metavar="N", help="read at most N documents of each corpus")
    parser.add_argument("--skip-missing", action="store_true", help="go on without corpora that are not at hand")
    parser.add_argument("--dry-run", action="store_true", help="say what would be read, and make nothing")
    parser.add_argument("--tokenizer", metavar="MODEL", help="count lengths in the tokens of a model (folder or name)")
    parser.add_argument(
        "--fingerprints",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="segment hashes of a test set of your own (set, tab, hash a line); may be repeated",
    )


def main(args: argparse.Namespace) -> int:
    """Plan, make, tell."""
    if args.limit is not None and args.limit < 1:
        raise InputError(f"--limit is {args.limit}; give a number of documents, at least 1.")
    preparation = Preparation(
        mixture_file=args.mixture,
        data_dir=args.data,
        out=args.out,
        seed=args.seed,
        limit=args.limit,
        skip_missing=args.skip_missing,
        tokenizer=args.tokenizer,
        fingerprints=tuple(args.fingerprints),
    )
    if args.dry_run:
        _print_plan(preparation)
        return 0
    for line in prepare(preparation):
        print(line, file=sys.stderr)
    return 0


def _print_plan(preparation: Preparation) -> None:
    mixture, missing = plan(preparation)
    for row in mixture.rows:
        paths = ", ".join(str(path) for path in files_of(row, preparation.data_dir))
        print(f"{row.name}\ttype {row.type}\t{row.task}\t{paths}")
    for absent in missing:
        print(f"missing\t{absent}")
    print(f"{len(mixture.rows)} corpora would be read, {len(missing)} are missing.", file=sys.stderr)
