"""Tokens with tags, a line each, `token TAB … TAB tag`, a blank line between sentences: IOB, and IOBES as its reader
needs no more.

This form has lost its documents and their ids, so that a sentence is a document, with the position as its id; and it
has lost the white space of the text, so that the tokens stand with one blank between. Scores by surface on it are not
those on the original text: "anti - inflammatory" is here what is "anti-inflammatory" there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taiyi.corpora.annotations import Mention, annotated
from taiyi.corpora.files import CorruptError
from taiyi.document import Span
from taiyi.tasks.base import Example

Token = tuple[int, str, str]
"""Number of the line, token, tag."""


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a sentence. Keys of a row: those of `taiyi.corpora.annotations`. Raises CorruptError."""
    for sentence in _sentences(text):
        body = " ".join(token for _, token, _ in sentence)
        yield annotated("", body, _mentions(sentence, body), (), row)


def _sentences(text: str) -> Iterator[list[Token]]:
    sentence: list[Token] = []
    for number, line in enumerate(text.split("\n"), start=1):
        cells = line.rstrip("\r").split("\t")
        if not line.strip():
            if sentence:
                yield sentence
            sentence = []
        elif cells[0] == "-DOCSTART-":
            continue
        elif len(cells) < 2 or not cells[0] or not _is_tag(cells[-1]):
            raise CorruptError(number, f"token TAB tag is due (B-Disease, I-Disease, O, …), here is {line!r}.")
        else:
            sentence.append((number, cells[0], cells[-1]))
    if sentence:
        yield sentence


def _is_tag(tag: str) -> bool:
    return tag == "O" or (tag[:2] in ("B-", "I-", "E-", "S-") and len(tag) > 2)


def _mentions(sentence: Sequence[Token], body: str) -> list[Mention]:
    """A mention begins with B or S, or where a tag goes on with a type that none before it has; it ends before the
    next that begins, or before O."""
    found: list[Mention] = []
    start, open_label = 0, ""
    for number, token, tag in sentence:
        end = start + len(token)
        label = tag[2:]
        if label and tag[0] in "IE" and label == open_label:
            begin = found.pop().spans[0].start
            found.append(Mention(number, label, body[begin:end], (Span(begin, end),)))
        elif label:
            found.append(Mention(number, label, token, (Span(start, end),)))
        open_label, start = label, end + 1
    return found
