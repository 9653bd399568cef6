"""One stream of the decode loop: what it has still to read, how it picks its next token, and when it ends."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from itertools import takewhile

import torch

from taiyi.engine.base import Chunk, Finish, SamplingParams
from taiyi.engine.constrain import Constraint
from taiyi.engine.detokenize import Detokenizer
from taiyi.engine.prediction import Prediction
from taiyi.engine.sampling import Sampler
from taiyi.engine.stopping import LoopWatch, StopStrings
from taiyi.errors import Issue


@dataclass
class Row:
    """One stream: its own sampler, grammar, stop rules, cancel flag and memory of what it said.

    `unread` are the tokens that the model has not read yet: the rest of the prompt, later the token it said last and
    what the grammar forced after it. `slot` is its place in the model's memory once it has started. `cancel` is the
    caller's and may be shared by several rows; `abandoned` says that this row's consumer went away.
    """

    unread: list[int]
    params: SamplingParams
    detokenizer: Detokenizer
    constraint: Constraint | None
    cancel: threading.Event
    end_ids: frozenset[int]
    prediction: Prediction | None = None
    chunks: queue.SimpleQueue[Chunk | BaseException] = field(default_factory=queue.SimpleQueue)
    slot: int = -1
    finished: bool = False
    abandoned: bool = False

    def __post_init__(self) -> None:
        if not self.unread:
            raise ValueError("The prompt is empty.")
        self._sampler = Sampler(self.params)
        self._stops = StopStrings(self.params.stop)
        self._loop = LoopWatch()
        self._said: list[int] = []
        self._n_chars = 0
        self._forced_ids: list[int] = []
        self._tried: list[int] = []
        # Such a reply ends with its text; and a text may repeat itself, so its copy may.
        self._copies = self.prediction is not None and self.constraint is not None
        if self.constraint is not None:  # what the grammar forces at once is read together with the prompt
            self._forced_ids = [i for i in self.constraint.forced() if i not in self.end_ids]
            self.unread = [*self.unread, *self._forced_ids[: self.params.max_new_tokens]]

    @property
    def cancelled(self) -> bool:
        """Whether nobody wants the rest of the reply."""
        return self.abandoned or self.cancel.is_set()

    def try_ahead(self, limit: int) -> list[int]:
        """At most `limit` predicted tokens, as far as the grammar lets them follow, to be read after `unread`."""
        if self.prediction is None:
            return []
        n_left = self.params.max_new_tokens - len(self._said) - len(self._forced_ids)
        self._tried = self.prediction.ahead(min(limit, n_left - 1))  # after the last one no logits are needed
        if self.constraint is not None:
            self._tried = self._tried[: self.constraint.n_possible(self._tried)]
        return self._tried

    def advance(self, logits: torch.Tensor) -> int:
        """Say what follows from logits (1 + tried, vocabulary): those after `unread` and after each token tried ahead.

        Each is used as if it were alone, as long as what is said are the tokens tried. Returns how many of these have
        been said; the model has read the others in vain.
        """
        tried, self._tried = self._tried, []
        self.unread = []
        n_right = 0
        while not (self.unread or self.finished):
            if self.cancelled:
                self.end(Finish.CANCELLED)
                break
            said = self._say_next(logits[n_right])
            n_same = _n_same(said, tried[n_right:])
            n_right += n_same
            self.unread = said[n_same:]
        if self.prediction is not None:
            self.prediction.judge(len(tried), n_right)
        return n_right

    def _say_next(self, logits: torch.Tensor) -> list[int]:
        """Say the next token from logits (vocabulary,), and whatever the grammar forces around it. Returns those that
        the model has not read: what was forced at the beginning stood behind the prompt."""
        n_read = len(self._forced_ids)
        run = [(token, 0.0) for token in self._forced_ids]
        self._forced_ids = []
        n_left = self.params.max_new_tokens - len(self._said) - len(run)
        complete = self.constraint is not None and self.constraint.complete
        if not complete and n_left > 0:
            token, logprob = self._pick(logits, n_left)
            if token in self.end_ids:
                self._say(run, self._own_end())
                return []
            run.append((token, logprob))
            if self.constraint is not None:
                forced = self.constraint.accept(token)[1:]
                run += [(following, 0.0) for following in forced if following not in self.end_ids]
        self._say(run)
        return [token for token, _ in run[n_read:]]

    def end(self, finish: Finish) -> None:
        """End without another token."""
        self._say([], finish)

    def fail(self, error: BaseException) -> None:
        """Hand an error to the consumer."""
        self.finished = True
        self.chunks.put(error)

    def _pick(self, logits: torch.Tensor, n_left: int) -> tuple[int, float]:
        logits = self._sampler.penalise(logits, self._said)
        if self.constraint is None:
            token = self._sampler.pick(logits)
        else:
            logits = self.constraint.mask(logits, n_left)
            token = self.constraint.pick(logits, self._sampler.pick)
        return token, float(logits[token] - logits.logsumexp(-1))

    def _say(self, run: list[tuple[int, float]], finish: Finish | None = None) -> None:
        """Send the tokens of a run, with their log-probabilities. `finish` or one of the stop rules ends the reply."""
        text, offsets = "", []
        issues: tuple[Issue, ...] = ()
        room = self.params.max_new_tokens - len(self._said)
        complete = self.constraint is not None and self.constraint.complete and len(run) <= room
        for token, _ in run[:room]:
            offsets.append(self._n_chars)
            self._said.append(token)
            if self.prediction is not None:
                self.prediction.add(token)
            decoded = self.detokenizer.add(token)
            self._n_chars += len(decoded)
            certain, stopped = self._stops.add(decoded)
            text += certain
            if stopped:
                finish = Finish.STOP
                break
            if not self._copies and self._loop.add(token):
                finish, issues = Finish.REPETITION, (Issue("repetition"),)
                break
        if finish is None and complete:
            finish = self._own_end()
        if finish is None and len(self._said) >= self.params.max_new_tokens:
            finish = Finish.LENGTH
        if finish is Finish.END:
            rest, stopped = self._stops.add(self.detokenizer.finish())
            text += rest
            finish = Finish.STOP if stopped else finish
        if finish is not None and finish is not Finish.STOP:  # half a character is not shown where a reply is cut
            text += self._stops.finish()
        self.finished = finish is not None
        sent = run[: len(offsets)]
        ids, logprobs = tuple(token for token, _ in sent), tuple(logprob for _, logprob in sent)
        self.chunks.put(Chunk(text, ids, logprobs, tuple(offsets), finish, issues))

    def _own_end(self) -> Finish:
        """How a reply is said to have ended that is complete: by itself, or because its tokens ran out."""
        return Finish.LENGTH if self.constraint is not None and self.constraint.hurried else Finish.END


def _n_same(said: list[int], tried: list[int]) -> int:
    """How many tokens both begin with."""
    return len([*takewhile(lambda pair: pair[0] == pair[1], zip(said, tried, strict=False))])
