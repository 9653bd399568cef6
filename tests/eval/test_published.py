"""The published numbers against what the paper and the README of Taiyi 2 print of them."""

from __future__ import annotations

import pytest

from eval.published import mean_of, published_scores, table_2, table_3
from eval.sets import load_sets

THIRTEEN = [row.name for row in load_sets().values() if not row.extra and row.name != "biored"]


@pytest.mark.parametrize(
    ("system", "average"), [("Taiyi", 0.651), ("ChatGPT-3.5", 0.493), ("SOTA", 0.735), ("Taiyi 2", 0.745)]
)
def test_the_averages_that_were_published_come_out_of_the_single_values(system: str, average: float) -> None:
    assert round(mean_of(system), 3) == average


@pytest.mark.parametrize("system", ["Taiyi", "ChatGPT-3.5", "SOTA", "Taiyi 2", "DeepSeek-14B"])
def test_a_system_has_a_value_for_each_of_the_thirteen_sets(system: str) -> None:
    assert set(table_2()[system]) == set(THIRTEEN)
    assert len(THIRTEEN) == 13


def test_table_3_gives_precision_recall_and_f1_of_six_types_and_of_all() -> None:
    """Table 3 prints three decimals, so F1 follows from precision and recall to about one in the third."""
    rows = table_3()
    assert set(rows) == {"Chemical", "Disease", "Gene", "Variant", "Species", "CellLine", "all"}
    for precision, recall, f1 in rows.values():
        assert 2 * precision * recall / (precision + recall) == pytest.approx(f1, abs=0.0015)


def test_every_number_names_its_source() -> None:
    assert all(score.source and 0 < score.value < 1 for score in published_scores())
