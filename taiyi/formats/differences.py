"""The differences of readings as a file: JSON with all figures, or CSV with a row a difference."""

from __future__ import annotations

from collections.abc import Iterable

from taiyi.agreement import Comparison, Item
from taiyi.formats.csv import table
from taiyi.formats.json import dumps

_ITEM = ("type", "text", "start", "end")
_SIDES = ("first", "second")
COLUMNS = ("document", "kind", *(name for side in _SIDES for name in (side, *(f"{side}_{part}" for part in _ITEM))))


def write_json(found: Comparison) -> bytes:
    """Who gave the first and the second reading, the figures, and the differences."""
    return dumps(found.to_dict())


def write_csv(comparisons: Iterable[Comparison]) -> bytes:
    """A row a difference with who gave either reading, for a spreadsheet (see `csv`)."""
    return table(
        COLUMNS,
        (
            {
                "document": row.document_id,
                "kind": row.kind,
                **_cells("first", found.first, row.first),
                **_cells("second", found.second, row.second),
            }
            for found in comparisons
            for row in found.agreement.differences
        ),
    )


def _cells(side: str, name: str, item: Item | None) -> dict[str, object]:
    return {side: name} | {f"{side}_{part}": value for part, value in (item.to_dict() if item else {}).items()}
