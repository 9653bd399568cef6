"""What is loaded, and who answers: the one object that page, shell and scripts share."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from taiyi.assertion import asserted
from taiyi.card import Card, Score, read_card
from taiyi.config import BUNDLED_MODEL, BUNDLED_SPECIALISTS, Settings
from taiyi.engine import load_engine
from taiyi.engine.base import Engine, SamplingParams
from taiyi.errors import InputError
from taiyi.predictors.base import Partial, Predictor, Result
from taiyi.predictors.both import BothPredictor
from taiyi.predictors.llm import LLMPredictor
from taiyi.predictors.specialist import SpecialistPredictor, load_specialists
from taiyi.predictors.split import assign
from taiyi.tasks.base import Request

Choice = Literal["auto", "specialist", "llm", "both"]
CHOICES: tuple[Choice, ...] = ("auto", "specialist", "llm", "both")


@dataclass
class Assistant:
    """An engine with its card, and the specialists beside it.

    `auto` means the specialists where the bundled model is loaded: they read better than a model of its size. With a
    larger model it means that model, and the person chooses.
    """

    engine: Engine
    specialists: Sequence[Predictor] = ()
    card: Card = field(default_factory=Card)
    specialists_first: bool = True

    def __post_init__(self) -> None:
        self.llm = LLMPredictor(self.engine, self.card)

    def choices(self, request: Request) -> tuple[Choice, ...]:
        """Which choices can answer this request; empty where nothing loaded can."""
        by_specialist = assign(request, self.specialists, None) is not None
        by_llm = self.llm.supports(request)
        possible: list[Choice] = ["auto"] if by_specialist or by_llm else []
        if by_specialist:
            possible.append("specialist")
        if by_llm:
            possible.append("llm")
        if self._pair(request) is not None:
            possible.append("both")
        return tuple(possible)

    def _pair(self, request: Request) -> BothPredictor | None:
        """The specialist and the language model; where the model can't do this task, two specialists that can."""
        able = [specialist for specialist in self.specialists if specialist.supports(request)]
        first = assign(request, self.specialists, None)
        others = [self.llm] if self.llm.supports(request) else able[1:]
        return BothPredictor(first, others[0]) if first and others else None

    def predictor(self, request: Request, choice: Choice = "auto") -> Predictor:
        """Who answers. Raises InputError (no_predictor, no_specialist, no_llm) where nobody can."""
        specialist = assign(request, self.specialists, None)
        llm = self.llm if self.llm.supports(request) else None
        if choice == "llm" or (choice == "auto" and not self.specialists_first):
            found: Predictor | None = llm
        elif choice == "specialist":
            found = specialist
        elif choice == "both":
            found = self._pair(request)
        else:
            found = assign(request, self.specialists, llm)
        if found is None:
            raise self._nobody(request, choice)
        return found

    def _nobody(self, request: Request, choice: Choice) -> InputError:
        if choice in ("specialist", "both"):
            return InputError(
                f"No specialist knows all of these for {request.text_lang!r} text: {', '.join(request.labels)}. "
                "Choose “auto” or the language model, or ask for other types.",
                code="no_specialist",
                labels=", ".join(request.labels),
            )
        return InputError(
            f"The model {self.engine.info.name} can't do this task at all; load a larger one with --model.",
            code="no_predictor",
            model=self.engine.info.name,
        )

    def stream(
        self,
        request: Request,
        *,
        choice: Choice = "auto",
        params: SamplingParams | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Partial | Result]:
        """Partials, then one Result. `params` act on the language model alone. Raises TaiyiError.

        Mentions come with what the text says of them (`taiyi.assertion`), whoever found them.
        """
        predictor = self.predictor(request, choice)
        if isinstance(predictor, LLMPredictor):
            stream = predictor.stream(request, cancel, params)
        else:
            stream = predictor.stream(request, cancel)
        for item in stream:
            yield _with_attributes(item) if isinstance(item, Result) and request.task == "entities" else item

    def answer(self, request: Request, *, choice: Choice = "auto", params: SamplingParams | None = None) -> Result:
        """The Result of a request, without the partials."""
        *_, last = self.stream(request, choice=choice, params=params)
        if not isinstance(last, Result):
            raise RuntimeError("A predictor ended without a result.")
        return last

    def schemes(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The annotation schemes (see Request) that the specialists have for entities of these labels."""
        known = (scheme for s in self.specialists if isinstance(s, SpecialistPredictor) for scheme in s.schemes(labels))
        return tuple(dict.fromkeys(known))

    def scores(self, task: str, lang: str) -> tuple[Score, ...]:
        """The measured figures of whatever is loaded for a task and language, specialists first."""
        cards = [card for s in self.specialists if isinstance(card := getattr(s, "card", None), Card)]
        return tuple(
            score for card in (*cards, self.card) for score in card.scores if (score.task, score.lang) == (task, lang)
        )

    def close(self) -> None:
        """Free the model."""
        self.engine.close()


def _with_attributes(result: Result) -> Result:
    others = tuple(map(_with_attributes, result.alternatives))
    return replace(result, document=asserted(result.document), alternatives=others)


def load_assistant(
    settings: Settings, *, max_rows: int | None = None, specialists_dir: Path = BUNDLED_SPECIALISTS
) -> Assistant:
    """Everything that the settings name, loaded, with the specialists of `specialists_dir`; `max_rows` as in
    `load_engine`. Raises ModelError in one sentence where that fails."""
    bundled = not settings.model
    source = str(BUNDLED_MODEL) if bundled else settings.model
    engine = load_engine(
        source, adapter=settings.adapter or None, quantize=settings.quantize or None, max_rows=max_rows
    )
    folder = Path(source)
    return Assistant(
        engine,
        load_specialists(specialists_dir),
        read_card(folder) if folder.is_dir() else Card(),
        specialists_first=bundled,
    )
