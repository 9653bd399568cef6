"""Tags to mentions: always well formed, and the likeliest of what is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from taiyi.predictors.readers.tag_decoding import best_tags, mentions_of

O, B, I, E, S = range(5)  # of one label  # noqa: E741


def well_formed(tags: tuple[int, ...]) -> bool:
    """O and S stand alone, B is followed by I or E, I by I or E, nothing is left open; one label."""
    inside = False
    for tag in tags:
        if inside != (tag in (I, E)):
            return False
        inside = tag in (B, I)
    return not inside


@given(arrays(np.float32, (4, 5), elements=st.floats(-8, 0, width=32)))
def test_the_best_of_all_well_formed_sequences_is_found(logprobs: np.ndarray) -> None:
    """Against every one of the 5^4 sequences."""
    every = [tags for tags in itertools.product(range(5), repeat=4) if well_formed(tags)]
    best = max(sum(logprobs[t, tag] for t, tag in enumerate(tags)) for tags in every)
    found = best_tags(logprobs)
    assert well_formed(tuple(found))
    assert sum(logprobs[t, tag] for t, tag in enumerate(found)) == pytest.approx(best, abs=1e-4)


def test_a_mention_has_one_label() -> None:
    """Begin of the first label, end of the second: likeliest by themselves, but no mention; two labels, nine tags."""
    logprobs = np.full((2, 9), -5.0, np.float32)
    logprobs[0, 1], logprobs[1, 7] = 0, 0
    logprobs[1, 3] = -1
    assert best_tags(logprobs) == [1, 3]


def test_an_empty_text_has_no_tags() -> None:
    assert best_tags(np.zeros((0, 5), np.float32)) == []


def test_mentions_carry_the_probability_of_their_own_tokens() -> None:
    """O B I E O S: tokens 1 to 3 with -1 - 2 - 3 = -6, and token 5 with -0.5."""
    tags = [O, B, I, E, O, S]
    logprobs = np.zeros((6, 5), np.float32)
    for token, value in ((1, -1.0), (2, -2.0), (3, -3.0), (5, -0.5)):
        logprobs[token, tags[token]] = value
    assert mentions_of(tags, logprobs, ["Disease"]) == [(1, 3, "Disease", -6.0), (5, 5, "Disease", -0.5)]
