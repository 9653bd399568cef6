"""Which token comes next: one small step after another on a row of logits."""

from __future__ import annotations

import torch

from taiyi.engine.base import SamplingParams


class Sampler:
    """Picks a token as SamplingParams says. Its random numbers are its own, so streams don't disturb each other."""

    def __init__(self, params: SamplingParams) -> None:
        self.params = params
        self._generator = torch.Generator()
        if params.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(params.seed)

    def penalise(self, logits: torch.Tensor, seen: list[int]) -> torch.Tensor:
        """Logits (vocabulary,) with those of tokens already seen pushed down (Keskar et al. 2019)."""
        penalty = self.params.repetition_penalty
        if penalty == 1.0 or not seen:
            return logits
        ids = torch.tensor(sorted(set(seen)))
        values = logits[ids]
        logits = logits.clone()
        logits[ids] = torch.where(values > 0, values / penalty, values * penalty)
        return logits

    def pick(self, logits: torch.Tensor) -> int:
        """A token id from logits (vocabulary,); the likeliest where the temperature is 0."""
        params = self.params
        if params.temperature == 0.0:
            return int(logits.argmax())
        values, ids = (logits / params.temperature).sort(descending=True)
        if params.top_k:
            values, ids = values[: params.top_k], ids[: params.top_k]
        probabilities = values.softmax(-1)
        if params.top_p < 1.0:
            before = probabilities.cumsum(-1) - probabilities
            probabilities = torch.where(before < params.top_p, probabilities, 0.0)
        return int(ids[torch.multinomial(probabilities, 1, generator=self._generator)])
