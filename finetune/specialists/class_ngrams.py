"""The linear models over n-grams, alone or beside a network: logistic regressions with a quadratic penalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from taiyi.predictors.readers.class_ngrams import PIECE_SIZES, WEIGHTS_FILE, NgramModel, text_rows


def fit(model: NgramModel, rows: Sequence[Sequence[int]], targets: Tensor, penalty: float, *, several: bool) -> None:
    """The weights with the least log-loss plus `penalty` times half their squares, from `rows` (texts, each with its
    rows) and `targets` (texts, classes); with `several` each class holds or not by itself, else one of them does."""
    text = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor([len(row) for row in rows]))
    place = torch.tensor([n for row in rows for n in row])
    values = torch.bincount(text, minlength=len(rows)).clamp(min=1)[text] ** -0.5
    size = len(rows), model.n_rows
    found = torch.sparse_coo_tensor(torch.stack([text, place]), values, size, check_invariants=False)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=60, history_size=8, line_search_fn="strong_wolfe")
    loss_of = functional.binary_cross_entropy_with_logits if several else functional.cross_entropy

    def loss() -> Tensor:
        optimizer.zero_grad()
        total = loss_of(torch.sparse.mm(found, model.weights.weight) + model.bias, targets, reduction="sum")
        total = total + penalty / 2 * model.weights.weight.square().sum()
        total.backward()
        return total

    optimizer.step(loss)


def fitted_model(texts: Sequence[str], targets: Tensor, config: Mapping[str, Any], *, several: bool) -> NgramModel:
    """A model of English texts with so many `rows` and such `pieces` under the `penalty` that `config` names; its
    weights are what float16 holds. *Shape:* `targets` (texts, classes)."""
    model = NgramModel(config["rows"], targets.shape[1], config.get("pieces", PIECE_SIZES))
    fit(
        model,
        [text_rows(text, model.n_rows, model.pieces) for text in texts],
        targets,
        config["penalty"],
        several=several,
    )
    model.load_state_dict({name: value.half().float() for name, value in model.state_dict().items()})
    return model.eval()


def save(model: NgramModel, folder: Path) -> None:
    """Write the weights in float16."""
    save_file({name: value.half().contiguous() for name, value in model.state_dict().items()}, folder / WEIGHTS_FILE)
