"""Gold through the whole path: rendered as a perfect reply, held against the grammar, read back and scored.

The score must be exactly 1: what is less is lost by our own forms, not by a model. The app's grammar lets mentions
begin and end at words only (taiyi.tasks.lark); where annotators cut words, the same grammar with the borders "any"
takes them. Triples whose names don't stand in the text (CMeIE has some) fit no grammar, since an extraction may not
invent; a reply that is not constrained carries them, and they are scored as written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import llguidance

from eval.judging import METRICS
from eval.prediction import Prediction, parse_reply
from eval.score import score_set
from eval.sets import EvalSet
from taiyi.document import Document
from taiyi.tasks import TASKS
from taiyi.tasks.base import Borders, Example

BORDERS: tuple[Borders, ...] = ("words", "any")
_BYTES = llguidance.LLTokenizer("byte")
_LIMITS = llguidance.LLParserLimits(step_lexer_fuel=10_000_000, verbose_errors=False)


@dataclass(frozen=True, slots=True)
class OracleScore:
    """What gold is worth on a set. `value` is the headline figure, in [0, 1].

    `n_any_borders` of the `n` replies need mentions at any borders; `n_ungrounded` hold triples whose names are not in
    the text; `refused` are the ids of others that no grammar takes, `lost` of those with an error.
    """

    set: str
    metric: str
    value: float
    n: int
    n_any_borders: int
    n_ungrounded: int
    refused: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def perfect(self) -> bool:
        """Whether nothing is lost."""
        return self.value == 1.0 and not self.refused


def oracle(eval_set: EvalSet, examples: Sequence[Example], split: str) -> OracleScore:
    """Send the gold of a set's examples through reply, grammar and score."""
    replies = [TASKS[example.request.task].render(example.gold, example.request) for example in examples]
    fits = [_fit(example, reply) for example, reply in zip(examples, replies, strict=True)]
    predictions = [parse_reply(example, reply) for example, reply in zip(examples, replies, strict=True)]
    value = _value(eval_set, examples, predictions, split)
    pairs = zip(examples, predictions, strict=True)
    lost = (e.id for e, p in pairs if METRICS[eval_set.metric].judge(e, p).errors)
    refused = (example.id for example, fit in zip(examples, fits, strict=True) if fit == "none")
    return OracleScore(
        eval_set.name,
        eval_set.metric,
        value,
        len(examples),
        fits.count("any"),
        fits.count("ungrounded"),
        tuple(refused),
        tuple(lost),
    )


def _value(eval_set: EvalSet, examples: Sequence[Example], predictions: Sequence[Prediction], split: str) -> float:
    score = score_set(eval_set, examples, predictions, split=split, draws=1)
    value = score.figures[score.headline]
    return value / 100 if score.headline == "bleu" else value


def _fit(example: Example, reply: str) -> str:
    """Which grammar takes a reply: that with the borders "words", or "any"; "ungrounded" or "none" where neither."""
    for borders in BORDERS:
        grammar = TASKS[example.request.task].grammar(replace(example.request, borders=borders))
        if grammar is None or accepts(grammar, reply):
            return borders
    return "ungrounded" if _is_ungrounded(example.gold) else "none"


def _is_ungrounded(gold: Document) -> bool:
    return bool(gold.meta.get("unplaced_relations"))


def accepts(grammar: str, reply: str) -> bool:
    """Whether a reply is complete under a grammar, byte by byte: whatever the model's vocabulary, it could say it."""
    matcher = llguidance.LLMatcher(_BYTES, llguidance.grammar_from("lark", grammar), log_level=0, limits=_LIMITS)
    ids = list(reply.encode())
    return bool(matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting())
