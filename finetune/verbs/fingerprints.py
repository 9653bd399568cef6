"""Fingerprints of a test set of your own, so that others can keep its texts out of their training without having them.

    python -m finetune fingerprints test.jsonl --set my-set > my-set.tsv
    python -m finetune prepare --data DIR --out DIR --fingerprints my-set.tsv

Files are read as the app reads documents: .jsonl ({"id", "text"} a line), .txt, PubTator, BioC, brat and others. A line
holds the set's name, a tab, and 16 hex digits of the SHA-256 of a segment's letters and digits (`finetune/overlap.py`):
hashes tell whether a segment is the same, and nothing else of it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from finetune.overlap import segment_hashes
from taiyi.errors import InputError
from taiyi.formats import iter_texts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="documents of the test set")
    parser.add_argument("--set", required=True, metavar="NAME", help="the set's name, without white space")


def main(args: argparse.Namespace) -> int:
    """Read, hash, print."""
    if not args.set or any(char.isspace() for char in args.set):
        raise InputError(f"--set is {args.set!r}; give a name without white space.")
    texts = [text for file in args.files for _, text in iter_texts(file)]
    hashes = sorted({digest for text in texts for digest in segment_hashes(text)})
    if not hashes:
        raise InputError(f"The {len(texts):,} documents have no segment that is long enough to tell.")
    for digest in hashes:
        print(f"{args.set}\t{digest}")
    print(f"{len(hashes):,} segments of {len(texts):,} documents.", file=sys.stderr)
    return 0
