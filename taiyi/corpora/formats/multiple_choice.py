"""Multiple-choice questions as records: MedQA of the US and of mainland China, and forms derived from it.

Keys of a row: `records` (`jsonl` or `json`, a list) and `fields`: `question`, `options`, `answer` (the letter), and
where there are such `context` (sentences before the question) and `answer_text` (the right option's text, checked).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from string import ascii_uppercase
from typing import Any

from taiyi.corpora.fields import Place, iter_json_list, string_of
from taiyi.corpora.files import CorruptError, iter_json_lines, record_at
from taiyi.corpora.parts import normal_form
from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request

_OPTION = re.compile(r"\(([A-Z])\)\s*(.*?)\.?\s*(?=\n\([A-Z]\)|\Z)", re.DOTALL)


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a question; its id is its position. The text is the question, after its context.

    Raises CorruptError where options are not lettered A, B, ... or the answer is none of them.
    """
    records: Iterable[tuple[Place, Any]] = iter_json_lines(text) if row["records"] == "jsonl" else iter_json_list(text)
    lang, fields = row["lang"], row["fields"]
    for place, record in records:
        with record_at(place):
            context = record[fields["context"]] if "context" in fields else ()
            question = " ".join([*context, string_of(record, fields["question"])]).strip()
            options = _options(record[fields["options"]], place)
            letter = _letter(record, fields, options, place)
        request = Request("choose", question, lang, lang, options=tuple(options.values()))
        yield Example("", request, Document("", lang, question, labels=(Label(letter),)), row["name"])


def _options(given: Mapping[str, str] | str, place: Place) -> dict[str, str]:
    """Text by letter: given so, or as one string, `(A) ...` a line, each with a full stop put after it."""
    options = dict(_OPTION.findall(given)) if isinstance(given, str) else {key: given[key] for key in sorted(given)}
    if len(options) < 2 or "".join(options) != ascii_uppercase[: len(options)]:
        raise CorruptError(place, f"options lettered A, B, ... are due, but they are {given!r}.")
    return {letter: str(option).strip() for letter, option in options.items()}


def _letter(record: Mapping[str, Any], fields: Mapping[str, str], options: Mapping[str, str], place: Place) -> str:
    letter = string_of(record, fields["answer"]).strip(" ().")
    if letter not in options:
        raise CorruptError(place, f"the answer {letter!r} is none of the options {', '.join(options)}.")
    if "answer_text" in fields:
        told = string_of(record, fields["answer_text"])
        # Editions of a file differ in white space and full stops between an option and the answer that repeats it.
        if normal_form(told) != normal_form(options[letter]):
            raise CorruptError(place, f"the answer {letter} is {options[letter]!r}, not {told!r}.")
    return letter
