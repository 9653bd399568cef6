"""Replies of headed lines, `Label: ...`: which label each line belongs to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from taiyi.errors import Issue
from taiyi.labels import concept_of
from taiyi.tasks.delimiters import Piece, escape, lines, unescape

MAX_DETAIL = 200  # code points of an unread line that an issue shows
MAX_LABEL_CHARS = 40  # a longer stretch before a colon is a sentence, not a heading
_BULLET = re.compile(r"(?:[-*•·]\s+|\d{1,3}[.)、．]\s*|#{1,4}\s+)")
_ITEM = ("- ", "• ", "· ")  # a label behind one of these is a name in a list
_BRACKETED = re.compile(r"[【\[](?P<label>[^】\]]+)[】\]]\s*[:：]?")
_COLON = re.compile(r"\\.|(?P<mark>[:：])", re.DOTALL)
_AROUND_LABEL = " \t*_#\"'“”「」『』【】[]{}()（）"
_AFTER_LABEL = re.compile(r"\s*(?:entity|entities|实体)$", re.IGNORECASE)  # `Disease entities: ...`


@dataclass(frozen=True, slots=True)
class Block:
    """What stands behind a label on its line."""

    label: str
    body: Piece


def folded(name: str) -> str:
    """A label without differences of case, width, spaces and underscores."""
    return re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", name).casefold())


def label_of(written: str, labels: Sequence[str]) -> str | None:
    """The label asked for that `written` means: the same, or the same but for case and width, or the one label of the
    same concept (a plural, a name in the other language); else None."""
    if written in labels:
        return written
    for label in labels:
        if folded(label) == folded(written):
            return label
    concept = concept_of(written)
    same = [label for label in labels if concept and concept_of(label) == concept]
    return same[0] if len(same) == 1 else None


def behind_bullet(line: Piece) -> Piece:
    """A line without its bullet or number."""
    bullet = _BULLET.match(line.text)
    return line.part(bullet.end() if bullet else 0, len(line.text))


def unparsed(piece: Piece) -> Issue:
    """The issue for a piece of a reply that can't be read."""
    return Issue("unparsed", piece.text[:MAX_DETAIL])


def read_blocks(reply: str, labels: Sequence[str]) -> tuple[list[Block], list[Issue]]:
    """The blocks of a reply in its order, and issues for what belongs to none.

    Several blocks may stand on one line, as `Chemical: a; b Disease: c`. A heading over a list of bulleted lines holds
    them all, and needs no colon. A line that only announces the answer (it ends in a colon and names no label) is
    passed over; after a block it is a heading that was not asked for.
    """
    forms = sorted({escape(label): label for label in labels}.items(), key=lambda form: -len(form[0]))
    either = "|".join(re.escape(form) for form, _ in forms)
    exact = re.compile(rf"(?:^|(?<=[\s;；,，。.]))(?P<label>{either})[ \t]*(?::(?=\s|$|[^\x00-\x7f])|：)")
    label_by_form = dict(forms)
    blocks: list[Block] = []
    issues: list[Issue] = []
    for line in lines(reply):
        heads = list(exact.finditer(line.text))
        before = line.text[: heads[0].start()] if heads else line.text
        if not heads or (before.strip("-*•·# \t") and not _BULLET.fullmatch(before)):
            _read_loose(line, heads[0].start() if heads else len(line.text), labels, blocks, issues)
        for n, head in enumerate(heads):
            end = heads[n + 1].start() if n + 1 < len(heads) else len(line.text)
            blocks.append(Block(label_by_form[head["label"]], line.part(head.end(), end)))
    return [block for block in blocks if block.label], issues


def _read_loose(line: Piece, end: int, labels: Sequence[str], blocks: list[Block], issues: list[Issue]) -> None:
    """Read what stands before the first exact heading of a line: a heading in other spelling, a bullet, or prose."""
    part = line.part(0, end)
    bullet = _BULLET.match(part.text)
    bracketed = _BRACKETED.match(part.text)
    if bracketed and (label := label_of(bracketed["label"], labels)) is not None:
        blocks.append(Block(label, part.part(bracketed.end(), len(part.text))))
        return
    if (label := label_of(part.text.strip(_AROUND_LABEL), labels)) is not None and not part.text.startswith(_ITEM):
        blocks.append(Block(label, part.part(len(part.text), len(part.text))))
        return
    rest = behind_bullet(part)
    colon = next((match.start() for match in _COLON.finditer(rest.text) if match["mark"]), None)
    written = unescape(rest.text[:colon].strip(_AROUND_LABEL)) if colon is not None else ""
    label = label_of(written, labels) or label_of(_AFTER_LABEL.sub("", written), labels)
    if colon is not None and label is not None:
        blocks.append(Block(label, rest.part(colon + 1, len(rest.text))))
        if written != label:
            issues.append(Issue("label", written, label))
    elif colon is not None and colon == len(rest.text.rstrip("*_")) - 1:
        if blocks:  # a heading that was not asked for: what is listed under it is not of the label before
            blocks.append(Block("", rest.part(0, 0)))
            issues.append(Issue("label", written))
    elif colon is not None and not bullet and len(written) <= MAX_LABEL_CHARS:
        issues.append(Issue("label", written))
    elif bullet and blocks and blocks[-1].label:
        blocks.append(Block(blocks[-1].label, rest))
    elif part.text.strip("{}[](),;"):
        issues.append(unparsed(part))
