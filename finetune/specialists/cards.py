"""Write what runs of the evaluation measured into the specialists' cards.

    python -m eval run --data DIR --split dev --predictor specialist --out runs/specialists
    python -m finetune.specialists cards --run runs/specialists [--folder models/specialists]

Of every specialist that answered a set of the run, the rows of that set in `taiyi.yaml` are replaced, and the sections
"Scores", "Kinds of error" and "Calibration" of its README.md, with `reliability.svg`; rows of sets that `eval` does not
have stay. A specialist is known by its shown name.

What the weights were trained on says nothing, so such rows are left out. Where a recipe goes on to train on the
development part, its state before that is in the recipe's `--work` folder and is run with
`python -m eval run --specialists out/specialists`. Several runs are written by naming several after `--run`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from eval.report.runs import Run, read_runs
from finetune.specialists.card_sections import (
    PICTURE_FILE,
    calibration_section,
    errors_section,
    scores_section,
    with_sections,
)
from finetune.specialists.measured import CALIBRATION_ERROR, Measured, calibration_error_of, measured, ranges_of
from finetune.specialists.model_card import MISUSE, MISUSE_HEADING
from finetune.specialists.reliability_picture import reliability_svg
from taiyi.card import CARD_FILE, Card, Score, read_card
from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.errors import InputError, TaiyiError

README_FILE = "README.md"
RUN_COMMAND = "python -m eval run --data DIR --split dev --predictor specialist --out RUN"


def card_rows(m: Measured) -> list[dict[str, Any]]:
    """The rows of `scores` in `taiyi.yaml` for a set: the figure that counts first, without precision and recall."""
    base = {"task": m.task, "lang": m.lang, "set": m.set, "part": m.part}
    rows = [
        {**base, "metric": f.metric, "value": round(f.value, 6), "low": round(f.low, 6), "high": round(f.high, 6),
         "n": m.n}
        for f in m.figures
        if f.metric not in ("precision", "recall")
    ]  # fmt: skip
    if m.judged:
        error = round(calibration_error_of(m.judged), 6)
        rows.append({**base, "metric": CALIBRATION_ERROR, "value": error, "n": len(m.judged)})
    return rows


def kept_scores(card: Card, sets: Iterable[Measured]) -> list[Score]:
    """The card's scores that the sets don't take the place of: those of other corpora, or of other parts of theirs."""
    measured_again = {(name, _whole(m.part)) for m in sets for name in (m.set, *m.corpora)}
    return [score for score in card.scores if (score.set, _whole(score.part)) not in measured_again]


def _whole(part: str) -> str:
    """The part without how many texts of it were read."""
    return part.partition(",")[0]


def with_scores(text: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The text of `taiyi.yaml` with other `scores`; all else stays as it is written."""
    made = yaml.safe_dump({"scores": list(rows)}, allow_unicode=True, sort_keys=False, width=110)
    block = re.compile(r"^scores:.*\n(?:[- ].*\n)*", re.MULTILINE)
    if block.search(text):
        return block.sub(lambda _: made, text, count=1)
    return f"{text.rstrip()}\n{made}"


def write_cards(folder: Path, sets: Sequence[Measured]) -> None:
    """Put what was measured into both cards of the specialist in `folder`. Raises InputError where it has no README."""
    readme = folder / README_FILE
    if not readme.is_file():
        raise InputError(f"{folder} has no {README_FILE}; train the specialist again, or take another --folder.")
    card = read_card(folder)
    kept = kept_scores(card, sets)
    rows = [row for m in sets for row in card_rows(m)] + [_row(score) for score in kept]
    path = folder / CARD_FILE
    path.write_text(with_scores(path.read_text(encoding="utf-8"), rows), encoding="utf-8")
    sections = {
        "Scores": scores_section(sets, kept, earlier_state=any(m.corpora & set(card.seen) for m in sets)),
        "Kinds of error": errors_section(sets),
        "Calibration": calibration_section(sets),
        MISUSE_HEADING: MISUSE,
    }
    made = {heading: body for heading, body in sections.items() if body}
    readme.write_text(with_sections(readme.read_text(encoding="utf-8"), made), encoding="utf-8")
    if scored := {m.set: ranges_of(m.judged) for m in sets if m.judged}:
        (folder / PICTURE_FILE).write_text(reliability_svg(scored), encoding="utf-8")


def _row(score: Score) -> dict[str, Any]:
    fields = {name: getattr(score, name) for name in Score.__dataclass_fields__}
    return {name: value for name, value in fields.items() if value is not None}


def answered(runs: Sequence[Run], name: str) -> list[Measured]:
    """What the runs measured of the specialist of that shown name, without what its weights had seen.

    Raises InputError where two runs have it answer the same set.
    """
    found: dict[str, Measured] = {}
    for run in runs:
        for set_name, row in run.rows.items():
            if row.get("by") != name:
                continue
            if row.get("seen"):
                print(f"{name}: {set_name} is left out, {run.name} has read what it was trained on.", file=sys.stderr)
                continue
            if set_name in found:
                raise InputError(f"Two runs have answers of {name} to {set_name}; name one of them.")
            found[set_name] = measured(run, set_name)
    return list(found.values())


def update(run_folders: Sequence[Path], folder: Path) -> list[str]:
    """Write the cards of every specialist in `folder` that the runs have answers of; returns their folders' names.

    Raises InputError where there is none, and FormatError where a run's folder can't be read.
    """
    runs = read_runs(run_folders)
    written = []
    for path in sorted(folder.glob(f"*/{CARD_FILE}")):
        name = read_card(path.parent).name("en", path.parent.name)
        if sets := answered(runs, name):
            write_cards(path.parent, sets)
            written.append(path.parent.name)
    if not written:
        raise InputError(f"No specialist in {folder} has a score in these runs; make them with `{RUN_COMMAND}`.")
    return written


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m finetune.specialists cards",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--run", type=Path, nargs="+", required=True, metavar="DIR", help="folders of finished runs")
    parser.add_argument(
        "--folder", type=Path, default=BUNDLED_SPECIALISTS, help="a folder with one for each specialist"
    )
    options = parser.parse_args(arguments)
    try:
        print("\n".join(update(options.run, options.folder)))
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
