"""The documents of a loaded file and what was read of each, as strings that the browser keeps (see `outcome`).

One string holds the documents as they were loaded, their annotations with them; another, which grows, the readings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import Any

from taiyi.agreement import Comparison
from taiyi.document import Document
from taiyi.errors import DocumentError, Issue
from taiyi.formats import differences, losses, write_documents
from taiyi.formats.json import dumps
from taiyi.language import detect_language
from taiyi.predictors.base import Result
from taiyi.predictors.comparing import against_annotations, second_opinion
from taiyi.predictors.threshold import above
from taiyi.ui.outcome import EXCHANGED, MEDIA_TYPES, Outcome, download, outcome_of, row_of

# The kinds of files that hold all documents; of the others, one holds the document that is shown.
SUFFIXES = {"csv": ".csv", **EXCHANGED}
OF_ALL = ("json", "differences", *SUFFIXES)
_OF_THE_DOCUMENT = ("id", "lang", "text")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a document, and the settings of the page that it was asked with."""

    outcome: Outcome
    settings: str


@dataclass(frozen=True, slots=True)
class Collection:
    """The documents of a file in its order, and the readings by their number in it."""

    file: str
    documents: tuple[Document, ...]
    readings: Mapping[int, Reading] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The file's name without its suffixes."""
        return PurePath(self.file).name.split(".")[0] or "documents"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the readings asked for."""
        return tuple(dict.fromkeys(label for _, r in sorted(self.readings.items()) for label in r.outcome.labels))

    def left(self, settings: str) -> list[int]:
        """The numbers of the documents to read: those without a reading of these settings; where all have one, all."""
        done = {n for n, reading in self.readings.items() if reading.settings == settings}
        return [n for n in range(len(self.documents)) if n not in done] or list(range(len(self.documents)))

    def with_reading(self, n: int, outcome: Outcome, settings: str) -> Collection:
        """The collection with what was read of a document, which keeps its id."""
        named = replace(outcome, result=_named(outcome.result, self.documents[n].id))
        return replace(self, readings={**self.readings, n: Reading(named, settings)})

    def results(self, threshold: float = 0.0) -> list[tuple[Document, Result]]:
        """Each document that was read, with what scores at least so much of it."""
        return [
            (self.documents[n], above(reading.outcome.result, threshold))
            for n, reading in sorted(self.readings.items())
        ]


def _named(result: Result, document_id: str) -> Result:
    others = tuple(_named(other, document_id) for other in result.alternatives)
    return replace(result, document=replace(result.document, id=document_id), alternatives=others)


def is_annotated(document: Document) -> bool:
    """Whether a loaded document brings items along."""
    return bool(document.entities or document.relations or document.events or document.labels)


def text_per_line(text: str, name: str) -> list[Document]:
    """A document for each line that has text, named by the file and the line's number."""
    lines = enumerate(text.splitlines(), 1)
    return [Document(f"{name}:{n}", detect_language(line), line) for n, line in lines if line.strip()]


def comparisons(read: Sequence[tuple[Document, Result]], labels: Sequence[str], annotations: str) -> list[Comparison]:
    """The two answers with each other, and the file's annotations, called so, with either; as far as there are any."""
    opinion = second_opinion(result for _, result in read)
    return [*([opinion] if opinion else []), *against_annotations(read, labels, annotations)]


def pack_documents(file: str, documents: Iterable[Document]) -> str:
    """The loaded documents as JSON."""
    rows = [document.to_dict() for document in documents]
    return json.dumps({"file": file, "documents": rows}, ensure_ascii=False)


def pack_readings(readings: Mapping[int, Reading]) -> str:
    """The readings as JSON, without the texts that the documents have."""
    rows = {n: {"settings": r.settings, **_lean(row_of(r.outcome))} for n, r in readings.items()}
    return json.dumps(rows, ensure_ascii=False)


def _lean(row: Mapping[str, Any]) -> dict[str, Any]:
    lean = {key: value for key, value in row.items() if key not in (*_OF_THE_DOCUMENT, "agreement")}
    return lean | {"alternatives": [_lean(other) for other in row["alternatives"]]}


def _whole(row: Mapping[str, Any], document: Document) -> dict[str, Any]:
    others = [_whole(other, document) for other in row.get("alternatives", ())]
    return {**row, **{key: getattr(document, key) for key in _OF_THE_DOCUMENT}, "alternatives": others}


def unpack(documents: str, readings: str = "") -> Collection | None:
    """The collection of two packed strings; None where there is none. A reading changed by hand is left out."""
    try:
        row = json.loads(documents) if documents else None
        if not row:
            return None
        read = tuple(map(Document.from_dict, row["documents"]))
        kept = json.loads(readings) if readings else {}
        found = {int(n): _reading(own, read[int(n)]) for n, own in kept.items()}
        named = {n: reading for n, reading in found.items() if reading is not None}
        return Collection(str(row["file"]), read, named) if read else None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, DocumentError):
        return None


def _reading(row: Mapping[str, Any], document: Document) -> Reading | None:
    outcome = outcome_of(_whole(row, document))
    return Reading(outcome, str(row["settings"])) if outcome else None


def file_of_all(collection: Collection, kind: str, threshold: float, annotations: str) -> str:
    """The file of a kind (one of OF_ALL) with all documents that were read, as `outcome.download` gives it."""
    read = collection.results(threshold)
    documents = [result.document for _, result in read]
    write: dict[str, Callable[[], bytes]] = {
        "json": lambda: dumps([result.to_dict() for _, result in read]),
        "differences": lambda: differences.write_csv(comparisons(read, collection.labels, annotations)),
        **{name: partial(write_documents, documents, suffix) for name, suffix in SUFFIXES.items()},
    }
    suffix = {"differences": ".differences.csv", **SUFFIXES}.get(kind, f".{kind}")
    return download(f"taiyi-{collection.stem}{suffix}", MEDIA_TYPES[kind], write[kind]())


def not_carried_of_all(collection: Collection, kind: str, threshold: float) -> tuple[Issue, ...]:
    """What a file of this kind has no place for, over all documents."""
    documents = [result.document for _, result in collection.results(threshold)]
    return losses(documents, SUFFIXES[kind]) if kind in SUFFIXES else ()
