"""The language model as a predictor: prompt → engine under the grammar → parse → scores."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from taiyi.card import Card
from taiyi.document import Document, Span
from taiyi.engine.base import Engine, Finish, SamplingParams
from taiyi.errors import InputError, Issue
from taiyi.predictors.base import Partial, Result, Usage
from taiyi.segment import Window, merge, windows
from taiyi.tasks import TASKS
from taiyi.tasks.base import Request
from taiyi.tasks.marked import shown, wants_marks
from taiyi.tasks.thoughts import without_thoughts

EXTRACTION = frozenset({"entities", "relations", "causality", "events"})
WINDOWED = EXTRACTION | {"translate"}  # the others answer once: a text too long for them is cut, with a notice
DISTINCT = frozenset({"entities", "relations", "causality"})  # a reply names nothing twice
WINDOWS_AT_ONCE = 4  # streams that share the engine's steps while a long text is read
OVERLAP_SHARE = 0.15
MIN_WINDOW_CHARS = 80
PROMPT_SHARE = 0.6  # of the context; the rest is for the reply
PROMPT_SHARE_OF_COPIES = 0.3  # where the reply is the text with marks
COPY_TOKENS = 3  # of a marked reply for one of its prompt, at most: the grammar ends it, this never should


@dataclass
class _Reply:
    """One stream, drained: its text and, token by token, where it began and how likely it was."""

    text: str = ""
    offsets: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    n_tokens: int = 0
    finish: Finish | None = None
    issues: tuple[Issue, ...] = ()

    def score(self, span: Span, *, joint: bool = False) -> float | None:
        """Geometric mean of the probabilities of the tokens that reach into `span`, or with `joint` their product; None
        where there are none.

        A token may begin before the mention: in byte-level vocabularies the blank before a word belongs to it.
        """
        ends = [*self.offsets, len(self.text)][1:]
        own = [
            logprob
            for begin, end, logprob in zip(self.offsets, ends, self.logprobs, strict=True)
            if begin < span.end and (end > span.start or begin == span.start)
        ]
        return math.exp(sum(own) / (1 if joint else len(own))) if own else None


class LLMPredictor:
    """Answers every task with one engine. Long texts are read in windows, several at a time."""

    def __init__(self, engine: Engine, card: Card | None = None) -> None:
        self.engine = engine
        self.card = card or Card()

    @property
    def name(self) -> str:
        return self.engine.info.name

    def supports(self, request: Request) -> bool:
        """Every task that the card doesn't rule out."""
        return request.task in TASKS and request.task not in self.card.unable

    def stream(
        self, request: Request, cancel: threading.Event | None = None, params: SamplingParams | None = None
    ) -> Iterator[Partial | Result]:
        """Partials with the reply so far, then the Result. Raises InputError, EngineError, GrammarError."""
        started = time.monotonic()
        cancel = cancel or threading.Event()
        request = self._asked(request)
        parts = self._windows(request)
        if len(parts) == 1 or request.task not in WINDOWED:
            yield from self._stream_one(request, parts[0], cancel, params, started)
        else:
            yield from self._stream_windows(request, parts, cancel, params, started)

    def _asked(self, request: Request) -> Request:
        """The request in the words that the model was trained on, where the card names them and it names no others."""
        own = self.card.templates.get(request.task, {}).get(request.lang)
        return replace(request, template=own) if own and request.template is None else request

    def _params(self, request: Request, params: SamplingParams | None) -> SamplingParams:
        chosen = params or SamplingParams()
        end_bias = chosen.end_bias or self.card.end_bias.get(request.task, {}).get(request.lang, 0.0)
        if not wants_marks(request):
            return replace(chosen, end_bias=end_bias, distinct_items=request.task in DISTINCT)
        mark_bias = chosen.mark_bias or self.card.mark_bias.get(request.task, {}).get(request.lang, 0.0)
        room = COPY_TOKENS * self.engine.count_tokens(TASKS[request.task].prompt(request))
        return replace(
            chosen,
            mark_bias=mark_bias,
            prediction=shown(request.text),
            max_new_tokens=max(chosen.max_new_tokens, room),
        )

    def _windows(self, request: Request) -> tuple[Window, ...]:
        limit = self._window_chars(request)
        if limit is None:
            return (Window(0, len(request.text), request.text),)
        overlap = int(limit * OVERLAP_SHARE) if request.task in EXTRACTION else 0
        return windows(request.text, request.text_lang, limit, overlap)

    def _window_chars(self, request: Request) -> int | None:
        """How many characters may be read at once; None where the whole text may."""
        if request.task == "chat":
            return None
        trained = self.card.window_chars.get(request.task, {}).get(request.text_lang, len(request.text))
        context = self.engine.info.context_tokens
        prompt = TASKS[request.task].prompt
        prompt_tokens = self.engine.count_tokens(prompt(request))
        room = context * (PROMPT_SHARE_OF_COPIES if wants_marks(request) else PROMPT_SHARE)
        if len(request.text) <= trained and prompt_tokens <= room:
            return None
        overhead = self.engine.count_tokens(prompt(replace(request, text=request.text.strip()[:1])))
        chars_per_token = len(request.text) / max(1, prompt_tokens - overhead)
        limit = min(trained, int((room - overhead) * chars_per_token))
        if limit < MIN_WINDOW_CHARS:
            raise InputError(
                f"The request leaves no room for the text: it takes {overhead} of the model's {context} tokens. "
                "Ask for fewer types at once, or load a model with a longer context.",
                code="no_room",
                overhead=overhead,
                context=context,
            )
        return limit

    def _run(self, request: Request, cancel: threading.Event, params: SamplingParams | None) -> Iterator[_Reply]:
        """The reply as it grows; the last one yielded is complete."""
        task = TASKS[request.task]
        grammar = task.grammar(request) if self.engine.info.constrained else None
        reply = _Reply()
        for chunk in self.engine.stream(task.prompt(request), self._params(request, params), grammar, cancel):
            reply.text += chunk.text
            reply.n_tokens += len(chunk.ids)
            if chunk.offsets:
                reply.offsets += chunk.offsets
                reply.logprobs += chunk.logprobs
            reply.issues += chunk.issues
            reply.finish = chunk.finish or reply.finish
            yield reply

    def _result(self, request: Request, reply: _Reply) -> tuple[Document, tuple[Issue, ...]]:
        parsed = TASKS[request.task].parse(without_thoughts(reply.text), request)
        issues = parsed.issues + reply.issues
        if reply.finish is Finish.LENGTH:
            issues += (Issue("cut_off"),)
        joint = wants_marks(request)  # a mark stands or falls as a whole
        scores = {item: reply.score(span, joint=joint) for item, span in parsed.reply_spans.items()}
        document = parsed.document
        return (
            replace(
                document,
                entities=tuple(replace(e, score=scores.get(e.id, e.score)) for e in document.entities),
                relations=tuple(replace(r, score=scores.get(r.id, r.score)) for r in document.relations),
                events=tuple(replace(e, score=scores.get(e.id, e.score)) for e in document.events),
                labels=tuple(replace(la, score=scores.get(f"label:{la.name}", la.score)) for la in document.labels),
            ),
            issues,
        )

    def _stream_one(
        self,
        request: Request,
        window: Window,
        cancel: threading.Event,
        params: SamplingParams | None,
        started: float,
    ) -> Iterator[Partial | Result]:
        yield Partial(waiting=self.engine.waiting())
        reply = _Reply()
        read = replace(request, text=window.text)
        for reply in self._run(read, cancel, params):
            yield Partial(reply.text)
        document, issues = self._result(read, reply)
        if len(window.text) < len(request.text):
            document = replace(document, text=request.text)
            issues += (Issue("cut_input", f"{window.end} / {len(request.text)}"),)
        yield Result(
            document,
            reply.text,
            issues,
            self.name,
            Usage(new_tokens=reply.n_tokens, seconds=time.monotonic() - started),
            reply.finish,
        )

    def _stream_windows(
        self,
        request: Request,
        parts: tuple[Window, ...],
        cancel: threading.Event,
        params: SamplingParams | None,
        started: float,
    ) -> Iterator[Partial | Result]:
        """Several windows at a time; what is complete when the reader cancels is kept."""
        done: queue.Queue[int] = queue.Queue()
        finished: dict[int, tuple[_Reply, Document, tuple[Issue, ...]]] = {}
        failures: list[BaseException] = []

        def read(index: int) -> None:
            try:
                if cancel.is_set() or failures:
                    return
                part = replace(request, text=parts[index].text)
                *_, reply = self._run(part, cancel, params)
                finished[index] = (reply, *self._result(part, reply))
            except BaseException as error:  # handed to the consumer below, in its own thread
                failures.append(error)
            finally:
                done.put(index)

        yield Partial(waiting=self.engine.waiting())
        with ThreadPoolExecutor(WINDOWS_AT_ONCE) as pool:
            for index in range(len(parts)):
                pool.submit(read, index)
            try:
                for n in range(1, len(parts) + 1):
                    done.get()
                    yield Partial(done=n / len(parts))
            except GeneratorExit:
                cancel.set()
                raise
        if failures:
            raise failures[0]
        order = sorted(finished)
        document = merge([(parts[i], finished[i][1]) for i in order], request.text)
        answers = [finished[i][1].answer for i in order]
        if any(answers):
            document = replace(document, answer="\n".join(a for a in answers if a))
        issues: tuple[Issue, ...] = (Issue("windows", str(len(parts))),)
        for i in order:
            issues += tuple(_shift(issue, parts[i].start) for issue in finished[i][2])
        yield Result(
            document,
            "\n".join(finished[i][0].text for i in order),
            tuple(dict.fromkeys(issues)),
            self.name,
            Usage(
                new_tokens=sum(finished[i][0].n_tokens for i in order),
                seconds=time.monotonic() - started,
                windows=len(parts),
            ),
            Finish.CANCELLED if cancel.is_set() else Finish.END,
        )


def _shift(issue: Issue, by: int) -> Issue:
    if issue.start is None or issue.end is None:
        return issue
    return replace(issue, start=issue.start + by, end=issue.end + by)
