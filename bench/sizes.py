"""Size against quality against speed: how fast models of several sizes answer, beside what they are worth.

    python -m bench.sizes --data DIR                                              the bundled model's speed
    python -m bench.sizes --data DIR --out WORK/sizes.json models/nano MODEL ...  for its card

Each model answers the first texts of some evaluation sets under the grammar, one after another; the models take turns,
so that other work on the machine falls on all of them. The score is the mean of those that a model's own card
(`taiyi.yaml`) has of sets that all of the models were scored on, with F1 and accuracy alike.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from eval.plan import Part, plans
from eval.records import write_json
from finetune.nano.decoding import speeds
from taiyi.card import Card, read_card
from taiyi.config import BUNDLED_MODEL
from taiyi.engine.local import LocalEngine
from taiyi.predictors.llm import LLMPredictor

SETS = ("bc5cdr-chem", "cmeee", "kuake-qic")
SCORES_IN_SHARES = ("micro-F1", "accuracy")


def mean_scores(cards: Mapping[str, Card]) -> dict[str, float | None]:
    """By model the mean over the sets that all cards have a share in [0, 1] of; None where there is no such set."""
    by_model = {
        name: {row.set: row.value for row in reversed(card.scores) if row.metric.startswith(SCORES_IN_SHARES)}
        for name, card in cards.items()
    }
    common = set.intersection(*(set(values) for values in by_model.values()))
    return {name: fmean(values[key] for key in common) if common else None for name, values in by_model.items()}


def measure(folders: Sequence[Path], data_dir: Path, n: int) -> list[dict[str, Any]]:
    """A row a model, the smallest first."""
    engines = {str(folder): LocalEngine(str(folder)) for folder in folders}
    cards = {name: read_card(Path(name)) for name in engines}
    predictors = {name: LLMPredictor(engine, cards[name]) for name, engine in engines.items()}
    found, _ = plans(SETS, Part(split="dev", sample=n), data_dir, lambda sentence: None)
    examples = [example for plan in found for example in plan.examples]
    speeds(predictors, examples[:1])  # the first answer of anything is slower
    taken, means = speeds(predictors, examples), mean_scores(cards)
    rows = [
        {
            "name": cards[name].name("en", Path(name).name),
            "n_parameters": engine.info.n_parameters,
            "mean_score": means[name],
            "n": len(examples),
            **taken[name],
        }
        for name, engine in engines.items()
    ]
    for engine in engines.values():
        engine.close()
    return sorted(rows, key=lambda row: row["n_parameters"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, default=[BUNDLED_MODEL], metavar="MODEL", help="folders")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the language model's card finds the figures")
    parser.add_argument("--texts", type=int, default=20, help="of each set")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rows = measure(options.models, options.data, options.texts)
    for row in rows:
        mean = "–" if row["mean_score"] is None else f"{row['mean_score']:.3f}"
        speed = f"{row['tokens_per_s']:.0f} tokens/s, {row['seconds']:.2f} s a text"
        print(f"{row['n_parameters'] / 1e6:.1f} M parameters ({row['name']}): mean score {mean}, {speed}")
    if options.out:
        write_json(options.out, {"threads": options.threads, "models": rows})


if __name__ == "__main__":
    main()
