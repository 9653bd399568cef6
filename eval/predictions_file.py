"""Predictions made elsewhere: a file of JSON lines, one object an example.

    {"id": "10000001", "items": [{"text": "aspirin", "type": "Chemical", "start": 0, "end": 7}]}    entities
    {"id": "10000001", "items": [{"head": "aspirin", "tail": "asthma", "type": "CID"}]}              relations
    {"id": "10000001", "items": ["Treatment", "Diagnosis"]}                                          classes
    {"id": 17, "items": "B"}                                                                         multiple choice
    {"id": "10000001", "reply": "Chemical: aspirin"}                                                 any

`id` is the official one (a PMID, ...), or the position from 0 where a set has none, as a string or a number. `items`
has labels as the official files or our prompts spell them, classes in any case; `start` and `end` are optional (code
points, end exclusive; an abstract follows its title after one character); a choice is a letter or an option's own text
(yes, no, maybe). `reply` is what a model wrote to the set's prompt and is read as `python -m eval run` reads it. Other
keys are passed over. Whatever cannot be taken as that is an error with its file and line: nothing is skipped, and
nothing scored as wrong that was not understood.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from eval.judging.counting import surface
from eval.prediction import GivenMention, GivenTriple, Item, Prediction, parse_reply
from eval.sets import EvalSet, label_names
from taiyi.errors import FormatError
from taiyi.tasks.base import Example

BOM = b"\xef\xbb\xbf"
MAX_NAMED = 5  # ids that an error lists
RECORD_KEYS = {"reply", "document", "gold"}  # a specialist's record has an empty reply, which must not be scored

Given = Any
"""A JSON value whose shape is not known yet."""


class ShapeError(Exception):
    """What is wrong with one line; `read_predictions` says where it stands."""


def read_predictions(
    path: Path, eval_set: EvalSet, examples: Sequence[Example], *, allow_missing: bool = False
) -> list[Prediction]:
    """The predictions of a file, in the order of `examples`.

    Raises FormatError, with file and line, for what isn't a prediction, an unknown or repeated id, and examples without
    one unless `allow_missing`: then these are `missing`.
    """
    example_by_id = {example.id: example for example in examples}
    labels = label_names(eval_set, examples[0].request.labels if examples else ())
    line_by_id: dict[str, int] = {}
    found: dict[str, Prediction] = {}
    for number, line in _lines(path):
        try:
            row = _object(line)
            id = _id(row)
            if id not in example_by_id:
                raise ShapeError(f"{eval_set.name} has no example with the id {id!r}; check the set and the split.")
            if id in line_by_id:
                raise ShapeError(f"the id {id!r} stands in line {line_by_id[id]} already; keep one of the two.")
            line_by_id[id] = number
            found[id] = _prediction(row, example_by_id[id], labels)
        except ShapeError as error:
            raise FormatError(f"{path}:{number}: {error}") from error
    absent = [id for id in example_by_id if id not in found]
    if absent and not allow_missing:
        raise FormatError(
            f"{path}: {len(absent)} of the {len(examples)} examples of {eval_set.name} have no prediction "
            f"({_first(absent)}); add them, or let --allow-missing score them as empty."
        )
    return [found.get(example.id) or Prediction(example.id, missing=True) for example in examples]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number, from 1, and text of each line that isn't blank."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path}: the predictions cannot be read ({error.strerror}).") from error
    if content.startswith(BOM):
        raise FormatError(f"{path}:1: the file begins with a byte order mark; save it as UTF-8 without one.")
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(
                f"{path}:{number}: byte {error.start + 1} of the line is not UTF-8; save the file in that encoding."
            ) from error
        if text.strip():
            yield number, text


def _object(line: str) -> Mapping[str, Given]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ShapeError(f"this is no JSON ({error}); each line holds one object.") from error
    if not isinstance(row, dict):
        raise ShapeError(f"each line holds one object with id and reply or items, not {_kind(row)}.")
    return row


def _id(row: Mapping[str, Given]) -> str:
    id = row.get("id")
    if isinstance(id, bool) or not isinstance(id, str | int):
        raise ShapeError("the object has no id; give the official one as a string or a number.")
    return str(id)


def _prediction(row: Mapping[str, Given], example: Example, labels: Mapping[str, str]) -> Prediction:
    if row.keys() >= RECORD_KEYS:
        raise ShapeError("this is a record of `python -m eval run`, which has scored it: see scores.json beside it.")
    given = [key for key in ("reply", "items") if key in row]
    if len(given) != 1:
        raise ShapeError(f"give either reply or items, not {'both' if given else 'neither'}.")
    if given == ["items"]:
        return Prediction(example.id, items=_items(row["items"], example, labels))
    if not isinstance(row["reply"], str):
        raise ShapeError(f"reply is the text that a model wrote, not {_kind(row['reply'])}.")
    return parse_reply(example, row["reply"], labels)


def _items(given: Given, example: Example, labels: Mapping[str, str]) -> tuple[Item, ...]:
    task = example.request.task
    if task not in _READERS:
        raise ShapeError(f"a set of the task {task} is scored on reply alone: give the text that was written.")
    takes_one = task == "choose" or (task == "classify" and not example.request.multi)
    if takes_one and isinstance(given, str):
        given = [given]
    if not isinstance(given, list):
        raise ShapeError(f"items is a list{' or one string' if takes_one else ''}, not {_kind(given)}.")
    if takes_one and len(given) > 1:
        raise ShapeError(f"items has {len(given)} answers where one is due.")
    return tuple(_READERS[task](item, example, labels) for item in given)


def _mention(item: Given, example: Example, labels: Mapping[str, str]) -> GivenMention:
    text, type_ = _strings(item, "text", "type")
    start, end = item.get("start"), item.get("end")
    if start is None and end is None:
        return GivenMention(_label(type_, labels), text)
    if type(start) is not int or type(end) is not int:
        raise ShapeError(f"start and end of {text!r} are two whole numbers (code points, end exclusive), or left out.")
    stands = example.gold.text[start:end] if 0 <= start < end <= len(example.gold.text) else ""
    if surface(stands) != surface(text):
        raise ShapeError(f"at {start}-{end} stands {stands!r}, not {text!r}; mend start and end or leave them out.")
    return GivenMention(_label(type_, labels), text, start, end)


def _triple(item: Given, example: Example, labels: Mapping[str, str]) -> GivenTriple:
    head, tail, type_ = _strings(item, "head", "tail", "type")
    return GivenTriple(_label(type_, labels), head, tail)


def _class(item: Given, example: Example, labels: Mapping[str, str]) -> str:
    return _label(_string(item), {theirs.casefold(): ours for theirs, ours in labels.items()}, str.casefold)


def _letter(item: Given, example: Example, labels: Mapping[str, str]) -> str:
    written = _string(item)
    options = example.request.options
    letters = ascii_uppercase[: len(options)]
    if written.upper() in tuple(letters):
        return written.upper()
    same = [letter for letter, option in zip(letters, options, strict=True) if option.casefold() == written.casefold()]
    if len(same) != 1:
        raise ShapeError(f"{written!r} is none of the options; known are {', '.join(letters)}, or an option's text.")
    return same[0]


_READERS: Mapping[str, Callable[[Given, Example, Mapping[str, str]], Item]] = {
    "entities": _mention,
    "relations": _triple,
    "classify": _class,
    "choose": _letter,
}


def _strings(item: Given, *keys: str) -> tuple[str, ...]:
    """The values of an item's keys. Raises ShapeError where one is missing, blank, or no string."""
    shape = "{" + ", ".join(f'"{key}"' for key in keys) + "}"
    if not isinstance(item, dict):
        raise ShapeError(f"an item is an object {shape}, not {_kind(item)}.")
    for key in keys:
        if not isinstance(item.get(key), str) or not item[key].strip():
            raise ShapeError(f"an item is an object {shape} of strings; this one has {_kind(item.get(key))} for {key}.")
    return tuple(item[key] for key in keys)


def _string(item: Given) -> str:
    if not isinstance(item, str):
        raise ShapeError(f"an item is a string, not {_kind(item)}.")
    return item.strip()


def _label(written: str, labels: Mapping[str, str], fold: Callable[[str], str] = str) -> str:
    if fold(written) not in labels:
        raise ShapeError(f"the set has no label {written!r}; known are {', '.join(labels)}.")
    return labels[fold(written)]


def _kind(value: Given) -> str:
    """A JSON value in a few words."""
    names = {str: "a string", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    if isinstance(value, str) and not value.strip():
        return "an empty string"
    return "nothing" if value is None else names.get(type(value), "an object")


def _first(ids: Sequence[str]) -> str:
    return ", ".join(ids[:MAX_NAMED]) + (", ..." if len(ids) > MAX_NAMED else "")
