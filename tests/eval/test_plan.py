"""Which examples a run answers, and in what order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.plan import Part, chosen, planned, plans
from taiyi.errors import FormatError, InputError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """KUAKE-QIC's official development file with four queries of our own, of 8, 5, 7 and 3 characters."""
    queries = ("感冒咳嗽吃什么药", "胃镜多少钱", "吃盐多血压高吗", "嗓子疼")
    rows = [{"id": f"s{n}", "query": query, "label": "其他"} for n, query in enumerate(queries)]
    (tmp_path / "KUAKE-QIC_dev.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def quiet(sentence: str) -> None:
    """What is noted is not looked at here."""


def test_a_set_that_is_asked_for_and_missing_is_an_error_that_says_where_to_get_it(data: Path) -> None:
    with pytest.raises(FormatError, match=r"CMeEE_dev\.json.*Where to get it"):
        plans(["cmeee"], Part(), data, quiet)
    with pytest.raises(InputError, match="There is no set 'cmee'"):
        plans(["cmee"], Part(), data, quiet)


def test_a_sample_is_fixed_by_its_seed_and_kept_in_the_order_of_the_file(data: Path) -> None:
    def ids(**part: Any) -> list[str]:
        (plan,) = plans(["kuake-qic"], Part(**part), data, quiet)[0]
        return [example.id for example in plan.examples]

    assert ids() == ids(sample=9) == ["s0", "s1", "s2", "s3"]
    assert ids(limit=2) == ["s0", "s1"]
    samples = [ids(sample=2, seed=seed) for seed in range(9)]
    assert samples == [ids(sample=2, seed=seed) for seed in range(9)]
    assert all(sample == sorted(sample) and len(sample) == 2 for sample in samples)
    assert len({tuple(sample) for sample in samples}) > 1


def test_the_longest_text_is_answered_first(data: Path) -> None:
    (plan,) = plans(["kuake-qic"], Part(), data, quiet)[0]
    assert [example.id for example in planned(plan.examples)] == ["s0", "s2", "s1", "s3"]
    assert chosen(plan.examples, Part(sample=1, seed=3)) == chosen(plan.examples, Part(sample=1, seed=3))
