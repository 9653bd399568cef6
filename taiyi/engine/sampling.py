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
        logits = logits / params.temperature
        if params.top_k:
            values, ids = logits.topk(min(params.top_k, len(logits)))
            return int(ids[self._draw(values.softmax(-1))])
        return self._draw(logits.softmax(-1))

    def _draw(self, probabilities: torch.Tensor) -> int:
        """An index, drawn among the likeliest that make up `top_p` (Holtzman et al. 2020).

        Drawn from all and drawn again where it is none of these: the same distribution, without sorting a vocabulary.
        """
        sums = probabilities.cumsum(-1, dtype=torch.float64)
        while True:
            place = torch.rand((), generator=self._generator, dtype=torch.float64) * sums[-1]
            index = int(torch.searchsorted(sums, place, right=True))
            if index == len(sums):  # rounding may carry the place past the end
                index = int(probabilities.argmax())
            if self.params.top_p == 1.0 or self._before(probabilities, index) < self.params.top_p:
                return index

    @staticmethod
    def _before(probabilities: torch.Tensor, index: int) -> float:
        """The probability of everything likelier than `index`, of equals those that come first."""
        own = probabilities[index]
        likelier = torch.where(probabilities > own, probabilities, 0.0).sum(dtype=torch.float64)
        return float(likelier + own * (probabilities[:index] == own).sum())
