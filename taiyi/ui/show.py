"""Values as HTML for the page. Every piece of text that a person or a model wrote passes `escaped`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from taiyi.document import Section
from taiyi.engine.base import Finish
from taiyi.errors import Issue
from taiyi.labels import hue_of
from taiyi.language import detect_language
from taiyi.predictors.base import Partial, Result
from taiyi.ui.locale import issue_sentence, language_name, t

UNGROUNDED = ("part", "absent")  # issues that name something which is not in the text as it was written
LANGUAGE_TAGS = {"zh": "zh-Hans", "en": "en"}


def escaped(text: object) -> str:
    """Text for markup; what HTML cannot hold (NUL, lone surrogates) is shown as a replacement character."""
    whole = str(text).replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return escape(whole)


def chip(label: str) -> str:
    """A type in its colour."""
    return f'<span class="ty-chip" style="--ty-hue:{hue_of(label)}">{escaped(label)}</span>'


def alert(message: str) -> str:
    """Something that must be mended before there is an answer."""
    return f'<p class="ty-alert" role="alert">{escaped(message)}</p>'


def note(message: str) -> str:
    """Something worth knowing."""
    return f'<p class="ty-note">{escaped(message)}</p>'


def progress(partial: Partial, lang: str) -> str:
    """How far the answer is: the place in the queue, the share of the text read, or just that it is being made."""
    if partial.waiting:
        return f'<p class="ty-busy">{escaped(t("status.waiting", lang, count=partial.waiting))}</p>'
    if partial.done:
        percent = round(partial.done * 100)
        said = escaped(t("status.reading", lang, percent=percent))
        return f'<p class="ty-busy">{said}</p><progress class="ty-progress" max="100" value="{percent}"></progress>'
    return f'<p class="ty-busy">{escaped(t("status.working", lang))}</p>'


def summary(result: Result, lang: str) -> str:
    """One line: what was found, by whom, how long it took; and whether it was stopped."""
    parts = [*_counts(result, lang), t("status.by", lang, name=result.by)]
    if result.document.answer is None:
        parts.append(t("status.text_language", lang, language=language_name(result.document.lang, lang)))
    parts.append(t("status.seconds", lang, seconds=f"{result.usage.seconds:.1f}"))
    if result.finish is Finish.CANCELLED:
        parts.insert(0, t("status.stopped", lang))
    return f'<p class="ty-summary">{" · ".join(escaped(part) for part in parts)}</p>'


def _counts(result: Result, lang: str) -> list[str]:
    document = result.document
    if document.relations:
        return [t("count.relations", lang, n=len(document.relations))]
    groups = (("entities", document.entities), ("events", document.events))
    return [t(f"count.{name}", lang, n=len(items)) for name, items in groups if items]


def issues(found: Sequence[Issue], lang: str) -> str:
    """What the reader must know about a result: items that are not in the text apart from everything else."""
    ungrounded = [issue for issue in found if issue.kind in UNGROUNDED]
    others = [issue for issue in found if issue.kind not in UNGROUNDED]
    parts = []
    if ungrounded:
        items = "".join(
            f'<li><span class="ty-state ty-state-{issue.kind}">{escaped(t(f"state.{issue.kind}", lang))}</span> '
            f"{escaped(issue.label + ': ' if issue.label else '')}{escaped(issue_sentence(issue, lang))}</li>"
            for issue in ungrounded
        )
        parts.append(
            f'<aside class="ty-ungrounded"><h3>{escaped(t("result.ungrounded", lang))}</h3><ul>{items}</ul></aside>'
        )
    if others:
        items = "".join(f"<li>{escaped(issue_sentence(issue, lang))}</li>" for issue in others)
        parts.append(f'<aside class="ty-notes"><h3>{escaped(t("result.notes", lang))}</h3><ul>{items}</ul></aside>')
    return "".join(parts)


def prose(text: str) -> str:
    """Written text, its lines kept."""
    lang = LANGUAGE_TAGS[detect_language(text)]
    return f'<div class="ty-prose" lang="{lang}" dir="auto">{escaped(text)}</div>'


def reply(text: str) -> str:
    """A reply while it grows, before it is read back."""
    return f'<pre class="ty-reply">{escaped(text)}</pre>' if text else ""


def nothing(lang: str) -> str:
    """That nothing was found, which is an answer, too."""
    return f'<p class="ty-empty">{escaped(t("result.nothing", lang))}</p>'


def placeholder(key: str, lang: str) -> str:
    """What stands where a result will be."""
    return f'<p class="ty-empty">{escaped(t(key, lang))}</p>'


def sections(found: Sequence[Section], lang: str) -> str:
    """A report's sections under their headings."""
    tag = LANGUAGE_TAGS.get(lang, "en")
    return "".join(
        f'<section class="ty-section" lang="{tag}"><h3>{escaped(section.name)}</h3>'
        f'<p dir="auto">{escaped(section.text)}</p></section>'
        for section in found
    )


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, below: Sequence[str] = ()) -> str:
    """A table; the cells are HTML already. A column without any cell filled is left out. `below` holds what stands
    under each row, across all columns."""
    filled = [n for n, _ in enumerate(columns) if any(row[n] for row in rows)]
    columns, rows = [columns[n] for n in filled], [[row[n] for n in filled] for row in rows]
    head = "".join(f'<th scope="col">{escaped(column)}</th>' for column in columns)
    lines = [f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows]
    for n, more in enumerate(below):
        lines[n] = lines[n].replace("<tr>", '<tr class="ty-above">', 1)
        lines[n] += f'<tr><td colspan="{len(columns)}">{more}</td></tr>'
    body = "".join(lines)
    return (
        f'<div class="ty-scroll" tabindex="0" role="region" aria-label="{escaped(caption)}">'
        f'<table class="ty-table"><caption>{escaped(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def score_cell(score: float | None) -> str:
    """A score with a short bar; empty where there is none."""
    if score is None:
        return ""
    return (
        f'<span class="ty-score"><meter min="0" max="1" value="{score:.3f}" aria-hidden="true"></meter>'
        f"{score:.2f}</span>"
    )


def written(result: Result, lang: str) -> str:
    """A written answer and what to know about it."""
    text = result.document.answer or ""
    return (prose(text) if text else nothing(lang)) + issues(result.issues, lang)
