"""Which token comes next: one small step after another on a row of logits."""

from __future__ import annotations

import torch

from taiyi.engine.base import SamplingParams

FEW = 256


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
        logits = logits / params.temperature
        if params.top_k:
            values, ids = logits.topk(min(params.top_k, len(logits)))
            return int(ids[self._draw(self._nucleus(values.softmax(-1)))])
        if params.top_p == 1.0:
            return self._draw(logits.softmax(-1))
        values, ids = self._likeliest(logits.softmax(-1))
        return int(ids[self._draw(self._nucleus(values))])

    def _likeliest(self, probabilities: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Probabilities and ids in falling order, at least as many as make up `top_p`. Few are enough nearly always,
        and finding these takes a tenth of the time of sorting a vocabulary."""
        values, ids = probabilities.topk(min(FEW, len(probabilities)))
        if float(values.sum()) < self.params.top_p:
            values, ids = probabilities.sort(descending=True)
        return values, ids

    def _nucleus(self, probabilities: torch.Tensor) -> torch.Tensor:
        """Probabilities in falling order with those beyond `top_p` at 0 (Holtzman et al. 2020)."""
        if self.params.top_p == 1.0:
            return probabilities
        before = probabilities.cumsum(-1) - probabilities
        return torch.where(before < self.params.top_p, probabilities, 0.0)

    def _draw(self, weights: torch.Tensor) -> int:
        """An index with a chance proportional to its weight."""
        sums = weights.cumsum(-1, dtype=torch.float64)
        place = torch.rand((), generator=self._generator, dtype=torch.float64) * sums[-1]
        index = int(torch.searchsorted(sums, place, right=True))
        return index if index < len(weights) else int(weights.argmax())  # rounding may carry the place past the end
