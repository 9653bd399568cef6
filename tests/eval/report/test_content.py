"""A table is refused where its rows do not fit its columns."""

from __future__ import annotations

import pytest

from eval.report.content import Table


def test_a_row_that_is_shorter_than_the_head_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells under 2 columns"):
        Table("Scores", ("set", "f1"), (("hoc",),))
