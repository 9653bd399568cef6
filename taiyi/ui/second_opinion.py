"""Two answers side by side: how far they agree, type by type, and every difference."""

from __future__ import annotations

from taiyi.agreement import KINDS, Agreement, Item, Kind, Row
from taiyi.ui.locale import t
from taiyi.ui.show import chip, escaped, note, table


def second_opinion(found: Agreement, names: tuple[str, str], lang: str) -> str:
    """The figures, the types and the differences; `names` are who gave the two answers."""
    f1 = _figure(found.f1)
    counts = [t(f"agreement.{kind}", lang, n=n, **_named(names)) for kind, n in found.n_by_kind.items() if n]
    said = " · ".join([t("agreement.f1", lang, f1=f1), *counts]) if found.rows else t("agreement.nothing", lang)
    parts = [
        f'<section class="ty-opinion"><h3>{escaped(t("agreement.title", lang, **_named(names)))}</h3>',
        f"<p>{escaped(said)}</p>",
    ]
    if found.by_label:
        parts += [_label_table(found, lang), note(t("agreement.kappa", lang))]
    if found.differences:
        parts.append(_difference_table(found.differences, names, lang))
    elif found.rows:
        parts.append(note(t("agreement.no_difference", lang)))
    return "".join([*parts, "</section>"])


def _named(names: tuple[str, str]) -> dict[str, str]:
    return dict(zip(("first", "second"), names, strict=True))


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _label_table(found: Agreement, lang: str) -> str:
    rows = [
        (chip(label), str(a.n_first), str(a.n_second), str(a.n_same), _figure(a.f1), _figure(a.kappa))
        for label, a in found.by_label.items()
    ]
    columns = [t(f"column.{name}", lang) for name in ("type", "first", "second", "same", "f1", "kappa")]
    return table(t("table.agreement", lang), columns, rows)


def _difference_table(differences: tuple[Row, ...], names: tuple[str, str], lang: str) -> str:
    shown: dict[Kind, str] = {kind: escaped(t(f"difference.{kind}", lang)) for kind in KINDS if kind != "same"}
    rows = [
        (f'<span class="ty-kind ty-kind-{row.kind}">{shown[row.kind]}</span>', _item(row.first), _item(row.second))
        for row in differences
    ]
    return table(t("table.differences", lang), [t("column.difference", lang), *names], rows)


def _item(item: Item | None) -> str:
    if item is None:
        return ""
    place = "" if item.start is None else f' <span class="ty-place">{item.start}–{item.end}</span>'
    return f"<bdi>{escaped(item.text)}</bdi> {chip(item.label)}{place}"
