"""The exceptions of the package, and `Issue`, which is what a poor answer gets instead of one.

    TaiyiError                 what a person can mend: one sentence that says what, where and what to do
    ├── InputError             an option or a text that cannot be used
    ├── DocumentError          an annotation that does not fit its text
    ├── FormatError            a file that cannot be read as what it claims to be
    ├── ModelError             a model that cannot be found or loaded
    ├── EngineError            generation failed, before or after the first token
    │   ├── QueueFullError     more requests wait than the queue holds
    │   └── ServerError        a model server that is down, slow, or broke off
    └── GrammarError           a constraint that cannot be built

Each carries a `code` (a key of the locale tables), with `fields` to fill in, so that the app can say it in the
reader's language. Our own bugs are ordinary exceptions and are not caught.
"""

from __future__ import annotations

from dataclasses import dataclass


class TaiyiError(Exception):
    """Something a person can mend. `code` names a sentence of the locale tables, `fields` fill it in."""

    def __init__(self, message: str, *, code: str = "", **fields: object) -> None:
        super().__init__(message)
        self.code = code
        self.fields = fields


class InputError(TaiyiError):
    """An option or a text that cannot be used."""


class DocumentError(TaiyiError):
    """An annotation that does not fit its text."""


class FormatError(TaiyiError):
    """A file that cannot be read as what it claims to be."""


class ModelError(TaiyiError):
    """A model that cannot be found or loaded."""


class EngineError(TaiyiError):
    """Generation failed; text that arrived before stays valid."""


class QueueFullError(EngineError):
    """More requests wait than the queue holds."""


class ServerError(EngineError):
    """A model server is down, slow, or broke off."""


class GrammarError(TaiyiError):
    """A constraint that cannot be built from what was asked."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about a result that its reader must know: never an exception, never hidden.

    `kind` is a key of the locale tables (`issue.<kind>`): "part", "absent", "unparsed", "label", "cut_off",
    "history_trimmed", "repetition", "windows", ... `detail` is the piece of text concerned. `label` and the place
    (`start`, `end`, code points) are given where they are known, as for the part of a mention that was found.
    """

    kind: str
    detail: str = ""
    label: str | None = None
    start: int | None = None
    end: int | None = None

    def to_dict(self) -> dict[str, object]:
        """The fields that are set; `kind` and `detail` always."""
        row: dict[str, object] = {"kind": self.kind, "detail": self.detail}
        if self.label is not None:
            row["label"] = self.label
        if self.start is not None:
            row["start"], row["end"] = self.start, self.end
        return row
