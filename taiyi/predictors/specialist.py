"""Specialists as predictors: small models for fixed labels, which mark the text itself and so can't invent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from taiyi.card import CARD_FILE, Card, read_card
from taiyi.document import Document, Entity, Label, Relation, Span
from taiyi.engine.base import Finish
from taiyi.errors import InputError, Issue, ModelError
from taiyi.labels import concept_of
from taiyi.predictors.base import Partial, Result, Usage
from taiyi.segment import Window, merge, windows
from taiyi.tasks.base import Request

# Who reads a folder's weights, by the card's `kind`. A reader has `load(folder, card)`; what that returns has
# `entities(text, labels) -> [(start, end, label, score)]` (with a third argument `scheme` where its card has `heads`),
# `relations(text, labels) -> [Found]` (of pair_relations), `labels(text) -> [(label, score, holds)]` or
# `compare(text, other, labels) -> [(label, score)]` with `max_chars`, by its task.
KINDS = {
    "token_tagger": "taiyi.predictors.readers.token_tagger",
    "token_classes": "taiyi.predictors.readers.token_classes",
    "nested_spans": "taiyi.predictors.readers.nested_spans",
    "class_ngrams": "taiyi.predictors.readers.class_ngrams",
    "char_classes": "taiyi.predictors.readers.char_classes",
    "char_pairs": "taiyi.predictors.readers.char_pairs",
    "word_pairs": "taiyi.predictors.readers.word_pairs",
    "pair_relations": "taiyi.predictors.readers.pair_relations",
    "typed_relations": "taiyi.predictors.readers.typed_relations",
    "char_relations": "taiyi.predictors.readers.char_relations",
}
WINDOW_CHARS = 4_000
OVERLAP_CHARS = 200


class SpecialistPredictor:
    """One folder of weights. They are loaded at the first request, once, whoever asks first."""

    def __init__(self, folder: Path, card: Card) -> None:
        self.folder = folder
        self.card = card
        self._reader: Any = None
        self._loading = threading.Lock()

    @property
    def name(self) -> str:
        return self.card.name("en", self.folder.name)

    def supports(self, request: Request) -> bool:
        """Whether the task, the text's language and every label asked for are its own."""
        if (request.task, request.text_lang) != (self.card.task, self.card.lang) or not request.labels:
            return False
        return all(self._own(label) is not None for label in request.labels)

    def _own(self, label: str) -> str | None:
        """The model's label for one that was asked for: the same concept, or a class by any of its shown names."""
        if self.card.task == "entities":
            concept = concept_of(label)
            found = (own for own, meant in self.card.labels.items() if concept and meant == concept.id)
        else:
            found = (own for own, names in self.card.labels.items() if label in (own, *names.values()))
        return next(found, None)

    def schemes(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The annotation schemes (see Request) that have all those of `labels` that are its own; empty where it learnt
        from one corpus."""
        own = {name for label in labels if (name := self._own(label)) is not None}
        heads = self.card.settings.get("heads", ()) if own else ()
        return tuple(head["name"] for head in heads if own <= set(head["labels"]))

    def _check_scheme(self, request: Request) -> None:
        known = self.schemes(request.labels)
        if request.scheme and request.scheme not in known and self.card.settings.get("heads"):
            said = ", ".join(known) or "none"
            raise InputError(
                f"{self.name} can't mark {', '.join(request.labels)} as {request.scheme!r}; it has for these: {said}.",
                code="unknown_scheme",
                scheme=request.scheme,
                labels=", ".join(request.labels),
                known=said,
            )

    def stream(self, request: Request, cancel: threading.Event | None = None) -> Iterator[Partial | Result]:
        """Partials with the share of the text that was read, then the Result. A class that was not asked for is not
        returned. Raises ModelError where the weights can't be read, and InputError (unknown_scheme)."""
        self._check_scheme(request)
        started = time.monotonic()
        cancel = cancel or threading.Event()
        yield Partial()
        reader = self.load()
        at_once = {"classify": self._classified, "similarity": self._compared}.get(self.card.task)
        if at_once is not None:
            yield at_once(request, reader, started)
            return
        parts = windows(request.text, request.text_lang, WINDOW_CHARS, OVERLAP_CHARS)
        documents: list[tuple[Window, Document]] = []
        for n, part in enumerate(parts, 1):
            if cancel.is_set():
                break
            documents.append((part, self._document(replace(request, text=part.text), reader)))
            yield Partial(done=n / len(parts))
        document = documents[0][1] if len(parts) == 1 and documents else merge(documents, request.text)
        yield Result(
            replace(document, id=request.document_id, lang=request.text_lang, text=request.text),
            issues=(Issue("windows", str(len(parts))),) if len(parts) > 1 else (),
            by=self.name,
            usage=Usage(seconds=time.monotonic() - started, windows=len(documents)),
            finish=Finish.CANCELLED if len(documents) < len(parts) else None,
        )

    def load(self) -> Any:
        """The reader, loaded at the first call. Raises ModelError where the weights can't be read."""
        with self._loading:
            if self._reader is None:
                module = KINDS.get(self.card.kind)
                if module is None:
                    raise ModelError(
                        f"{self.folder / CARD_FILE}: the kind {self.card.kind!r} is not known; "
                        f"known are {', '.join(KINDS)}.",
                        code="unknown_kind",
                        kind=self.card.kind,
                    )
                try:
                    self._reader = import_module(module).load(self.folder, self.card)
                except (OSError, ValueError, KeyError, RuntimeError) as error:
                    raise ModelError(
                        f"The specialist in {self.folder} could not be loaded: {error}",
                        code="specialist_not_loaded",
                        folder=self.folder.name,
                        reason=str(error),
                    ) from error
        return self._reader

    def _document(self, request: Request, reader: Any) -> Document:
        asked = {own: label for label in request.labels if (own := self._own(label)) is not None}
        if self.card.task == "relations":
            return _related(request, asked, reader.relations(request.text, tuple(asked)))
        scheme = (request.scheme,) if self.card.settings.get("heads") else ()
        found = reader.entities(request.text, tuple(asked), *scheme)
        rows = sorted((start, end, asked[own], score) for start, end, own, score in found if own in asked)
        if request.occurrences == "first":
            rows = _first_of_each(rows, request.text)
        entities = tuple(
            Entity(f"T{n}", label, (Span(start, end),), score) for n, (start, end, label, score) in enumerate(rows, 1)
        )
        return Document(request.document_id, request.text_lang, request.text, entities)

    def _classified(self, request: Request, reader: Any, started: float) -> Result:
        asked = {own: label for label in request.labels if (own := self._own(label)) is not None}
        rows = [(asked[own], score, held) for own, score, held in reader.labels(request.text) if own in asked]
        kept = [Label(name, score) for name, score, held in rows if held] if request.multi else []
        if not request.multi:
            kept = [Label(name, score) for name, score, _ in rows[:1]]
        document = Document(request.document_id, request.text_lang, request.text, labels=tuple(kept))
        return Result(document, by=self.name, usage=Usage(seconds=time.monotonic() - started))

    def _compared(self, request: Request, reader: Any, started: float) -> Result:
        asked = {own: label for label in request.labels if (own := self._own(label)) is not None}
        best, score = reader.compare(request.text, request.text_b, tuple(asked))[0]
        document = Document(request.document_id, request.text_lang, request.text, labels=(Label(asked[best], score),))
        cut = max(len(request.text), len(request.text_b)) > reader.max_chars
        issues = (Issue("cut_input", str(reader.max_chars)),) if cut else ()
        return Result(document, issues=issues, by=self.name, usage=Usage(seconds=time.monotonic() - started))


def _related(request: Request, asked: Mapping[str, str], found: Sequence[Any]) -> Document:
    """The document of what a reader of relations found, its labels as they were asked for."""
    spans = sorted({span for relation in found for span in (relation.head, relation.tail)})
    id_by_span = {span: f"T{n}" for n, span in enumerate(spans, 1)}
    relations = tuple(
        Relation(f"R{n}", asked[r.label], id_by_span[r.head], id_by_span[r.tail], r.score)
        for n, r in enumerate(sorted(found, key=lambda r: (r.head, r.tail, r.label)), 1)
    )
    entities = tuple(Entity(id_by_span[span], "", (span,)) for span in spans)
    return Document(request.document_id, request.text_lang, request.text, entities, relations)


def _first_of_each(rows: list[tuple[int, int, str, float]], text: str) -> list[tuple[int, int, str, float]]:
    kept: dict[tuple[str, str], tuple[int, int, str, float]] = {}
    for row in rows:
        kept.setdefault((text[row[0] : row[1]], row[2]), row)
    return list(kept.values())


def load_specialists(folder: Path) -> list[SpecialistPredictor]:
    """A predictor for each subfolder with a card, in the order of their names; the weights wait for the first use."""
    return [SpecialistPredictor(path.parent, read_card(path.parent)) for path in sorted(folder.glob(f"*/{CARD_FILE}"))]
