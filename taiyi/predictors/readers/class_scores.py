"""From logits of classes to what is answered: calibrated probabilities, and which classes hold.

A card's `settings` hold `several` (whether more than one class may hold, or none), `temperature` and, with `several`,
the `threshold` from which on a class holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor


def probabilities(logits: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """*Shape:* (texts, classes) -> (texts, classes)."""
    logits = logits / settings["temperature"]
    return logits.sigmoid() if settings["several"] else logits.softmax(-1)


def named(scores: Tensor, labels: Sequence[str], settings: Mapping[str, Any]) -> list[tuple[str, float, bool]]:
    """(class, probability, whether it holds) of every class, the likeliest first, from the probabilities of the pieces
    of a text.

    Where several may hold, a class holds of a text if it holds of a piece, and its probability is that of the surest
    piece; else the pieces are averaged and the likeliest class holds. *Shape:* (pieces, classes).
    """
    if settings["several"]:
        found = scores.amax(0).tolist()
        held = [score >= settings["threshold"] for score in found]
    else:
        found = scores.mean(0).tolist()
        held = [score == max(found) for score in found]
    return sorted(zip(labels, found, held, strict=True), key=lambda row: -row[1])
