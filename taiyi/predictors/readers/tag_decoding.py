"""From the probabilities of tags to mentions: the likeliest sequence of tags in which every mention is whole."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

NEVER = -1e4


@cache
def _steps(n_labels: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """0 where a tag may follow another (n, n), begin (n,) or end (n,) a text; NEVER elsewhere.

    Tags are O, then begin, inside, end and single of each label.
    """
    opens = np.array([False] + [kind in "BI" for _ in range(n_labels) for kind in "BIES"])
    goes_on = np.array([False] + [kind in "IE" for _ in range(n_labels) for kind in "BIES"])
    label = np.array([-1] + [index for index in range(n_labels) for _ in "BIES"])
    same = label[:, None] == label[None, :]
    allowed = np.where(opens[:, None], goes_on[None, :] & same, ~goes_on[None, :])
    steps = np.where(allowed, 0, NEVER).astype(np.float32)
    return steps, np.where(goes_on, NEVER, 0).astype(np.float32), np.where(opens, NEVER, 0).astype(np.float32)


def best_tags(logprobs: NDArray[np.float32]) -> list[int]:
    """The likeliest tags of a text that are well formed. *Shape:* (tokens, tags)."""
    n_tokens, n = logprobs.shape
    if not n_tokens:
        return []
    steps, begins, ends = _steps((n - 1) // 4)
    score = logprobs[0] + begins
    back = np.zeros((n_tokens, n), np.int64)
    for t in range(1, n_tokens):
        ways = score[:, None] + steps
        back[t] = ways.argmax(0)
        score = ways.max(0) + logprobs[t]
    tags = [int((score + ends).argmax())]
    for t in range(n_tokens - 1, 0, -1):
        tags.append(int(back[t, tags[-1]]))
    return tags[::-1]


def mentions_of(
    tags: Sequence[int], logprobs: NDArray[np.float32], labels: Sequence[str]
) -> list[tuple[int, int, str, float]]:
    """(first token, last token, label, log-probability) of each mention; the last is the sum over its tokens."""
    found = []
    first = 0
    for n, tag in enumerate(tags):
        if tag == 0:
            continue
        kind = (tag - 1) % 4
        if kind in (0, 3):
            first = n
        if kind in (2, 3):
            total = float(sum(logprobs[m, tags[m]] for m in range(first, n + 1)))
            found.append((first, n, labels[(tag - 1) // 4], total))
    return found
