"""Scoring at size: 100,000 predictions of a file, judged, with 1,000 bootstrap draws.

    python -m bench.score [--n 100000] [--draws 1000]

Two sets of made examples, abstracts with six types of mentions and queries with one of eleven classes; predictions miss
a quarter of the gold and invent as much. Times, in seconds, are those of one process and go to standard output.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from eval.predictions_file import read_predictions
from eval.score import score_set
from eval.sets import eval_set
from taiyi.document import Document, Entity, Label, Span
from taiyi.tasks.base import Example, Request

TYPES = ("Chemical", "Disease", "Gene", "Variant", "Species", "CellLine")
CLASSES = tuple(f"class {n}" for n in range(11))
WORDS = 40
MENTIONS = 8


def abstracts(n: int, rng: random.Random) -> Iterator[Example]:
    """Texts of WORDS made words, MENTIONS of which are marked."""
    for number in range(n):
        text = " ".join(f"w{rng.randrange(1000):03d}" for _ in range(WORDS))
        marks = tuple(
            Entity(f"T{at}", rng.choice(TYPES), (Span(5 * at, 5 * at + 4),))
            for at in sorted(rng.sample(range(WORDS), MENTIONS))
        )
        request = Request("entities", text, labels=TYPES, template="identify", document_id=str(number))
        yield Example(str(number), request, Document(str(number), "en", text, marks))


def queries(n: int, rng: random.Random) -> Iterator[Example]:
    """Texts with one of CLASSES."""
    for number in range(n):
        request = Request("classify", "query", lang="zh", labels=CLASSES, template="classify")
        yield Example(str(number), request, Document(str(number), "zh", "query", labels=(Label(rng.choice(CLASSES)),)))


def predicted(example: Example, rng: random.Random) -> list[object]:
    """Three of four gold items, and one that is made up for each that is left out."""
    gold = example.gold
    if gold.labels:
        return [gold.labels[0].name if rng.random() < 0.75 else rng.choice(CLASSES)]
    return [
        {"text": gold.text_of(e.spans), "type": e.label if rng.random() < 0.75 else rng.choice(TYPES)}
        for e in gold.entities
    ]


def main() -> None:
    """Make, write, read, score; print a line a set."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--n", type=int, default=100_000)
    options.add_argument("--draws", type=int, default=1000)
    args = options.parse_args()
    for name, make in (("biored", abstracts), ("kuake-qic", queries)):
        rng = random.Random(1)
        examples = list(make(args.n, rng))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "predictions.jsonl"
            rows = (json.dumps({"id": example.id, "items": predicted(example, rng)}) for example in examples)
            path.write_text("\n".join(rows), encoding="utf-8")
            began = time.perf_counter()
            predictions = read_predictions(path, eval_set(name), examples)
            read = time.perf_counter()
            score = score_set(eval_set(name), examples, predictions, draws=args.draws)
            ended = time.perf_counter()
        print(
            f"{name}: {args.n:,} predictions read in {read - began:.1f} s, judged with {args.draws:,} draws in "
            f"{ended - read:.1f} s; F1 {score.figures['f1']:.4f} [{score.low:.4f}, {score.high:.4f}]"
        )


if __name__ == "__main__":
    main()
