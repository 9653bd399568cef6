"""Grammars bound to a vocabulary: which tokens may come next. The automaton is llguidance's; there is none of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llguidance
import llguidance.hf
import llguidance.numpy
import numpy as np
import torch

from taiyi.engine.detokenize import bytes_by_id
from taiyi.engine.distinct import DistinctItems, SeparatorTable
from taiyi.errors import GrammarError


class ConstraintFactory:
    """The vocabulary's table, built once a model; makes a Constraint for each request."""

    def __init__(self, tokenizer: Any, n_vocab: int, end_ids: frozenset[int]) -> None:
        self._table = llguidance.hf.from_tokenizer(tokenizer, n_vocab=n_vocab)
        self.n_vocab = n_vocab
        self.end_ids = end_ids
        pieces = bytes_by_id(tokenizer, n_vocab)
        self.separators = SeparatorTable(pieces)
        line_ends = [i for i, piece in enumerate(pieces) if piece.startswith(b"\n")]
        self.ending_ids = torch.tensor(sorted({*line_ends, *end_ids}))

    def make(self, grammar: str, *, distinct_items: bool = False) -> Constraint:
        """Raises GrammarError where the grammar is none."""
        matcher = llguidance.LLMatcher(self._table, llguidance.grammar_from("lark", grammar))
        if matcher.is_error():
            raise GrammarError(f"The constraint could not be built: {matcher.get_error()[:200]}", code="grammar_failed")
        return Constraint(matcher, self, DistinctItems(self.separators) if distinct_items else None)


class Constraint:
    """One reply's way through its grammar."""

    def __init__(self, matcher: Any, factory: ConstraintFactory, distinct: DistinctItems | None) -> None:
        self._matcher = matcher
        self._distinct = distinct
        self._factory = factory
        self._bits = np.zeros((1, (factory.n_vocab + 31) // 32), dtype=np.int32)

    @property
    def complete(self) -> bool:
        """Whether nothing more may come."""
        return bool(self._matcher.is_stopped())

    def mask(self, logits: torch.Tensor, end_bias: float = 0.0) -> torch.Tensor:
        """Logits (vocabulary,) with every token that the grammar forbids at minus infinity. `end_bias` is taken from
        the tokens that end a line or the reply, where anything else may come."""
        llguidance.numpy.fill_next_token_bitmask(self._matcher, self._bits)
        allowed = np.unpackbits(self._bits[0].view(np.uint8), bitorder="little")[: logits.shape[-1]].astype(bool)
        keep = torch.from_numpy(allowed)
        if end_bias:
            logits = logits.clone()
            logits[self._factory.ending_ids] -= end_bias
        masked = logits.masked_fill(~keep, float("-inf"))
        return self._distinct.mask(masked) if self._distinct else masked

    def pick(self, logits: torch.Tensor, pick: Callable[[torch.Tensor], int]) -> int:
        """The token that `pick` chooses from masked logits, no item of a list again."""
        return self._distinct.pick(logits, pick) if self._distinct else pick(logits)

    def accept(self, token: int) -> list[int]:
        """Take a token that `mask` allowed, and the tokens that must follow it whatever the model thinks: all of them,
        in order."""
        if not self._matcher.consume_token(token):
            raise GrammarError(f"The grammar refused a token: {self._matcher.get_error()[:200]}", code="grammar_failed")
        forced = list(self._matcher.compute_ff_tokens())
        if forced:
            self._matcher.consume_tokens(forced)
        if self._distinct:
            self._distinct.add([token, *forced])
        return [token, *forced]
