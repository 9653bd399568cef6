"""Pieces of grammars in llguidance's Lark form (https://github.com/guidance-ai/llguidance, docs/syntax.md).

Built from the words that `delimiters` writes, so that whatever a task renders its grammar accepts.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator

from taiyi.align import is_border
from taiyi.tasks.base import Borders
from taiyi.tasks.delimiters import ASCII, escape, escaped_units

MAX_BEFORE_MARK = 200  # code points of a mention that ends in a mark inside the text
EDGE = r",;:，；：、。!?！？"  # a mention neither begins nor ends with one of these, nor with white space
_FIRST = rf"[^\s\\{EDGE}]"
_SHAPE = rf"{_FIRST}|{_FIRST}([^\n]*[^\\\n])?{_FIRST}"
_ANY_SHAPE = r"[^\s]|[^\s][^\n]*[^\s]"
_WORDLIKE = r"([^\n]*[^\\\n])?\w[^\n]*"


def _json(value: object) -> str:
    """JSON as Lark takes it: control and format characters escaped, which its lexer refuses. Half of a surrogate pair
    has no UTF-8 and becomes U+FFFD."""
    chars = []
    for char in json.dumps(value, ensure_ascii=False):
        category = unicodedata.category(char)
        plain = category[0] != "C"
        chars.append(char if plain else "\ufffd" if category == "Cs" else json.dumps(char)[1:-1])
    return "".join(chars)


def literal(text: str) -> str:
    """A Lark string that matches exactly `text`."""
    return _json(text)


def one_of(names: Iterable[str]) -> str:
    """Lark alternatives of names, as they are written in a reply."""
    return " | ".join(literal(escape(name)) for name in names)


def chunks(text: str) -> Iterator[str]:
    """The smallest pieces of a text at which a mention may begin and end, in their escaped form: words of scripts that
    write spaces, and every other character. Joined they are `escape(text)`."""
    piece = ""
    for at, unit in enumerate(escaped_units(text)):
        if piece and is_border(text, at):
            yield piece
            piece = ""
        piece += unit
    if piece:
        yield piece


def mention_terminals(text: str, borders: Borders = "words") -> str:
    """The terminal MENTION: any part of `text` that may be a mention, from word to word, or with the borders "any"
    from character to character.

    Where the text breaks lines, the same parts with a space for the break are accepted too.
    """
    texts = [text] if "\n" not in text else [text, re.sub(r"\r?\n", " ", text)]
    pieces = chunks if borders == "words" else escaped_units
    sources = [list(pieces(source)) for source in texts]
    if borders == "any":
        sources += filter(None, map(_ending_in_a_mark, texts))
    rules = [f"SOURCE_{n}: %regex {_json({'substring_chunks': source})}" for n, source in enumerate(sources)]
    either = " | ".join(f"SOURCE_{n}" for n in range(len(sources)))
    shape = _SHAPE if borders == "words" else _ANY_SHAPE
    return "\n".join(
        [f"MENTION: ({either}) & SHAPE & WORDLIKE", *rules, f"SHAPE: /{shape}/", f"WORDLIKE: /{_WORDLIKE}/"]
    )


def _ending_in_a_mark(text: str) -> list[str]:
    """What stands before each ASCII mark that no white space follows, and the mark as `escape` writes it at the end of
    a name; a line end, which no mention holds, between two."""
    return [
        unit
        for mark in re.finditer(rf"[{ASCII}](?=\S)", text)
        for unit in (*escaped_units(text[max(0, mark.end() - MAX_BEFORE_MARK) : mark.end()]), "\n")
    ]
