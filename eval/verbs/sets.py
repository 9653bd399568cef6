"""What is at hand: each set with its official size, the files found for its test and dev parts, or what is missing.

    python -m eval sets --data DIR
    python -m eval sets --data DIR --json

Files are looked for by their official names, plain or as .xz or .gz, anywhere under DIR, read, and counted. A size that
is not the official one is told with both numbers; a file that is corrupt is named, and the exit code is then 2.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.sets import SPLITS, EvalSet, find_source, load_sets, read_set, source_note
from taiyi.errors import InputError, TaiyiError

Row = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="where the corpora's files are")
    parser.add_argument("--json", action="store_true", help="a JSON list of the sets")


def main(args: argparse.Namespace) -> int:
    """Look, count, print."""
    if not args.data.is_dir():
        raise InputError(f"There is no folder {args.data}; name the one that the corpora's files are under.")
    rows = [row_of(eval_set, args.data) for eval_set in load_sets().values()]
    print(json.dumps(rows, ensure_ascii=False, indent=1) if args.json else "\n".join(_lines(rows)))
    corrupt = [part["corrupt"] for row in rows for part in map(row.__getitem__, SPLITS) if "corrupt" in part]
    for problem in dict.fromkeys(corrupt):
        print(problem, file=sys.stderr)
    return 2 if corrupt else 0


def row_of(eval_set: EvalSet, data_dir: Path) -> Row:
    """One set: what it is, and for "test" and "dev" the `files` and their `size`, or what is `missing` or `corrupt`;
    nothing where the set has no such part. `note` says what a reader of a score must know."""
    row: Row = {"set": eval_set.name, "task": eval_set.task, "lang": eval_set.lang, "table": eval_set.table}
    row |= {"official_size": eval_set.size, "unit": eval_set.unit, "get": eval_set.get}
    return row | {split: _part(eval_set, split, data_dir) for split in SPLITS}


def _part(eval_set: EvalSet, split: str, data_dir: Path) -> Row:
    if not eval_set.sources(split):
        return {}
    try:
        found = find_source(eval_set, split, data_dir)
        size = len(read_set(eval_set, split, data_dir))
    except TaiyiError as error:
        return {"missing" if error.code == "corpus_missing" else "corrupt": str(error)}
    note = source_note(eval_set, split, found.source, size)
    files = [str(path.relative_to(data_dir)) for path in found.paths]
    return {"files": files, "size": size} | ({"note": note} if note else {})


def _lines(rows: list[Row]) -> Iterator[str]:
    """A line a set; below, what must be known about parts and where the missing ones are to be had."""
    yield f"{'set':<19}{'task':<11}{'lang':<5}{'official size':<17}{'test':<9}{'dev':<9}files"
    for row in rows:
        official = f"{row['official_size'] or ''} {row['unit']}".strip()
        test, dev = (_state(row[split]) for split in SPLITS)
        files = ", ".join(dict.fromkeys(file for split in SPLITS for file in row[split].get("files", ())))
        yield f"{row['set']:<19}{row['task']:<11}{row['lang']:<5}{official:<17}{test:<9}{dev:<9}{files}"
    notes = [part["note"] for row in rows for part in map(row.__getitem__, SPLITS) if "note" in part]
    yield from ["", "To know:", *notes] if notes else []
    absent: dict[str, list[str]] = {}
    for row in rows:
        if any("missing" in row[split] for split in SPLITS):
            absent.setdefault(row["get"], []).append(row["set"])
    yield from ["", "Where to get what is missing:"] if absent else []
    for get, names in absent.items():
        yield f"{', '.join(names)}: {get}"


def _state(part: Row) -> str:
    return next((state for state in ("missing", "corrupt") if state in part), str(part.get("size", "–")))
