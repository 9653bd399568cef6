"""The specialist for pairs of English questions: pairs with what holds in, a logistic regression and its card out."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor
from torch.nn import functional

from eval.bootstrap import interval
from finetune.specialists.calibration import fitted_temperature
from finetune.specialists.chinese_pairs import Parts, parts_of
from finetune.specialists.chinese_short_texts import reported_texts
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from finetune.specialists.text_classes import scores_of
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.readers.word_pairs import (
    N_SHARES,
    WEIGHTS_FILE,
    WordPairs,
    features_of,
    rarity_in,
    shares_of,
    words_of,
)
from taiyi.tasks.base import Example

CONFIG_FILE = Path(__file__).with_name("questions_en.yaml")
LANG = "en"
DRAWS = 1000
RECIPE = """\
Which words and pairs of words both questions have and which only one, hashed; and what share of their rare words, of
their pieces of words and of their pairs of words is common, how long they are and whether their numbers differ: a
logistic regression with a quadratic penalty. Nothing depends on which question comes first. Score: its probability
under a temperature, fitted on the tuning part."""

Arrays = dict[str, NDArray[np.float32]]
"""The reader's weights, by name."""


def rarities(examples: Sequence[Example], n_rows: int) -> NDArray[np.float32]:
    """The logarithm of how few texts have a word, by its hashed row. *Shape:* (n_rows,)."""
    texts = [text for example in examples for text in (example.request.text, example.request.text_b)]
    n_texts = Counter(row for text in texts for row in set(rows_of(sorted(words_of(text).kinds), n_rows)))
    return np.array([math.log(len(texts) / (1 + n_texts[row])) for row in range(n_rows)], np.float32).clip(0)


def fitted_weights(examples: Sequence[Example], config: Mapping[str, Any]) -> Arrays:
    """The logistic regression with the least loss plus `penalty` times half the squared weights of the hashed features,
    as float16 can hold it."""
    n_rows = config["rows"]
    rarity = rarities(examples, n_rows).astype(np.float16).astype(np.float32)
    pairs = [(words_of(example.request.text), words_of(example.request.text_b)) for example in examples]
    shares = np.array([shares_of(*pair, rarity_in(rarity)) for pair in pairs], np.float32)
    mean, spread = shares.mean(0), shares.std(0) + 1e-6
    dense = torch.from_numpy((shares - mean) / spread)
    lists = [rows_of(features_of(*pair), n_rows) for pair in pairs]
    rows, starts = (
        torch.tensor([row for rows in lists for row in rows]),
        torch.tensor([0, *map(len, lists[:-1])]).cumsum(0),
    )
    holds = torch.tensor([float(example.gold.labels[0].name == config["labels"][0]) for example in examples])
    weights, share_weights = torch.zeros(n_rows, 1, requires_grad=True), torch.zeros(N_SHARES, requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights, share_weights, bias], max_iter=config["steps"], line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = functional.embedding_bag(rows, weights, starts, mode="sum")[:, 0] + dense @ share_weights + bias
        total = functional.binary_cross_entropy_with_logits(logits, holds, reduction="sum")
        total = total + config["penalty"] / 2 * weights.square().sum() + share_weights.square().sum() / 2
        total.backward()
        return total

    optimizer.step(loss)
    return {
        "rarity": rarity,
        "mean": mean,
        "spread": spread,
        "weights": weights.detach()[:, 0].half().float().numpy(),
        "share_weights": share_weights.detach().numpy(),
        "bias": bias.detach().numpy(),
    }


def logits_of(reader: WordPairs, examples: Sequence[Example]) -> Tensor:
    """The log-odds of the first label and of the second. *Shape:* (pairs, 2)."""
    log_odds = torch.tensor([reader.log_odds(e.request.text, e.request.text_b) for e in examples])
    return torch.stack([log_odds / 2, -log_odds / 2], dim=1)


def targets_of(examples: Sequence[Example], labels: Sequence[str]) -> Tensor:
    """*Shape:* (pairs, 2)."""
    numbers = torch.tensor([labels.index(example.gold.labels[0].name) for example in examples])
    return functional.one_hot(numbers, len(labels)).float()


def train_specialist(data_dir: Path, out_dir: Path, seed: int, limit: int | None) -> None:
    """Train, calibrate, score and write the specialist."""
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    name = config["corpus"]
    parts = parts_of(name, data_dir, reported_texts([name], data_dir), limit)
    finish(fitted_weights(parts.train, config), parts, config, seed, out_dir)


def finish(arrays: Arrays, parts: Parts, config: Mapping[str, Any], seed: int, out_dir: Path) -> None:
    """Calibrate on the tuning part, score on the reported one, and write weights and cards."""
    labels = config["labels"]
    reader = WordPairs(arrays, labels)
    tuned = logits_of(reader, parts.tune)
    temperature = fitted_temperature(tuned, targets_of(parts.tune, labels), several=False)
    logits, targets = logits_of(reader, parts.report), targets_of(parts.report, labels)
    values, reliable = scores_of(logits, targets, labels, {"several": False, "temperature": temperature})
    base = {"task": "similarity", "lang": LANG, "set": config["corpus"], "part": "report"}
    scores = [{**base, "metric": m, "value": round(v, 4), "n": len(parts.report)} for m, v in values.items()]
    right = (logits.argmax(1) == targets.argmax(1)).numpy().astype(float)[:, None]
    low, high = interval(right, lambda total: float(total[0] / len(right)), DRAWS, seed=0)
    scores[0] |= {"low": round(low, 4), "high": round(high, 4)}
    card = {
        "name": config["names"],
        "kind": "word_pairs",
        "task": "similarity",
        "lang": LANG,
        "labels": config["shown"],
        "scores": scores,
        "notes": config["notes"],
        "n_parameters": sum(array.size for array in arrays.values()),
        "settings": {"temperature": temperature, "seed": seed},
    }
    kept = ("rows", "penalty", "steps")
    texts = {
        "command": config["command"],
        "what": f"{config['notes']['en']}\n\nLabels: {'; '.join(labels)}.",
        "data": data_rows({config["corpus"]: parts.counts}),
        "raw": "none",
        "recipe": f"{RECIPE}\n\n    " + ", ".join(f"{key}: {config[key]}" for key in kept),
        "calibration": f"95 % interval of the accuracy: {low:.3f} to {high:.3f}.\n\n"
        + reliability_table(reliable, "report part"),
        "limits": config["limits"],
    }
    write_cards(out_dir, card, texts)
    halved = {name: arrays[name].astype(np.float16) for name in ("rarity", "weights")}
    save_file({**arrays, **halved}, out_dir / WEIGHTS_FILE)
    print(scores, file=sys.stderr)
