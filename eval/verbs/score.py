"""Score predictions made elsewhere; no model is needed.

    python -m eval score --set bc5cdr-chem --predictions predictions.jsonl --data DIR
    python -m eval score --set kuake-qic --predictions replies.jsonl --data DIR --json

One line a prediction, `{"id": ..., "items": [...]}` or `{"id": ..., "reply": "..."}`: `eval/predictions_file.py` shows
each shape. With --json one object goes to standard output; without, the figures as text.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from eval.predictions_file import read_predictions
from eval.score import DRAWS, SetScore, score_set
from eval.sets import SPLITS, eval_set, find_source, read_set, source_note


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--set", required=True, metavar="NAME", help="the set; `python -m eval sets` lists them")
    parser.add_argument("--predictions", required=True, type=Path, metavar="FILE", help="JSON lines")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="where the corpora's files are")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--allow-missing", action="store_true", help="score examples without a prediction as empty")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N", help="resamples of the 95 %% interval")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the resampling")
    parser.add_argument("--json", action="store_true", help="one JSON object with full floats")


def main(args: argparse.Namespace) -> int:
    """Read, judge, print."""
    chosen = eval_set(args.set)
    examples = read_set(chosen, args.split, args.data)
    note = source_note(chosen, args.split, find_source(chosen, args.split, args.data).source, len(examples))
    if note:
        print(note, file=sys.stderr)
    predictions = read_predictions(args.predictions, chosen, examples, allow_missing=args.allow_missing)
    score = score_set(chosen, examples, predictions, split=args.split, draws=args.draws, seed=args.seed)
    print(json.dumps(score.to_dict(), ensure_ascii=False) if args.json else "\n".join(_lines(score, args.split)))
    return 0


def _lines(score: SetScore, split: str) -> list[str]:
    """The score as text, four digits a figure."""
    headline = score.figures[score.headline]
    return [
        f"{score.set} ({split}, {score.n} examples): {score.metric} {headline:.4f} [{score.low:.4f}, {score.high:.4f}]",
        *(f"  {name:<14}{value:.4f}" for name, value in score.figures.items()),
        f"  unparsed {score.n_unparsed}, missing {score.n_missing}, "
        f"not in the text {score.n_ungrounded} of {score.n_written}",
        *(_type_line(name, figures) for name, figures in score.per_type.items()),
        f"  {score.signature}",
    ]


def _type_line(name: str, figures: dict[str, float]) -> str:
    return f"  {name}: " + ", ".join(f"{key} {value:.4f}" for key, value in figures.items())
