"""All documents of a file at a glance: how far they are read, what was found in each, and how the readings agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from taiyi.agreement import Comparison
from taiyi.document import Document
from taiyi.predictors.base import Result
from taiyi.ui.collection import Collection, comparisons
from taiyi.ui.locale import sentence, t
from taiyi.ui.reading import Step
from taiyi.ui.second_opinion import opinion
from taiyi.ui.show import alert, escaped, note, table

MAX_ROWS = 200  # of a table on the page; the files have all


def compared_in(found: Collection, read: Sequence[tuple[Document, Result]], lang: str) -> list[Comparison]:
    """The answers to some documents of a file compared, with each other and with what the file has."""
    return comparisons(read, found.labels, t("collection.annotations", lang))


def beside(found: Collection, own: Sequence[tuple[Document, Result]], lang: str) -> str:
    """The annotations of one document against what was read of it. Two answers stand with the result already."""
    annotations = t("collection.annotations", lang)
    return "".join(opinion(c, lang) for c in compared_in(found, own, lang) if c.first == annotations)


def overview(
    found: Collection, read: Sequence[tuple[Document, Result]], compared: Sequence[Comparison], lang: str
) -> str:
    """Of the documents that were read (with what is left above the threshold) the counts, the comparisons, and a row
    each."""
    items = sum(n_items(result.document) for _, result in read)
    said = t("collection.read", lang, n=len(read), total=len(found.documents), items=f"{items:,}")
    parts = [f'<p class="ty-summary">{escaped(said)}</p>']
    parts += [opinion(comparison, lang, of_many=True, max_rows=MAX_ROWS) for comparison in compared]
    parts.append(_document_table(read, compared, lang))
    return "".join(parts)


def n_items(document: Document) -> int:
    """How much was found in a document: relations or events where these were asked for, mentions, or classes."""
    return len(document.relations or document.events or document.entities or document.labels)


def _document_table(read: Sequence[tuple[Document, Result]], compared: Sequence[Comparison], lang: str) -> str:
    differing = Counter(row.document_id for comparison in compared for row in comparison.agreement.differences)
    rows = [
        (
            f"<bdi>{escaped(loaded.id)}</bdi>",
            str(n_items(result.document)),
            str(n_items(loaded) or ""),
            str(differing[loaded.id]) if compared else "",
        )
        for loaded, result in read[:MAX_ROWS]
    ]
    columns = [t(f"column.{name}", lang) for name in ("document", "found", "in_file", "differences")]
    more = note(t("collection.more", lang, n=len(read) - MAX_ROWS)) if len(read) > MAX_ROWS else ""
    return table(t("table.documents", lang), columns, rows) + more


def progress_of(step: Step, lang: str) -> str:
    """How far the reading is, and what failed so far."""
    said = t("collection.reading", lang, n=step.n_done, total=step.n_left)
    if step.partial.waiting:
        said += " " + t("status.waiting", lang, count=step.partial.waiting)
    percent = round(100 * step.share)
    bar = f'<progress class="ty-progress" max="100" value="{percent}"></progress>'
    return f'<p class="ty-busy">{escaped(said)}</p>{bar}{failures(step, lang)}'


def ended(step: Step, lang: str) -> str:
    """How the reading ended."""
    n_read = step.n_done - len(step.failures)
    key = "collection.finished" if step.n_done == step.n_left else "collection.stopped"
    said = f'<p class="ty-summary">{escaped(t(key, lang, n=n_read, total=step.n_left))}</p>'
    reason = alert(sentence(step.stopped_by, lang)) if step.stopped_by else ""
    return reason + said + failures(step, lang)


def failures(step: Step, lang: str) -> str:
    """The documents that could not be read, those with one reason together."""
    ids_by_reason: dict[str, list[str]] = {}
    for failure in step.failures:
        ids_by_reason.setdefault(sentence(failure.error, lang), []).append(failure.document_id)
    return "".join(
        alert(t("collection.failed", lang, n=len(ids), ids=_listed(ids), reason=reason))
        for reason, ids in ids_by_reason.items()
    )


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
