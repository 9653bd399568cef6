"""What is written beside the weights of a specialist: `taiyi.yaml`, which the app reads, and README.md for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from taiyi.card import CARD_FILE
from taiyi.corpora import corpus_row

README = """---
license: other
language: {lang}
library_name: taiyi
pipeline_tag: {pipeline}
---
# {name}

{what}

Made by `python -m finetune.specialists {command} --data DIR` (seed {seed}), from random weights, on one CPU core.
## Data
{data}

Texts of which a fifth or more stands in an official test part, or in a development part that is reported on below, were
left out of the training (`finetune/overlap.py`). What is learnt without labels is learnt from raw texts ({raw}),
filtered at one segment in twenty.

## Recipe
{recipe}

## Scores
Measured while training, on texts that were not trained on; scores and thresholds were fitted on others.

| set | part | metric | value | n |
|---|---|---|---|---|
{scores}

## Calibration
{calibration}

## Limits
{limits}

## {misuse_heading}
{misuse}
"""
MISUSE_HEADING = "What it must not be used for"
MISUSE = """\
It is for research and demonstration, and no medical device: no diagnosis, treatment, coding, or other decision about
people may rest on it. Read what it finds against the text. The licences of the data bind whoever uses the weights
further; where none is stated, ask its makers."""


def data_rows(counts_by_corpus: Mapping[str, Mapping[str, int]]) -> str:
    """A line a corpus: source, licence as stated, and how many of its texts were used."""
    lines = []
    for name, counts in counts_by_corpus.items():
        row = corpus_row(name)
        used = ", ".join(f"{value:,} {key.replace('_', ' ')}" for key, value in counts.items())
        lines.append(f"- **{name}**: {row['source']}. Licence: {row['licence']}. {used}.")
    return "\n".join(lines)


def reliability_table(rows: Sequence[Any], of: str) -> str:
    """How often items of each range of scores are right, as Markdown."""
    head = f"Reliability of the scores ({of}):\n\n| score | n | mean score | share right |\n|---|---|---|---|\n"
    return head + "\n".join(
        f"| {row.low:.1f}-{row.low + 0.1:.1f} | {row.n} | {row.mean_score:.3f} | {row.share_right:.3f} |"
        for row in rows
    )


def write_cards(out_dir: Path, card: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    """Write both files. `texts` fills README's other fields: command, what, data, raw, recipe, calibration, limits."""
    scores = "\n".join(
        f"| {row['set']} | {row['part']} | {row['metric']} | {row['value']:.4f} | {row['n']} |"
        for row in card["scores"]
    )
    readme = README.format(
        lang=card["lang"],
        pipeline="token-classification" if card["task"] == "entities" else "text-classification",
        name=card["name"]["en"],
        seed=card["settings"]["seed"],
        scores=scores,
        misuse_heading=MISUSE_HEADING,
        misuse=MISUSE,
        **texts,
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(dict(card), allow_unicode=True, sort_keys=False, width=120)
    (out_dir / CARD_FILE).write_text(text, encoding="utf-8")
    (out_dir / "README.md").write_text(readme, encoding="utf-8")
