"""Free replies that break off: an open bracket, quotation or block of code, a last word that wants another.

That a reply has no full stop where the others of its task have one can only be told from all of them: `Endings` counts.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from finetune.data.checks.extraction import READ_BACK
from finetune.data.checks.row import Problem, Row, shown
from taiyi.language import detect_language

_PAIRS = {"(": ")", "（": "）", "[": "]", "【": "】", "「": "」", "『": "』", "《": "》", "“": "”"}
_ENDS = re.compile(r"[.!?。！？…~～;；](?:[\"'”’」』)）\]】》*_`\s]|\[\d+\])*$")
_CONNECTIVE = re.compile(
    r"(?:[,，、]|(?<![\w-])(?:and|or|but|because|although|the|an?|of|with|from|into|which|such as|including|as well as"
    r"|by|than|their|its)|以及|因为|由于|但是|如果|虽然|并且|而且|或者|例如|包括|其中|和|与|及)\s*$",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s*```", re.MULTILINE)
_CLOSES_ITSELF = re.compile(r"(?:https?://\S+|[\w.+-]+@[\w-]+\.\w+|[)）\]】》>|}\"”’」』`*\d%℃]|[:：])\s*$")
MIN_REPLIES = 20  # of one task and language in a file, to say how they end
MOST = 0.95  # of them end a sentence: then one that does not has likely been cut
MIN_CHARS = {"en": 60, "zh": 25}  # a shorter reply may be a name or a title


def broken_off(row: Row) -> Iterator[Problem]:
    """Replies of free text that end inside a bracket, a quotation or a block of code, or after a word such as "and"."""
    for message in row.messages:
        if message.role == "assistant" and message.content.strip() and not _has_form(row):
            reply = message.content.rstrip()
            if len(_FENCE.findall(reply)) % 2:
                yield Problem("truncated", "a block of code (```) is not closed")
            elif (mark := _open_mark(reply)) is not None:
                yield Problem("truncated", f"the reply ends before {shown(mark)} is closed: {shown(reply[-30:])}")
            elif len(reply) >= MIN_CHARS[detect_language(reply)] and (last := _CONNECTIVE.search(reply)):
                yield Problem("truncated", f"the reply ends with {shown(last[0])}: {shown(reply[-30:])}")


def _has_form(row: Row) -> bool:
    return row.instruction is not None and row.instruction.task in READ_BACK


def _open_mark(reply: str) -> str | None:
    """The bracket of the last line that is not closed, where the reply does not end a sentence: a bracket forgotten in
    a whole text is no cut."""
    last = reply.rsplit("\n", 1)[-1]
    if _ENDS.search(last):
        return None
    opened: list[str] = []
    for char in last:
        if char in _PAIRS:
            opened.append(char)
        elif opened and char == _PAIRS[opened[-1]]:
            opened.pop()
    return opened[-1] if opened else None


@dataclass(slots=True)
class Endings:
    """How the replies of one file end, by task and language. Its state grows by a number for each reply without a
    sentence's end."""

    _counts: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    _unended: dict[tuple[str, str], array[int]] = field(default_factory=lambda: defaultdict(lambda: array("q")))

    def note(self, row: Row, number: int) -> None:
        """Count the last reply of line `number`, if it is free text and long enough to be a sentence."""
        reply = row.reply.rstrip()
        lang = detect_language(reply)
        if _has_form(row) or len(reply) < MIN_CHARS[lang]:
            return
        key = (row.instruction.task if row.instruction else "", lang)
        self._counts[key] += 1
        if not _ENDS.search(reply) and not _CLOSES_ITSELF.search(reply) and not _CONNECTIVE.search(reply):
            self._unended[key].append(number)

    def problems(self) -> Iterator[tuple[int, Problem]]:
        """(line, problem) of each reply that ends no sentence where nearly all others of its task do."""
        for (task, lang), lines in self._unended.items():
            count = self._counts[task, lang]
            share = 1 - len(lines) / count
            if count >= MIN_REPLIES and share >= MOST:
                others = f"{share:.0%} of the {count:,} {lang} replies{f' of {task}' if task else ''} do"
                yield from (
                    (line, Problem("truncated", f"the reply ends without a full stop; {others}")) for line in lines
                )
