"""Replies of tasks with a form of their own, read back as they would be when scored: labels and mentions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from finetune.data.checks.row import Problem, Row, shown
from taiyi.document import Document
from taiyi.errors import Issue
from taiyi.tasks import TASKS
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.coreference import chains
from taiyi.tasks.delimiters import unescape

RELATED = frozenset({"relations", "causality"})
"""Tasks whose reply is triples."""
READ_BACK = RELATED | {"entities", "events", "coreference", "classify", "choose", "similarity", "entailment"}
"""Tasks whose reply has a form; the others' is free text."""
ONE_OF = frozenset({"choose", "similarity", "entailment"})
"""Tasks whose reply is one of what was offered and nothing else."""


def read_back(row: Row) -> Iterator[Problem]:
    """What the task's own `parse` finds wrong with the last reply, and mentions that are not in the text's order."""
    instruction = row.instruction
    if instruction is None or instruction.task not in READ_BACK or not row.reply.strip():
        return
    # Corpora mark parts of words, too; here it counts that a mention is in the text at all.
    request = replace(instruction.to_request(), occurrences="all", borders="any")
    parsed = TASKS[request.task].parse(row.reply, request)
    cut = _is_cut(row.reply, parsed.document, request)
    if cut:
        yield Problem("truncated", f"the reply breaks off at {shown(row.reply[-30:])}")
    for issue in parsed.issues:
        if not (cut and issue.kind == "unparsed"):
            yield _problem(issue, request)
    yield from _disordered(row.reply, parsed, request)


def _problem(issue: Issue, request: Request) -> Problem:
    asked = f"{len(request.options)} options" if request.task == "choose" else f"the {len(request.labels)} labels"
    if issue.kind == "label" and issue.label is not None:
        return Problem("spelling", f"the reply writes {shown(issue.detail)} for the label {shown(issue.label)}")
    if issue.kind == "label" or (issue.kind in ("unparsed", "empty") and request.task in ONE_OF | {"classify"}):
        return Problem("label", f"the reply {shown(issue.detail)} is none of {asked} offered")
    mention = shown(issue.detail) + (f" ({issue.label})" if issue.label else "")
    if issue.kind == "absent":
        return Problem("absent", f"{mention} does not stand in the text")
    if issue.kind == "part":
        return Problem("absent", f"only a part of {mention} stands in the text")
    return Problem("unread", f"{shown(issue.detail)} cannot be read as a reply of the task {request.task}")


def _is_cut(reply: str, document: Document, request: Request) -> bool:
    """Whether what can be read of a reply, written again, goes on where the reply ends; or a bracket is still open."""
    written = TASKS[request.task].render(document, request)
    stripped = reply.rstrip()
    if request.task in RELATED | {"events"}:
        last = stripped.rsplit("; " if request.task in RELATED else "\n", 1)[-1]
        return last.count("(") > last.count(")") and not stripped.endswith((")", "）"))
    return len(stripped) < len(written.rstrip()) and written.startswith(stripped)


def _disordered(reply: str, parsed: Parsed, request: Request) -> Iterator[Problem]:
    """The first mention of each list that cannot stand after the one before it, wherever the two are in the text."""
    text = _squeezed(request.text)
    for names in _lists(reply, parsed, request):
        at = 0
        for name in names:
            place = text.find(_squeezed(name), at)
            if place < 0:
                yield Problem("order", f"{shown(name)} comes after a mention that stands behind it in the text")
                break
            at = place


def _lists(reply: str, parsed: Parsed, request: Request) -> Iterator[list[str]]:
    """The mentions of each type or chain, or the heads: what should be in the text's order, in that of the reply."""
    document, spans = parsed.document, parsed.reply_spans
    if request.task == "entities":
        for label in request.labels:
            places = sorted({spans[entity.id] for entity in document.entities if entity.label == label})
            yield [unescape(reply[place.start : place.end]) for place in places]
    elif request.task == "coreference":
        for chain in chains(document):
            places = sorted(spans[entity.id] for entity in chain)
            yield [unescape(reply[place.start : place.end]) for place in places]
    elif request.task in RELATED:
        relations = sorted(document.relations, key=lambda relation: spans[relation.id])
        yield [document.text_of(document.entity(relation.head).spans) for relation in relations]


def _squeezed(text: str) -> str:
    """`text` without white space, case and width, in which a mention is found however its lines are broken."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
