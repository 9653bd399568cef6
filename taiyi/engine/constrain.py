"""Grammars bound to a vocabulary: which tokens may come next. The automaton is llguidance's; there is none of ours."""

from __future__ import annotations

from typing import Any

import llguidance
import llguidance.hf
import llguidance.numpy
import numpy as np
import torch

from taiyi.errors import GrammarError


class ConstraintFactory:
    """The vocabulary's table, built once a model; makes a Constraint for each request."""

    def __init__(self, tokenizer: Any, n_vocab: int, end_ids: frozenset[int]) -> None:
        self._table = llguidance.hf.from_tokenizer(tokenizer, n_vocab=n_vocab)
        self.n_vocab = n_vocab
        self.end_ids = end_ids
        line_ends = [
            i for i in range(len(tokenizer)) if tokenizer.decode([i], clean_up_tokenization_spaces=False)[:1] == "\n"
        ]
        self.ending_ids = torch.tensor(sorted({*line_ends, *end_ids}))

    def make(self, grammar: str) -> Constraint:
        """Raises GrammarError where the grammar is none."""
        matcher = llguidance.LLMatcher(self._table, llguidance.grammar_from("lark", grammar))
        if matcher.is_error():
            raise GrammarError(f"The constraint could not be built: {matcher.get_error()[:200]}", code="grammar_failed")
        return Constraint(matcher, self)


class Constraint:
    """One reply's way through its grammar."""

    def __init__(self, matcher: Any, factory: ConstraintFactory) -> None:
        self._matcher = matcher
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
        return logits.masked_fill(~keep, float("-inf"))

    def accept(self, token: int) -> None:
        """Take a token that `mask` allowed."""
        if not self._matcher.consume_token(token):
            raise GrammarError(f"The grammar refused a token: {self._matcher.get_error()[:200]}", code="grammar_failed")

    def forced(self) -> list[int]:
        """The tokens that must come next whatever the model thinks; already taken when returned."""
        tokens = list(self._matcher.compute_ff_tokens())
        if tokens:
            self._matcher.consume_tokens(tokens)
        return tokens
