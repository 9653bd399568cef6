"""Two readings side by side: how far they agree, type by type, and every difference."""

from __future__ import annotations

from taiyi.agreement import KINDS, Agreement, Comparison, Item, Kind
from taiyi.ui.locale import t
from taiyi.ui.show import chip, escaped, note, table


def opinion(compared: Comparison, lang: str, *, of_many: bool = False, max_rows: int | None = None) -> str:
    """The figures, the types and the differences; `of_many` documents with the document of each difference, at most
    `max_rows` of them."""
    found = compared.agreement
    names = {"first": compared.first, "second": compared.second}
    f1 = _figure(found.f1)
    counts = [t(f"agreement.{kind}", lang, n=n, **names) for kind, n in found.n_by_kind.items() if n]
    said = " · ".join([t("agreement.f1", lang, f1=f1), *counts]) if found.rows else t("agreement.nothing", lang)
    parts = [
        f'<section class="ty-opinion"><h3>{escaped(t("agreement.title", lang, **names))}</h3>',
        f"<p>{escaped(said)}</p>",
    ]
    if found.by_label:
        parts += [_label_table(found, lang), note(t("agreement.kappa", lang))]
    if found.differences:
        parts.append(_difference_table(compared, lang, of_many, max_rows))
    elif found.rows:
        parts.append(note(t("agreement.no_difference", lang)))
    return "".join([*parts, "</section>"])


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _label_table(found: Agreement, lang: str) -> str:
    rows = [
        (chip(label), str(a.n_first), str(a.n_second), str(a.n_same), _figure(a.f1), _figure(a.kappa))
        for label, a in found.by_label.items()
    ]
    columns = [t(f"column.{name}", lang) for name in ("type", "first", "second", "same", "f1", "kappa")]
    return table(t("table.agreement", lang), columns, rows)


def _difference_table(compared: Comparison, lang: str, of_many: bool, max_rows: int | None) -> str:
    kinds: dict[Kind, str] = {kind: escaped(t(f"difference.{kind}", lang)) for kind in KINDS if kind != "same"}
    differences = compared.agreement.differences
    shown = differences[:max_rows]
    rows = [
        (
            f"<bdi>{escaped(row.document_id)}</bdi>" if of_many else "",
            f'<span class="ty-kind ty-kind-{row.kind}">{kinds[row.kind]}</span>',
            _item(row.first),
            _item(row.second),
        )
        for row in shown
    ]
    columns = [t(f"column.{name}", lang) for name in ("document", "difference", "first", "second")]
    n_more = len(differences) - len(shown)
    more = note(t("agreement.more", lang, n=n_more)) if n_more else ""
    return table(t("table.differences", lang), columns, rows) + more


def _item(item: Item | None) -> str:
    if item is None:
        return ""
    place = "" if item.start is None else f' <span class="ty-place">{item.start}–{item.end}</span>'
    return f"<bdi>{escaped(item.text)}</bdi> {chip(item.label)}{place}"
