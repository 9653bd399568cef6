"""The differences of two readings as a file: JSON with all figures, or CSV with a row a difference."""

from __future__ import annotations

from taiyi.agreement import Agreement, Item
from taiyi.formats.csv import table
from taiyi.formats.json import dumps

_ITEM = ("type", "text", "start", "end")
COLUMNS = ("document", "kind", *(f"{side}_{name}" for side in ("first", "second") for name in _ITEM))


def write_json(found: Agreement, names: tuple[str, str]) -> bytes:
    """Who gave the first and the second reading, the figures, and the differences."""
    return dumps({"first": names[0], "second": names[1], **found.to_dict()})


def write_csv(found: Agreement) -> bytes:
    """A row a difference, for a spreadsheet (see `csv`)."""
    return table(
        COLUMNS,
        (
            {
                "document": row.document_id,
                "kind": row.kind,
                **_cells("first", row.first),
                **_cells("second", row.second),
            }
            for row in found.differences
        ),
    )


def _cells(side: str, item: Item | None) -> dict[str, object]:
    return {f"{side}_{name}": value for name, value in (item.to_dict() if item else {}).items()}
