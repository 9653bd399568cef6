"""The paper's tables with our columns: like stands beside like."""

from __future__ import annotations

import pytest

from eval.report.runs import Run, read_runs
from eval.report.tables import extra_table, paper_sets, scores_table, share, types_table
from tests.eval.report.conftest import RunFolder, row

PUBLISHED = {
    "Taiyi": dict.fromkeys(paper_sets(), 0.5) | {"hoc": 0.8, "cmeee": 0.6},
    "SOTA": {"hoc": 0.9},
}


@pytest.fixture
def two(run_folder: RunFolder) -> list[Run]:
    """Runs of one set and of two."""
    rows = [row("hoc", 0.6), row("cmeee", 0.4, split="test")]
    return read_runs([run_folder("small", rows[:1]), run_folder("large", rows)])


def test_the_paper_scores_thirteen_sets_in_its_second_table() -> None:
    assert len(paper_sets()) == 13
    assert "biored" not in paper_sets()


def test_a_score_stands_with_its_interval_its_part_and_its_shares(two: list[Run]) -> None:
    """10 of 400 written items are 2.5 %."""
    table = scores_table(two[:1], PUBLISHED)
    assert table.columns == (
        *("set", "task", "ChatGPT-3.5", "Taiyi", "Taiyi 2", "SOTA"),
        *("small", "95 % interval", "part", "unparsed", "ungrounded"),
    )
    assert table.rows[0] == (
        *("hoc", "TC", "–", "0.800", "–", "0.900"),
        *("0.600", "0.550 to 0.650", "dev, n = 200", "0.0 %", "2.5 %"),
    )


def test_an_average_stands_beside_the_published_one_over_the_same_sets(two: list[Run]) -> None:
    """Taiyi over hoc and cmeee: (0.8 + 0.6) / 2; over all: (11 * 0.5 + 0.8 + 0.6) / 13 = 6.9 / 13 = 0.5308. SOTA lacks
    cmeee, so it has no average over the two."""
    averages = scores_table(two, PUBLISHED).rows[2:]
    assert [cells[0] for cells in averages] == [
        "AVE over 1 of 13 sets (small)",
        "AVE over 2 of 13 sets (large)",
        "AVE over 13 of 13 sets",
    ]
    assert [cells[3] for cells in averages] == ["0.800", "0.700", "0.531"]
    assert [cells[5] for cells in averages] == ["0.900", "–", "–"]
    assert [cells[6] for cells in averages] == ["0.600", "–", "–"]
    assert [cells[11] for cells in averages] == ["–", "0.500", "–"]
    assert [cells[13] for cells in averages] == ["–", "dev and test", "–"]


def test_runs_of_the_same_sets_share_one_average(run_folder: RunFolder) -> None:
    rows = [row(name, 0.5, accuracy=0.5) for name in paper_sets()]
    runs = read_runs([run_folder("one", rows), run_folder("two", rows)])
    averages = scores_table(runs, PUBLISHED).rows[13:]
    assert [cells[0] for cells in averages] == ["AVE over 13 of 13 sets"]
    assert (averages[0][6], averages[0][11]) == ("0.500", "0.500")


def test_biored_is_given_by_type_with_its_part_in_the_caption(run_folder: RunFolder) -> None:
    types = {"Gene": {"precision": 0.9, "recall": 0.8, "f1": 0.847}}
    (run,) = read_runs([run_folder("mine", [row("biored", 0.7, per_type=types)])])
    table = types_table([run], {"Gene": (0.931, 0.49, 0.642), "all": (0.76, 0.507, 0.608)})
    assert table.caption == "Table 3: BioRED by type (mine: dev part, n = 200)"
    by_type = {name: cells for name, *cells in table.rows}
    assert by_type["Gene"] == ["0.931", "0.490", "0.642", "0.900", "0.800", "0.847"]
    assert by_type["all"] == ["0.760", "0.507", "0.608", "0.700", "0.700", "0.700"]
    assert by_type["Species"] == ["–"] * 6


def test_sets_of_our_own_stand_apart(run_folder: RunFolder) -> None:
    runs = read_runs([run_folder("mine", [row("hoc", 0.5), row("cmeee-v2", 0.6)])])
    assert [cells[:2] for cells in extra_table(runs).rows] == [("cmeee-v2", "micro-F1")]
    assert "cmeee-v2" not in {cells[0] for cells in scores_table(runs, PUBLISHED).rows}


def test_a_share_of_nothing_is_none() -> None:
    assert share(0, 0) == "–"
