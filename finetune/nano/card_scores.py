"""The measured sections of the model's card: scores, kinds of error, the constraint, Figure 4, size and speed."""

from __future__ import annotations

import json
import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from eval.judging import METRICS
from eval.published import PUBLISHED_FILE, published_scores
from eval.report.errors import KINDS
from eval.sets import load_sets
from finetune.nano.figure4 import ONE_STAGE, TWO_STAGES, finding, verdict
from finetune.nano.pictures import FIGURE_4_FILE
from finetune.specialists.card_sections import interval_text, table

TOGETHER = PUBLISHED_FILE.with_name("bundled_scores.json")
BEFORE_DEV = PUBLISHED_FILE.with_name("before_dev_scores.json")
SYSTEMS = ("ChatGPT-3.5", "Taiyi")
NONE = "–"
SECTIONS = Path(__file__).with_name("card_sections")


def filled(section: str, **values: object) -> str:
    """A section's words with its figures, without blank lines at the end and two in a row. Raises KeyError where one is
    missing."""
    template = Template((SECTIONS / f"{section}.md").read_text(encoding="utf-8"))
    return re.sub(r"\n{3,}", "\n\n", template.substitute(values)).strip() + "\n"


def wrapped(sentence: str) -> str:
    """Made prose in lines as long as written prose has them."""
    return textwrap.fill(sentence, 120, break_long_words=False, break_on_hyphens=False)


def scores_section(measured: Mapping[str, Any]) -> str:
    """Everything that `score` measured; that it did not, where it did not."""
    if "sets" not in measured:
        return "## Scores\nNot measured yet."
    scores, sets = measured["scores"], measured["sets"]
    notes = dict.fromkeys(row["note"] for row in sets if row["note"])
    return filled(
        "scores",
        sample=measured["sample"],
        beside=_beside(scores),
        above=_above(scores),
        notes="\n".join(f"- {note}" for note in notes),
        figures=_all_figures(sets),
        signatures="\n".join(f"    {row['set']}: {row['signature']}" for row in sets),
        errors=_errors(sets),
        constraint=_constraint(measured["constraint"]),
    )


def _beside(rows: Sequence[Mapping[str, Any]]) -> str:
    published = {(score.set, score.system): score.value for score in published_scores()}
    best = together(rows)
    lines = []
    for row in rows:
        value, by = best[row["set"]]
        ours = (f"{row['value']:.3f}", interval_text(row["low"], row["high"]), f"{row['n']:,}")
        cells = (*ours, f"{value:.3f}", by, *(_decimal(published.get((row["set"], name))) for name in SYSTEMS))
        lines.append((row["set"], row["part"], row["metric"], *cells))
    columns = ("set", "part", "metric", "alone", "95 % interval", "n", "together", "answered by")
    return table((*columns, "ChatGPT-3.5 (test)", "Taiyi-7B (test)"), lines)


def together(alone: Sequence[Mapping[str, Any]]) -> dict[str, tuple[float, str]]:
    """By set what the bundled models reach together, and who answers: the specialists, with weights that have not
    learnt from the part; where none does, the language model, as it is scored alone."""
    before = {row["set"]: row for row in json.loads(BEFORE_DEV.read_text(encoding="utf-8"))}
    found = {row["set"]: (row["value"], "language model") for row in alone}
    for answered in json.loads(TOGETHER.read_text(encoding="utf-8")):
        if answered["predictor"] != "llm":
            row = before[answered["set"]] if answered["seen"] else answered
            found[row["set"]] = (row[METRICS[load_sets()[row["set"]].metric].headline], row["by"])
    return found


def _above(rows: Sequence[Mapping[str, Any]]) -> str:
    """On how many of the paper's sets the model alone, and the models together, are above ChatGPT-3.5's values."""
    published = {score.set: score.value for score in published_scores() if score.system == SYSTEMS[0]}
    scored = [row for row in rows if row["set"] in published]
    alone = [row["set"] for row in scored if row["value"] > published[row["set"]]]
    surely = [row["set"] for row in scored if row["low"] > published[row["set"]]]
    both = [name for name, (value, _) in together(rows).items() if value > published.get(name, math.inf)]
    return wrapped(
        f"Above ChatGPT-3.5's published value: alone on {len(alone)} of {len(scored)} sets{_named(alone)}, with the "
        f"whole interval on {len(surely)}{_named(surely)}; together on {len(both)}{_named(both)}."
    )


def _named(sets: Sequence[str]) -> str:
    return f" ({', '.join(sets)})" if sets else ""


def _decimal(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _all_figures(sets: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (row["set"], f["metric"], f"{f['value']:.3f}", interval_text(f["low"], f["high"]), f"{row['n']:,}")
        for row in sets
        for f in row["figures"]
    ]
    return table(("set", "metric", "value", "95 % interval", "n"), rows)


def _errors(sets: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (row["set"], *(f"{row['errors'].get(kind, 0):,}" for kind in KINDS), f"{row['unparsed']:,}", f"{row['n']:,}")
        for row in sets
    ]
    return table(("set", *KINDS.values(), "unparsed replies", "n"), rows)


def _constraint(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = ("set", "decoding", "bias", "score", "strict", "95 % interval", "precision", "recall", "ungrounded")
    more = ("unparsed", "cut off", "brings", "tokens/s", "s a text", "n")
    return table((*columns, *more), [tuple(_constraint_cells(row)) for row in rows])


def _constraint_cells(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (row["set"], row["decoding"], f"{row['bias']:g}" if "bias" in row else NONE)
    yield from (_decimal(row["value"]), _decimal(row["strict"]), interval_text(row["low"], row["high"]))
    yield from (_decimal(row[key]) for key in ("precision", "recall", "ungrounded", "unparsed", "cut_off"))
    yield f"{row['gain']:+.3f} ({row['gain_low']:+.3f} to {row['gain_high']:+.3f})" if "gain" in row else ""
    yield from (f"{row['tokens_per_s']:.0f}", f"{row['seconds']:.2f}", f"{row['n']:,}")


def figure_4_section(compared: Mapping[str, Any]) -> str:
    """One stage beside two; `compared` as `figure4.json` holds it."""
    steps, rows = compared["steps"], compared["sets"]
    columns = ("set", "metric", "n", "one stage", "two stages", "difference, paired", "better")
    return filled(
        "figure4",
        one_steps=f"{steps[ONE_STAGE]:,}",
        two_steps=" and ".join(f"{steps[name]:,}" for name in TWO_STAGES),
        picture=FIGURE_4_FILE,
        finding=wrapped(finding(rows)),
        rows=table(columns, [tuple(_figure_4_cells(row)) for row in rows]),
    )


def _figure_4_cells(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (row["set"], row["metric"], f"{row['n']:,}")
    for arm in ("one", "two"):
        yield f"{row[arm]:.3f} ({interval_text(row[f'{arm}_low'], row[f'{arm}_high'])})"
    yield f"{row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"
    yield verdict(row)


def speed_section(sizes: Mapping[str, Any]) -> str:
    """A row a size; `sizes` as `bench.sizes` left them."""
    rows = [
        (
            *(row["name"], f"{row['n_parameters'] / 1e6:.1f} M", _decimal(row["mean_score"])),
            *(f"{row['tokens_per_s']:.0f}", f"{row['seconds']:.2f}", f"{row['n']:,}"),
        )
        for row in sizes["models"]
    ]
    columns = ("model", "parameters", "mean score", "tokens/s", "s a text", "texts timed")
    return filled("speed", threads=sizes["threads"], rows=table(columns, rows))
