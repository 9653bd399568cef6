"""A random order through buckets on disk."""

from __future__ import annotations

from pathlib import Path

from finetune.data.spool import Spool, sort_key


def test_lines_come_back_by_key_without_those_not_wanted(tmp_path: Path) -> None:
    keys = [2**63, 5, 2**64 - 1, 0, 2**63]
    with Spool(tmp_path / "spool") as spool:
        for number, key in enumerate(keys):
            spool.add(key, number, f"line\t{number}")
        assert list(spool.ordered(lambda number: number != 1)) == [
            (3, "line\t3"),
            (0, "line\t0"),
            (4, "line\t4"),
            (2, "line\t2"),
        ]


def test_keys_depend_on_seed_and_id_alone() -> None:
    assert sort_key(0, "a") == sort_key(0, "a")
    assert len({sort_key(seed, id) for seed in (0, 1) for id in "abc"}) == 6


def test_line_separators_of_unicode_stay_within_a_line(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.add(1, 0, "one\u2028two\x85three\rfour")
        assert list(spool.ordered(lambda number: True)) == [(0, "one\u2028two\x85three\rfour")]
