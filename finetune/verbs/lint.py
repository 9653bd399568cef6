"""Find what is wrong in instruction files before they are trained on.

    python -m finetune lint DIR                      every .jsonl file of a folder that `prepare` made
    python -m finetune lint mine.jsonl --json        a JSON object a finding
    python -m finetune lint mine.jsonl --limit 1000  the first lines only

A finding is a line `file:line: kind: what is wrong; what to do.` Errors should not be trained on, warnings want a look;
the exit code is 1 where there are errors, else 0. Counts go to standard error. Read are our instructions (all checks)
and, with the checks that need no request, JSON lines of messages, ShareGPT, Alpaca and prompt-completion form:

    {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}
    {"conversations": [{"from": "human", "value": "..."}, {"from": "gpt", "value": "..."}]}
    {"instruction": "...", "input": "...", "output": "..."}
    {"prompt": "...", "completion": "..."}
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from finetune.data.checks import kinds
from finetune.data.lint import lint_file
from taiyi.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON lines, or a folder of .jsonl files")
    parser.add_argument("--json", action="store_true", help="a JSON object a finding")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N lines of each file")


def main(args: argparse.Namespace) -> int:
    """Read, check, print."""
    if args.limit is not None and args.limit < 1:
        raise InputError(f"--limit is {args.limit}; give a number of lines, at least 1.")
    files = list(_files(args.files))
    counts: Counter[str] = Counter()
    for file in files:
        for finding in lint_file(file, args.limit):
            counts[finding.kind] += 1
            print(json.dumps(finding.to_dict(), ensure_ascii=False) if args.json else finding)
    n_errors = sum(count for kind, count in counts.items() if kinds()[kind].severity == "error")
    print(_summary(counts, n_errors, len(files)), file=sys.stderr)
    return 1 if n_errors else 0


def _files(given: Sequence[Path]) -> Iterator[Path]:
    for path in given:
        inside = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not inside:
            raise InputError(f"There is no .jsonl file in {path}; name a file, or the folder that prepare made.")
        if not path.exists():
            raise InputError(f"There is no file {path}. Check the name.")
        yield from inside


def _summary(counts: Counter[str], n_errors: int, n_files: int) -> str:
    where = f"in {n_files} file{'' if n_files == 1 else 's'}"
    if not counts:
        return f"Nothing was found {where}."
    listed = ", ".join(f"{kind} {count:,}" for kind, count in counts.most_common())
    return f"{n_errors:,} errors and {counts.total() - n_errors:,} warnings {where}: {listed}."
