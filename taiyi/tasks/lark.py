"""Pieces of grammars in llguidance's Lark form (https://github.com/guidance-ai/llguidance, docs/syntax.md).

Built from the words that `delimiters` writes, so that whatever a task renders its grammar accepts.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator

from taiyi.align import is_border
from taiyi.tasks.delimiters import escape, escaped_units

EDGE = r",;:，；：、。!?！？"  # a mention neither begins nor ends with one of these, nor with white space
_FIRST = rf"[^\s\\{EDGE}]"
_SHAPE = rf"{_FIRST}|{_FIRST}([^\n]*[^\\\n])?{_FIRST}"
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


def can_stand(mention: str) -> bool:
    """Whether a grammar lets this mention stand: not empty, a letter or digit in it, no white space and no mark
    of `EDGE` at its ends."""
    written = escape(mention)
    return bool(re.fullmatch(_SHAPE, written) and re.fullmatch(_WORDLIKE, written))


def mention_terminals(text: str) -> str:
    """The terminal MENTION: any part of `text` that may be a mention, from word to word.

    Where the text breaks lines, the same parts with a space for the break are accepted too.
    """
    sources = [text] if "\n" not in text else [text, re.sub(r"\r?\n", " ", text)]
    rules = [
        f"SOURCE_{n}: %regex {_json({'substring_chunks': list(chunks(source))})}" for n, source in enumerate(sources)
    ]
    either = " | ".join(f"SOURCE_{n}" for n in range(len(sources)))
    return "\n".join(
        [f"MENTION: ({either}) & SHAPE & WORDLIKE", *rules, f"SHAPE: /{_SHAPE}/", f"WORDLIKE: /{_WORDLIKE}/"]
    )
