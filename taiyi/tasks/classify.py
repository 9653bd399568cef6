"""Classes of a whole text: `Result: A; B`, `上述文本被分类为：甲；乙`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from taiyi.conversation import Conversation
from taiyi.document import Document, Label, Span
from taiyi.errors import Issue
from taiyi.prompts import words
from taiyi.tasks.asking import ask, listed
from taiyi.tasks.base import Parsed, Request
from taiyi.tasks.delimiters import BETWEEN, Piece, escape, head, split, split_at, unescape
from taiyi.tasks.grounding import says_nothing
from taiyi.tasks.headings import MAX_LABEL_CHARS, folded, unparsed
from taiyi.tasks.labels_in_reply import labels_within, named_label
from taiyi.tasks.lark import literal

_EXPLAINS = re.compile(
    r"\W*(?:explanation|reason(?:ing)?|rationale|note|解释|理由|原因|说明|分析)[\s*]*[:：]", re.IGNORECASE
)
_REJECTED = re.compile(
    r"\S[\s*]*(?:[:：]|\s[-–—])[\s*]*(?:no|not? applicable|false|否|不是|不符合)[\s*.。]*$", re.IGNORECASE
)


class ClassifyTask:
    """One label, or where `Request.multi` holds as many as fit, also none."""

    id = "classify"

    def prompt(self, request: Request) -> Conversation:
        """The text, the labels, and whether one or several are wanted."""
        choice = words(self.id, request.lang)["several" if request.multi else "one"]
        labels = listed(request.labels, request.lang)
        return ask(self.id, request, text=request.text, labels=labels, choice=choice)

    def render(self, gold: Document, request: Request) -> str:
        """The result's heading and the labels, in the order asked for."""
        names = [label for label in request.labels if any(label == own.name for own in gold.labels)]
        return self._head(request, bool(names)) + BETWEEN[request.lang].join(map(escape, names))

    def parse(self, reply: str, request: Request) -> Parsed:
        """The labels of a reply, in the order asked for. Where one is wanted and several are named, the first counts
        and the others become issues."""
        found, issues = self._read(self._body(reply), request.labels)
        if not request.multi and len(found) > 1:
            first = next(iter(found))
            issues += [Issue("label", label) for label in found if label != first]
            found = {first: found[first]}
        if not found and not request.multi and not issues:
            issues.append(Issue("empty"))
        names = [label for label in request.labels if label in found]
        document = Document(
            request.document_id, request.text_lang, request.text, labels=tuple(Label(name) for name in names)
        )
        return Parsed(document, tuple(dict.fromkeys(issues)), {f"label:{name}": found[name] for name in names})

    def grammar(self, request: Request) -> str:
        """One of the labels; or any of them in the order asked for, none twice."""
        if not request.multi:
            names = " | ".join(literal(self._head(request, True) + escape(label)) for label in request.labels)
            return f"start: {names}"
        rules = [f"start: {literal(self._head(request, True))} from_0 | {literal(self._head(request, False))}"]
        for n, label in enumerate(request.labels):
            rest = f" | {literal(escape(label) + BETWEEN[request.lang])} from_{n + 1} | from_{n + 1}"
            rules.append(f"from_{n}: {literal(escape(label))}" + (rest if n + 1 < len(request.labels) else ""))
        return "\n".join(rules)

    def _head(self, request: Request, filled: bool) -> str:
        return head(words(self.id, request.lang)["result"], request.lang, filled)

    def _body(self, reply: str) -> Piece:
        """The reply without the heading of either language."""
        whole = Piece(reply, 0, len(reply)).part(0, len(reply))
        headings = "|".join(re.escape(words(self.id, lang)["result"]) for lang in BETWEEN)
        match = re.match(rf"\W*(?:{headings})[\s*]*[:：]", whole.text, re.IGNORECASE)
        return whole.part(match.end(), len(whole.text)) if match else whole

    def _read(self, body: Piece, labels: Sequence[str]) -> tuple[dict[str, Span], list[Issue]]:
        """Labels with their places in the reply, and issues. What explains an answer after it names no more labels,
        and a label that is answered by no does not hold."""
        found: dict[str, Span] = {}
        issues: list[Issue] = []
        for line in split_at(body, "\n"):
            if found and _EXPLAINS.match(line.text):
                break
            for piece in split(line, ";"):
                if _REJECTED.search(piece.text[-MAX_LABEL_CHARS:]):
                    continue
                named = _labels_of(piece, labels)
                for label, written, span in named:
                    found.setdefault(label, span)
                    if folded(written) != folded(label):
                        issues.append(Issue("label", written, label))
                if not named and not says_nothing(piece, self.id):
                    short = len(piece.text) <= MAX_LABEL_CHARS
                    issues.append(Issue("label", unescape(piece.text)) if short else unparsed(piece))
        return found, issues


def _labels_of(piece: Piece, labels: Sequence[str]) -> list[tuple[str, str, Span]]:
    """Label, spelling and place of each label that a piece names: itself, each of its parts at commas, or those that
    stand in the sentence."""
    for parts in ([piece], split(piece, ",")):
        named = [(part, named_label(part, labels)) for part in parts]
        if named and all(found for _, found in named):
            return [(*found, Span(part.start, part.end)) for part, found in named if found]
    within = labels_within(piece.text, labels)
    return [(label, label, Span(piece.start + span.start, piece.start + span.end)) for label, span in within]
