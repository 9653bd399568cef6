"""Two readings of the same texts: where they agree, how well, and every difference.

Either may be a model's or an annotator's. Mentions agree that have the same place and type; of the others, those at one
place under two types and those of one type that overlap are told as such pairs, one to one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from taiyi.document import Document, Entity, Span
from taiyi.errors import DocumentError

Kind = Literal["same", "type", "border", "first", "second"]
KINDS: tuple[Kind, ...] = ("same", "type", "border", "first", "second")


@dataclass(frozen=True, slots=True)
class Item:
    """A mention, or a class of the whole text, which has no place."""

    label: str
    text: str = ""
    start: int | None = None
    end: int | None = None

    def to_dict(self) -> dict[str, object]:
        """The JSON object of an item."""
        row: dict[str, object] = {"type": self.label}
        return row | ({} if self.start is None else {"text": self.text, "start": self.start, "end": self.end})


@dataclass(frozen=True, slots=True)
class Row:
    """One item that one or both name: "same", only the "first" or the "second", or a pair that differs in its "border"
    or its "type"."""

    kind: Kind
    first: Item | None
    second: Item | None
    document_id: str = ""

    @property
    def item(self) -> Item:
        """The first's item, or the second's where the first has none."""
        found = self.first or self.second
        assert found is not None
        return found

    def to_dict(self) -> dict[str, object]:
        """The JSON object of a row; who names nothing is left out."""
        sides = {"first": self.first, "second": self.second}
        named = {side: item.to_dict() for side, item in sides.items() if item is not None}
        return {"document": self.document_id, "kind": self.kind, **named}


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """How often each reading names a label, and on how many units it puts it: characters other than white space for
    mentions, texts for classes."""

    n_first: int
    n_second: int
    n_same: int
    units: int
    units_first: int
    units_second: int
    units_both: int

    @property
    def f1(self) -> float | None:
        """F1 of the one against the other; None where neither names anything."""
        return _f1(self.n_same, self.n_first, self.n_second)

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa over the units (Cohen 1960, doi:10.1177/001316446002000104), in [-1, 1]; None where chance
        alone would agree fully: both put the label on every unit, or on none."""
        if not self.units:
            return None
        first, second = self.units_first / self.units, self.units_second / self.units
        observed = 1 - (self.units_first + self.units_second - 2 * self.units_both) / self.units
        chance = first * second + (1 - first) * (1 - second)
        return (observed - chance) / (1 - chance) if chance < 1 else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """All rows in the order of the texts, and the figures of each label."""

    rows: tuple[Row, ...]
    by_label: Mapping[str, LabelAgreement]

    @property
    def f1(self) -> float | None:
        """F1 of the one reading against the other over all labels; None where neither names anything."""
        figures = self.by_label.values()
        return _f1(*(sum(getattr(a, name) for a in figures) for name in ("n_same", "n_first", "n_second")))

    @property
    def n_by_kind(self) -> dict[Kind, int]:
        """How many rows there are of each kind."""
        counted = Counter(row.kind for row in self.rows)
        return {kind: counted[kind] for kind in KINDS}

    @property
    def differences(self) -> tuple[Row, ...]:
        """The rows that are no agreement."""
        return tuple(row for row in self.rows if row.kind != "same")

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: the figures and the differences."""
        labels = [
            {"type": label, "first": a.n_first, "second": a.n_second, "same": a.n_same}
            | {"f1": _rounded(a.f1), "kappa": _rounded(a.kappa)}
            for label, a in self.by_label.items()
        ]
        rows = [row.to_dict() for row in self.differences]
        return {"f1": _rounded(self.f1), "counts": self.n_by_kind, "labels": labels, "differences": rows}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who gave the first and the second reading, and how they agree over all documents."""

    first: str
    second: str
    agreement: Agreement

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: the names, then what `Agreement.to_dict` says."""
        return {"first": self.first, "second": self.second, **self.agreement.to_dict()}


def _f1(n_same: int, n_first: int, n_second: int) -> float | None:
    return 2 * n_same / (n_first + n_second) if n_first + n_second else None


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


def agreement(pairs: Iterable[tuple[Document, Document]]) -> Agreement:
    """How two readings of the same texts agree. Raises DocumentError where a pair's texts are not the same."""
    read = list(pairs)
    for first, second in read:
        if first.text != second.text:
            raise DocumentError(f"The two readings of document {first.id!r} are of different texts.")
    rows = [row for pair in read for row in sorted(_rows(*pair), key=_order)]
    labels = sorted({item.label for row in rows for item in (row.first, row.second) if item is not None})
    return Agreement(tuple(rows), {label: _label_agreement(label, read) for label in labels})


def _order(row: Row) -> tuple[int, int, str]:
    item = row.item
    return (-1 if item.start is None else item.start, -1 if item.end is None else item.end, item.label)


def _rows(first: Document, second: Document) -> Iterator[Row]:
    """The rows of one text: what is the same, then the pairs, then what only one names."""
    ones, twos = _mentions(first), _mentions(second)
    for key in [key for key in ones if key in twos]:
        yield _row("same", first, ones.pop(key), second, twos.pop(key))
    pairings: tuple[tuple[Kind, Callable[[Entity, Entity], int]], ...] = (("type", _at_one_place), ("border", _shared))
    for kind, likeness in pairings:
        for one, two in _paired(tuple(ones.values()), tuple(twos.values()), likeness):
            yield _row(kind, first, ones.pop(_key(one)), second, twos.pop(_key(two)))
    for entity in ones.values():
        yield _row("first", first, entity, second, None)
    for entity in twos.values():
        yield _row("second", first, None, second, entity)
    yield from _class_rows(first, second)


def _class_rows(first: Document, second: Document) -> Iterator[Row]:
    ones, twos = ({label.name: Item(label.name) for label in document.labels} for document in (first, second))
    for name in ones | twos:
        kind: Kind = "same" if name in ones and name in twos else "first" if name in ones else "second"
        yield Row(kind, ones.get(name), twos.get(name), first.id)


def _key(entity: Entity) -> tuple[tuple[Span, ...], str]:
    return entity.spans, entity.label


def _mentions(document: Document) -> dict[tuple[tuple[Span, ...], str], Entity]:
    return {_key(entity): entity for entity in document.entities}


def _row(kind: Kind, first: Document, one: Entity | None, second: Document, two: Entity | None) -> Row:
    return Row(kind, _item(first, one), _item(second, two), first.id)


def _item(document: Document, entity: Entity | None) -> Item | None:
    if entity is None:
        return None
    return Item(entity.label, document.text_of(entity.spans), entity.start, entity.end)


def _at_one_place(one: Entity, two: Entity) -> int:
    return int(one.spans == two.spans)


def _shared(one: Entity, two: Entity) -> int:
    """How many characters two mentions of one type share."""
    if one.label != two.label:
        return 0
    return sum(max(0, min(a.end, b.end) - max(a.start, b.start)) for a in one.spans for b in two.spans)


def _paired(
    ones: Sequence[Entity], twos: Sequence[Entity], likeness: Callable[[Entity, Entity], int]
) -> Iterator[tuple[Entity, Entity]]:
    """Pairs with any likeness, the likest first, each mention in one pair at most."""
    ordered = sorted(twos, key=lambda entity: entity.start)
    longest = max((entity.end - entity.start for entity in ordered), default=0)
    starts = [entity.start for entity in ordered]
    candidates = [
        (like, one, two)
        for one in ones
        for two in ordered[bisect_left(starts, one.start - longest) : bisect_left(starts, one.end)]
        if (like := likeness(one, two))
    ]
    used: set[int] = set()
    for _, one, two in sorted(candidates, key=lambda row: (-row[0], row[1].start, row[2].start)):
        if not used & {id(one), id(two)}:
            used |= {id(one), id(two)}
            yield one, two


def _label_agreement(label: str, pairs: Sequence[tuple[Document, Document]]) -> LabelAgreement:
    """The figures of a label, over all texts. A label that a reading uses as a class is counted in texts."""
    as_class = any(own.name == label for pair in pairs for document in pair for own in document.labels)
    counts = [_class_counts(label, *pair) if as_class else _mention_counts(label, *pair) for pair in pairs]
    return LabelAgreement(*map(sum, zip(*counts, strict=True)))


def _class_counts(label: str, first: Document, second: Document) -> tuple[int, ...]:
    one, two = (int(any(own.name == label for own in document.labels)) for document in (first, second))
    return one, two, one * two, 1, one, two, one * two


def _mention_counts(label: str, first: Document, second: Document) -> tuple[int, ...]:
    ones, twos = ({e.spans for e in document.entities if e.label == label} for document in (first, second))
    one, two = _characters(ones, first.text), _characters(twos, first.text)
    n_chars = sum(not char.isspace() for char in first.text)
    return len(ones), len(twos), len(ones & twos), n_chars, len(one), len(two), len(one & two)


def _characters(places: Iterable[tuple[Span, ...]], text: str) -> set[int]:
    """The offsets under mentions, those of white space left out."""
    offsets = (at for spans in places for span in spans for at in range(span.start, span.end))
    return {at for at in offsets if not text[at].isspace()}
