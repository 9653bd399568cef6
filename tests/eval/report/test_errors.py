"""Errors are counted by kind, and those that come back are named."""

from __future__ import annotations

from eval.report.errors import errors_table, frequent_table, tallies
from eval.report.runs import read_runs
from taiyi.document import Document
from tests.eval.report.conftest import RunFolder, record, row

MISSED = {"kind": "missing", "gold": "Disease: tremor", "predicted": ""}
BORDER = {"kind": "border", "gold": "Disease: fine tremor", "predicted": "Disease: tremor"}


def test_errors_are_counted_by_kind_and_set_and_repeated_ones_are_named(run_folder: RunFolder) -> None:
    records = [
        record(Document(str(n), "en", "Tremor."), None, errors) for n, errors in enumerate([[MISSED, BORDER], [MISSED]])
    ]
    folder = run_folder("mine", [row("bc5cdr-dise", 0.5, unparsed=1)], {"bc5cdr-dise": records})
    counted = tallies(read_runs([folder]))
    assert errors_table(counted).rows == (("bc5cdr-dise", "mine", "dev", "2", "0", "1", "0", "1"),)
    assert frequent_table(counted).rows == (("bc5cdr-dise", "mine", "missed", "Disease: tremor", "", "2"),)
