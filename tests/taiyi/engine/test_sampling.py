"""Tokens are picked as the settings say, and a seed says which."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from taiyi.engine.base import SamplingParams
from taiyi.engine.sampling import Sampler
from taiyi.errors import InputError

LOGITS = torch.tensor([0.1, 0.4, 0.3, 0.2]).log()


def picks(n: int = 4000, logits: torch.Tensor = LOGITS, **settings: float) -> Counter[int]:
    sampler = Sampler(SamplingParams(seed=7, **settings))  # type: ignore[arg-type]
    return Counter(sampler.pick(logits) for _ in range(n))


def test_zero_temperature_takes_the_likeliest() -> None:
    assert picks(10, temperature=0.0) == Counter({1: 10})


def test_at_temperature_one_the_shares_are_the_probabilities() -> None:
    """Four standard errors of a share of 0.4 in 4,000 draws are 0.031."""
    found = picks(temperature=1.0)
    for token, probability in enumerate((0.1, 0.4, 0.3, 0.2)):
        assert abs(found[token] / 4000 - probability) < 0.031


def test_top_k_and_top_p_keep_only_the_likeliest() -> None:
    """Sorted: 0.4, 0.3, 0.2, 0.1. Two of them for top_k 2; the first three reach 0.75 together."""
    assert set(picks(temperature=1.0, top_k=2)) == {1, 2}
    assert set(picks(temperature=1.0, top_p=0.75)) == {1, 2, 3}
    assert set(picks(temperature=1.0, top_k=3, top_p=0.4)) == {1}


def test_a_flat_vocabulary_is_cut_at_top_p_too() -> None:
    """1,000 equal tokens: top_p 0.5 keeps 500, more than the short list that is looked at first."""
    found = picks(6000, torch.zeros(1000), temperature=1.0, top_p=0.5)
    assert len(found) == 500


def test_tokens_with_no_chance_are_never_picked() -> None:
    logits = torch.tensor([float("-inf"), 0.0, float("-inf"), 0.0, float("-inf")])
    for settings in ({"temperature": 1.0}, {"temperature": 1.0, "top_p": 0.9}, {"temperature": 2.0, "top_k": 4}):
        assert set(picks(500, logits, **settings)) == {1, 3}


def test_the_penalty_pushes_down_what_was_said() -> None:
    """Keskar et al.: positive logits are divided, negative ones multiplied."""
    sampler = Sampler(SamplingParams(repetition_penalty=2.0))
    assert sampler.penalise(torch.tensor([4.0, -1.0, 3.0]), [0, 1, 0]).tolist() == [2.0, -2.0, 3.0]


def test_the_same_seed_picks_the_same_and_another_does_not() -> None:
    flat = torch.zeros(5000)
    first, again, other = (
        [sampler.pick(flat) for _ in range(20)]
        for sampler in (Sampler(SamplingParams(temperature=1.0, seed=seed)) for seed in (1, 1, 2))
    )
    assert first == again != other


@pytest.mark.parametrize("setting", [{"temperature": -0.1}, {"top_p": 0.0}, {"max_new_tokens": 0}, {"top_k": -1}])
def test_a_setting_outside_its_range_is_refused_by_name(setting: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(setting))):
        SamplingParams(**setting)  # type: ignore[arg-type]
