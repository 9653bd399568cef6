"""Which corpora hold documents of test sets: a line a corpus, split and test set.

    python -m finetune leaks --data DIR                    against the fingerprints that ship with the project
    python -m finetune leaks --data DIR --tests DIR        and against the test parts in a folder, text by text
    python -m finetune leaks --data DIR --corpora biored,tmvar3 --split train

`prepare` takes such documents out; this says beforehand how many there are.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from finetune.data.leaks import LeakFilter, document_text
from taiyi.corpora import corpus_names, corpus_splits, find_corpus, read_corpus
from taiyi.errors import FormatError, InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="where the corpora's files are")
    parser.add_argument("--tests", type=Path, metavar="DIR", help="where test parts are; without, hashes alone tell")
    parser.add_argument("--corpora", metavar="A,B", help="these corpora (default: all that are at hand)")
    parser.add_argument("--split", default="train", help="the part to look at (default: train)")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N documents of each corpus")


def main(args: argparse.Namespace) -> int:
    """Read, look up, print."""
    for folder in filter(None, (args.data, args.tests)):
        if not folder.is_dir():
            raise InputError(f"There is no folder {folder}; name the one that the files are under.")
    leaks = LeakFilter.load(args.tests, args.data)
    if args.tests:
        print(f"test sets at hand: {', '.join(leaks.at_hand) or 'none'}", file=sys.stderr)
    print("corpus\tdocuments\tleaked\tshare\tset\tof the set")
    for name in _corpora(args):
        texts = (document_text(example.request) for example in read_corpus(name, args.split, args.data))
        found = [leaks.leaked(text) for text in dict.fromkeys(islice(texts, args.limit))]
        counts = Counter(filter(None, found))
        for line in _lines(name, len(found), counts):
            print(line, flush=True)
    return 0


def _corpora(args: argparse.Namespace) -> Iterator[str]:
    """The corpora asked for; of all, those whose files are at hand."""
    if args.corpora:
        yield from args.corpora.split(",")
        return
    for name in corpus_names():
        if args.split in corpus_splits(name):
            try:
                find_corpus(name, args.split, args.data)
            except FormatError as error:
                if error.code != "corpus_missing":
                    raise
            else:
                yield name


def _lines(name: str, n_documents: int, counts: Counter[str]) -> Iterator[str]:
    """A line for each set that a corpus holds documents of, the first with the sum; one where it holds none."""
    total = counts.total()
    start = f"{name}\t{n_documents}\t{total}\t{total / max(1, n_documents):.1%}"
    for test_set, count in counts.most_common() or [("", 0)]:
        yield f"{start}\t{test_set}\t{count or ''}".rstrip()
        start = "\t\t\t"
