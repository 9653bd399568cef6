"""Medical reports from a dialogue: six headed sections, `主诉：...`, `Chief complaint: ...`, a line each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from taiyi.conversation import Conversation
from taiyi.document import Document, Section
from taiyi.errors import Issue
from taiyi.prompts import words
from taiyi.tasks.asking import ask
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.delimiters import COLON, Piece
from taiyi.tasks.headings import unparsed
from taiyi.tasks.lark import literal

MAX_SECTION_CHARS = 1000
_BETWEEN_SECTIONS = {"en": ", ", "zh": "、"}


def section_names(lang: str) -> Sequence[str]:
    """The names of the six sections, in their order."""
    names: Sequence[str] = words("report", lang)["sections"]
    return names


class ReportTask:
    """Sections of a report. The document's answer is the report as written."""

    id = "report"

    def prompt(self, request: Request) -> Conversation:
        """The dialogue and the sections wanted."""
        sections = _BETWEEN_SECTIONS[request.lang].join(section_names(request.lang))
        return ask(self.id, request, text=request.text, sections=sections)

    def render(self, gold: Document, request: Request) -> str:
        """A line a section; one that is missing has nothing behind its heading."""
        text_by_name = {section.name: " ".join(section.text.split()) for section in gold.sections}
        return "\n".join(_line(name, text_by_name.get(name, ""), request.lang) for name in section_names(request.lang))

    def parse(self, reply: str, request: Request) -> Parsed:
        """The sections of a reply under the headings of the prompt's language, in their fixed order.

        Where headings begin lines, only those count; else those within a line do too (a report in one paragraph).
        A section that is missing or empty is an issue, and so is text before the first heading unless it ends
        in a colon.
        """
        names = section_names(request.lang)
        heads = list(_heading(request.lang, True).finditer(reply))
        if len({_name(head) for head in heads}) < 2:
            heads = list(_heading(request.lang, False).finditer(reply))
        issues: list[Issue] = []
        before = Piece(reply, 0, len(reply)).part(0, heads[0].start() if heads else len(reply))
        if before.text and not before.text.endswith((":", "：")):
            issues.append(unparsed(before))
        text_by_name: dict[str, str] = {}
        for head, following in pairwise([*heads, None]):
            assert head is not None
            body = reply[head.end() : following.start() if following else len(reply)].strip(" \t\r\n*#")
            name = next(name for name in names if name.casefold() == _name(head))
            text_by_name[name] = "\n".join(filter(None, [text_by_name.get(name, ""), body]))
        issues += [Issue("missing_section", name) for name in names if not text_by_name.get(name)]
        sections = tuple(Section(name, text_by_name[name]) for name in names if text_by_name.get(name))
        document = Document(
            request.document_id, request.text_lang, request.text, answer=reply.strip(), sections=sections
        )
        return Parsed(document, tuple(issues))

    def grammar(self, request: Request) -> str:
        """The six headings in order, each with at most MAX_SECTION_CHARS characters on its line."""
        text = '(" " TEXT)?' if request.lang == "en" else "TEXT?"
        lines = (f"{literal(name + COLON[request.lang])} {text}" for name in section_names(request.lang))
        return "start: " + ' "\\n" '.join(lines) + f"\nTEXT: /[^\\s][^\\n]{{0,{MAX_SECTION_CHARS - 1}}}/"


def _line(name: str, text: str, lang: str) -> str:
    space = " " if text and lang == "en" else ""
    return name + COLON[lang] + space + text[:MAX_SECTION_CHARS].rstrip()


@cache
def _heading(lang: str, at_line_start: bool) -> re.Pattern[str]:
    names = "|".join(map(re.escape, section_names(lang)))
    before = (
        r"^[ \t]*(?:[#*\-•【\[]+[ \t]*|\d+[.、][ \t]*)*" if at_line_start else r"(?:^|(?<=[\s。；;.!？?，,]))[*【\[]*"
    )
    return re.compile(
        rf"{before}(?P<name>{names})[】\]]?[ \t]*(?:\*\*)?[ \t]*[:：][ \t]*", re.IGNORECASE | re.MULTILINE
    )


def _name(head: re.Match[str]) -> str:
    return head["name"].casefold()
