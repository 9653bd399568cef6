"""Grammars bound to a vocabulary: which tokens may come next. The automaton is llguidance's; there is none of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llguidance
import llguidance.hf
import torch

from taiyi.engine.base import SamplingParams
from taiyi.engine.closing import Closing, WayOut, allowed_ids
from taiyi.engine.distinct import DistinctItems, SeparatorTable
from taiyi.errors import GrammarError

# The library's own are for small grammars; the parts of an abstract, twice in a triple, pass them.
LIMITS = llguidance.LLParserLimits(initial_lexer_fuel=10_000_000, step_lexer_fuel=10_000_000, verbose_errors=False)


class ConstraintFactory:
    """The vocabulary's tables, built once a model; makes a Constraint for each request. `pieces` are the bytes of each
    token (see `TokenBytes`)."""

    def __init__(self, tokenizer: Any, pieces: list[bytes], end_ids: frozenset[int]) -> None:
        self._table = llguidance.hf.from_tokenizer(tokenizer, n_vocab=len(pieces))
        self.separators = SeparatorTable(pieces)
        line_ends = [i for i, piece in enumerate(pieces) if piece.startswith(b"\n")]
        self.ending_ids = torch.tensor(sorted({*line_ends, *end_ids}))
        self.mark_ids = torch.tensor([i for i, piece in enumerate(pieces) if piece.startswith((b"{", b" {"))])
        self.way_out = WayOut(pieces, end_ids, self.separators.separator_ids.tolist())

    def make(self, grammar: str, params: SamplingParams | None = None) -> Constraint:
        """`params` say how the grammar is kept (see there). Raises GrammarError where the grammar is none."""
        matcher = llguidance.LLMatcher(self._table, llguidance.grammar_from("lark", grammar), limits=LIMITS)
        if matcher.is_error():
            raise _failed(matcher)
        return Constraint(matcher, self, params or SamplingParams())


class Constraint:
    """One reply's way through its grammar."""

    def __init__(self, matcher: Any, factory: ConstraintFactory, params: SamplingParams) -> None:
        self._matcher = matcher
        self._distinct = DistinctItems(factory.separators) if params.distinct_items else None
        biases = ((factory.ending_ids, -params.end_bias), (factory.mark_ids, params.mark_bias))
        self._biases = [(ids, bias) for ids, bias in biases if bias and len(ids)]
        # The way out of a grammar that copies a text is as long as the text, and would be walked for every token.
        self._closing = None if params.prediction else Closing(factory.way_out)

    @property
    def complete(self) -> bool:
        """Whether nothing more may come. Raises GrammarError where the automaton has failed: it stops then, too."""
        if self._matcher.is_error():
            raise _failed(self._matcher)
        return bool(self._matcher.is_stopped())

    @property
    def hurried(self) -> bool:
        """Whether the reply was brought to its end before the model wanted it, because its tokens ran out."""
        return self._closing is not None and self._closing.hurried

    def mask(self, logits: torch.Tensor, n_left: int) -> torch.Tensor:
        """Logits (vocabulary,) with every token that the grammar forbids at minus infinity, and where few of the
        `n_left` tokens remain also those that leave no time to close; the biases of SamplingParams shift what is left.
        """
        allowed = allowed_ids(self._matcher, logits.shape[-1])
        if not allowed.any():
            raise _failed(self._matcher)
        masked = logits.masked_fill(torch.from_numpy(~allowed), float("-inf"))
        for ids, bias in self._biases:
            masked[ids] += bias
        if self._closing is not None:
            kept = self._closing.restrict(allowed, self._matcher, n_left, int(masked.argmax()))
            if kept is not allowed:
                masked = masked.masked_fill(torch.from_numpy(~kept), float("-inf"))
        return self._distinct.mask(masked) if self._distinct else masked

    def pick(self, logits: torch.Tensor, pick: Callable[[torch.Tensor], int]) -> int:
        """The token that `pick` chooses from masked logits, no item of a list again."""
        return self._distinct.pick(logits, pick) if self._distinct else pick(logits)

    def n_possible(self, tokens: list[int]) -> int:
        """How many of these tokens may come next, in order. None is taken."""
        return int(self._matcher.validate_tokens(tokens))

    def forced(self) -> list[int]:
        """The tokens that must come now whatever the model thinks; they are taken."""
        tokens = list(self._matcher.compute_ff_tokens())
        if tokens:
            self._matcher.consume_tokens(tokens)
            if self._distinct:
                self._distinct.add(tokens)
        return tokens

    def accept(self, token: int) -> list[int]:
        """Take a token that `mask` allowed, and the tokens that must follow it: all of them, in order."""
        if not self._matcher.consume_token(token):
            raise _failed(self._matcher)
        if self._distinct:
            self._distinct.add([token])
        return [token, *self.forced()]


def _failed(matcher: Any) -> GrammarError:
    reason = (matcher.get_error() or "no token can follow").strip().splitlines()[0][:200]
    return GrammarError(
        f"The constraint on the reply could not be built or kept: {reason}", code="grammar_failed", reason=reason
    )
