"""The measured sections of a specialist's README: "Scores", "Kinds of error" and "Calibration"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from eval.report.errors import KINDS
from finetune.specialists.measured import Measured, calibration_error_of, ranges_of
from finetune.specialists.model_card import reliability_table
from taiyi.card import Score

PICTURE_FILE = "reliability.svg"
CARDS_COMMAND = "python -m finetune.specialists cards --run RUN"
COLUMNS = ("set", "part", "metric", "value", "95 % interval", "n")
EARLIER_STATE = (
    "The weights here went on to be trained on parts that are reported on; what was measured is their state before "
    "that, which the recipe leaves in its `--work` folder."
)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *rows))


def interval_text(low: float | None, high: float | None) -> str:
    """The ends of an interval; "" where none was measured."""
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def scores_section(sets: Sequence[Measured], kept: Sequence[Score], *, earlier_state: bool) -> str:
    """Every figure with its interval, the notes and signatures of the sets, and the rows that no run measured.

    `earlier_state`: what was measured are the weights before they went on to be trained on these parts.
    """
    rows = [
        (m.set, m.part, figure.metric, f"{figure.value:.3f}", interval_text(figure.low, figure.high), f"{m.n:,}")
        for m in sets
        for figure in m.figures
    ]
    commands = "\n".join(f"    {command}" for command in dict.fromkeys([*(m.command for m in sets), CARDS_COMMAND]))
    told = [
        f"Measured on texts that the measured weights were not trained on. Intervals resample the texts.\n\n{commands}",
        *([EARLIER_STATE] if earlier_state else []),
        table(COLUMNS, rows),
    ]
    if kept:
        others = [(s.set, s.part, s.metric, f"{s.value:.3f}", interval_text(s.low, s.high), f"{s.n:,}") for s in kept]
        told += ["What these runs don't have, as it was measured before:", table(COLUMNS, others)]
    notes = [m.note for m in sets if m.note]
    told += ["\n".join(f"- {note}" for note in dict.fromkeys(notes))] if notes else []
    told += ["How each set was compared:\n\n" + "\n".join(f"    {m.set}: {m.signature}" for m in sets)]
    return "\n\n".join(told)


def errors_section(sets: Sequence[Measured]) -> str:
    """How many errors of each kind each set has."""
    rows = [(m.set, *(f"{m.n_errors.get(kind, 0):,}" for kind in KINDS)) for m in sets]
    told = (
        "Items counted once a text, as they are scored. A missed item that overlaps a wrong one of its type has other\n"
        "borders, one with the same text another type; no item stands in two kinds."
    )
    return f"{told}\n\n{table(('set', *KINDS.values()), rows)}"


def calibration_section(sets: Sequence[Measured]) -> str:
    """What a score is worth on each set, in figures and by ranges; "" where no item came with a score."""
    scored = [m for m in sets if m.judged]
    if not scored:
        return ""
    rows = [(m.set, f"{calibration_error_of(m.judged):.3f}", f"{len(m.judged):,}") for m in scored]
    tables = [reliability_table(ranges_of(m.judged), m.set) for m in scored]
    return "\n\n".join(
        (
            "An item with a score of .8 should be right eight times in ten. Expected calibration error over ten\n"
            "ranges of the score, of the items that were answered; what stayed below its threshold is not among them:",
            table(("set", "expected calibration error", "items"), rows),
            f"![Share of items that are right, by their score]({PICTURE_FILE})",
            *tables,
        )
    )


def with_sections(readme: str, sections: Mapping[str, str]) -> str:
    """A README in which each section, by its heading, has this text: in the place of the one that is there, else
    behind the section before it in `sections`, and the first of them before "Limits" or at the end."""
    before = ""
    for heading, body in sections.items():
        parts = list(_sections(readme))
        names = [name for name, _ in parts]
        made = heading, f"## {heading}\n{body}\n\n"
        if heading in names:
            parts[names.index(heading)] = made
        elif before in names[1:]:
            parts.insert(names.index(before) + 1, made)
        else:
            parts.insert(names.index("Limits") if "Limits" in names else len(parts), made)
        readme, before = "".join(text for _, text in parts).rstrip("\n") + "\n", heading
    return readme


def _sections(readme: str) -> Iterator[tuple[str, str]]:
    """(heading, text with its heading line); what stands before the first heading comes under ""."""
    for text in re.split(r"(?m)^(?=## )", readme):
        first = text.partition("\n")[0]
        whole = text if text.endswith("\n\n") else text.rstrip("\n") + "\n\n"
        yield (first.removeprefix("## ").strip() if first.startswith("## ") else "", whole)
