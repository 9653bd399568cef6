"""Answer every example of the sets with a predictor, and score them.

    python -m eval run --data DIR --out runs/bundled
    python -m eval run --data DIR --out runs/base --model Qwen/Qwen3-8B --sets cmeee,cmeie --sample 200
    python -m eval run --data DIR --out runs/llm --predictor llm --split dev

The folder gets `run.json` (how the run was made), `<set>.jsonl` (a record an example) and `scores.json` (a row a set).
A run may be stopped at any moment; the same command goes on where it stopped. On a finished run it only prints.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.plan import plans
from eval.run import TEMPLATE_CHOICES, Run, RunSettings
from eval.sets import SPLITS
from taiyi.assistant import CHOICES, Assistant, load_assistant
from taiyi.card import CARD_FILE
from taiyi.config import BUNDLED_SPECIALISTS, QUANTIZATIONS, load_settings
from taiyi.errors import InputError

BATCH = 16
# The bundled model's steps are short: many rows fill them, and a second thread costs more than it computes (measured on
# two cores with 192 CMeEE sentences: 22.6 documents/s with 64 rows and one thread, 11.3 with two).
BUNDLED_BATCH, BUNDLED_THREADS = 64, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="where the corpora's files are")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the run's folder")
    parser.add_argument("--model", default="", metavar="NAME", help="folder, hub name or openai:URL#NAME")
    parser.add_argument("--adapter", default="", metavar="DIR")
    parser.add_argument("--quantize", default="", choices=QUANTIZATIONS)
    parser.add_argument(
        "--specialists",
        dest="specialists_dir",
        default="",
        metavar="DIR",
        help="other specialists than the bundled: a folder with a folder for each",
    )
    parser.add_argument(
        "--predictor", choices=CHOICES, default="auto", help="who answers; auto is whoever the app asks"
    )
    parser.add_argument(
        "--template",
        choices=TEMPLATE_CHOICES,
        default="model",
        help="the prompt of the model's own card where it names one, or always the one that the set pins",
    )
    parser.add_argument("--sets", default="", metavar="A,B", help="names of sets; default: all whose files are found")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--sample", type=_positive, metavar="N", help="so many examples of each set, at random")
    parser.add_argument("--limit", type=_positive, metavar="N", help="only the first so many")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the sample and of the intervals")
    parser.add_argument(
        "--batch", type=_positive, metavar="N", help=f"requests at a time; default {BATCH}, bundled {BUNDLED_BATCH}"
    )
    parser.add_argument(
        "--threads",
        type=_positive,
        metavar="N",
        help=f"CPU threads; default torch's, bundled {BUNDLED_THREADS}",
    )


def main(args: argparse.Namespace) -> int:
    """Run and print the scores."""
    specialists = Path(args.specialists_dir) if args.specialists_dir else BUNDLED_SPECIALISTS
    if not any(specialists.glob(f"*/{CARD_FILE}")):
        raise InputError(f"There is no specialist under {specialists}: name the folder that holds their folders.")
    settings = RunSettings(**{name: getattr(args, name) for name in RunSettings.__dataclass_fields__})
    names = [name.strip() for name in args.sets.split(",") if name.strip()]
    sets, missing = plans(names, settings, args.data, _note)
    for name in missing:
        _note(f"{name} is not run: its files are not under {args.data} (`python -m eval sets` says which).")

    batch = args.batch or (BATCH if args.model else BUNDLED_BATCH)
    threads = args.threads or (None if args.model else BUNDLED_THREADS)

    def load() -> Assistant:
        if threads:
            import torch  # here, so that a finished run prints without it

            torch.set_num_threads(threads)
        return load_assistant(load_settings(vars(args), os.environ), max_rows=batch, specialists_dir=specialists)

    run = Run(args.out, settings, load, batch=batch, note=_note)
    try:
        rows = run.run(sets, missing)
    finally:
        run.close()
    print("\n".join(_table(rows)))
    return 0


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{value} is not 1 or more")
    return number


def _note(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line a set, four digits a figure."""
    lines = [
        f"{'set':<20} {'predictor':<15} {'metric':<12} {'score':>7}  {'95 % interval':<17} {'n':>6} {'unparsed':>9}"
    ]
    for row in rows:
        value = next(row[name] for name in ("f1", "accuracy", "bleu", "rouge_l") if name in row)
        bounds = f"{row['low']:.4f} to {row['high']:.4f}"
        cells = f"{row['set']:<20} {row['predictor']:<15} {row['metric']:<12} {value:>7.4f}  {bounds:<17}"
        lines.append(f"{cells} {row['n']:>6} {row['unparsed']:>9}" + ("" if row["offered"] else "  (not offered)"))
    return lines
