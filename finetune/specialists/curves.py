"""Precision, recall and F1 over thresholds of the score, measured on the parts a specialist reports on, for its card.

    python -m finetune.specialists.curves --data DIR [NAME ...] [--folder models/specialists]

Reads each specialist as the app does and writes the key `curves` of its `taiyi.yaml`; nothing else changes. What is
compared are types and texts, as everywhere; of a text that is named several times the highest score counts.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from eval.metrics import Counts, mention_items, micro_f1
from taiyi.card import CARD_FILE, read_card
from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.document import Document
from taiyi.errors import TaiyiError
from taiyi.predictors.base import answer
from taiyi.predictors.specialist import SpecialistPredictor
from taiyi.tasks.base import Example

SETS_FILE = Path(__file__).with_suffix(".yaml")
THRESHOLDS = tuple(n / 20 for n in range(20))  # the steps of the curve: 0, 0.05, ... 0.95
KEY = "curves"


def points(gold: Sequence[Document], predicted: Sequence[Document]) -> list[dict[str, float]]:
    """A row a threshold: what remains where items below it are hidden. Those that change nothing are left out, so the
    first row is the specialist as it is, named with the highest threshold at which it is still so."""
    scored = [_scores(document) for document in predicted]
    wanted = [mention_items(document) for document in gold]
    rows: list[tuple[float, Counts]] = []
    for threshold in THRESHOLDS:
        total = Counts()
        for items, best in zip(wanted, scored, strict=True):
            kept = {item for item, score in best.items() if score >= threshold}
            hits = len(kept & items)
            total += Counts(hits, len(kept) - hits, len(items) - hits)
        if rows and rows[-1][1] == total:
            rows.pop()
        rows.append((threshold, total))
    return [
        {
            "threshold": threshold,
            "precision": round(counts.precision, 4),
            "recall": round(counts.recall, 4),
            "f1": round(micro_f1(counts), 4),
        }
        for threshold, counts in rows
    ]


def _scores(document: Document) -> dict[tuple[str, str], float]:
    best: dict[tuple[str, str], float] = {}
    for entity in document.entities:
        item = entity.label, document.text_of(entity.spans)
        best[item] = max(best.get(item, 0.0), 1.0 if entity.score is None else entity.score)
    return best


def curve(specialist: SpecialistPredictor, examples: Iterable[Example], name: str, part: str) -> dict[str, Any]:
    """The curve of a specialist on examples, which all ask for the same labels."""
    read = list(examples)
    predicted = [answer(specialist, example.request).document for example in read]
    labels = list(read[0].request.labels)
    measured = points([example.gold for example in read], predicted)
    return {"set": name, "part": part, "labels": labels, "n": len(read), "points": measured}


def sets() -> dict[str, list[dict[str, str]]]:
    """What the curves of each specialist are measured on."""
    found: dict[str, list[dict[str, str]]] = yaml.safe_load(SETS_FILE.read_text(encoding="utf-8"))
    return found


def examples_of(row: dict[str, str], data_dir: Path, limit: int | None = None) -> list[Example]:
    """The examples of a row of the YAML file, the first `limit` of them."""
    found = read_corpus(row["corpus"], row["split"], data_dir)
    return list(islice((e for e in found if row.get("part") in (None, part_of(e.gold.text))), limit))


def add_curves(
    name: str, folder: Path, data_dir: Path, limit: int | None = None, *, measured_dir: Path | None = None
) -> None:
    """Measure the curves of a specialist and write them into the card in `folder`.

    Measured are the weights in `measured_dir`, where those in `folder` have seen the parts that are read.
    """
    specialist = SpecialistPredictor(measured_dir or folder, read_card(measured_dir or folder))
    measured = []
    for row in sets()[name]:
        part = row.get("part", row["split"])
        measured.append(curve(specialist, examples_of(row, data_dir, limit), row["corpus"], part))
        print(f"{name}: curve on {row['corpus']} {part}, {measured[-1]['n']} texts", file=sys.stderr, flush=True)
    write(folder, measured)


def write(folder: Path, curves: Sequence[dict[str, Any]]) -> None:
    """Put the curves at the end of the card, in place of earlier ones."""
    path = folder / CARD_FILE
    kept = path.read_text(encoding="utf-8").partition(f"\n{KEY}:\n")[0].rstrip("\n")
    added = yaml.safe_dump({KEY: list(curves)}, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110)
    path.write_text(f"{kept}\n{added}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    known = sets()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; default: all")
    parser.add_argument("--data", type=Path, default=os.environ.get("TAIYI_DATA"), help="folder of the corpora")
    parser.add_argument("--folder", type=Path, default=BUNDLED_SPECIALISTS)
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("name the folder of the corpora with --data or TAIYI_DATA")
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"there are no sets for {unknown[0]!r} in {SETS_FILE.name}")
    try:
        for name in options.names or known:
            add_curves(name, options.folder / name, Path(options.data))
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
