"""Stop strings over the borders of chunks, and loops told from lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taiyi.engine.stopping import LoopWatch, StopStrings


def fed(stops: tuple[str, ...], parts: list[str]) -> tuple[str, bool]:
    watch, out = StopStrings(stops), ""
    for part in parts:
        certain, stopped = watch.add(part)
        out += certain
        if stopped:
            return out, True
    return out + watch.finish(), False


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["ab", "cEN", "Dxyz"], ("abc", True)),
        (["abcE", "N", "x"], ("abcENx", False)),
        (["患者：", "你好医", "生：请"], ("患者：你好", True)),
        (["EEEN", "D"], ("EE", True)),
    ],
)
def test_a_stop_string_is_met_wherever_the_chunks_cut_it(parts: list[str], expected: tuple[str, bool]) -> None:
    assert fed(("END", "医生："), parts) == expected


def test_only_what_may_become_a_stop_string_is_held_back() -> None:
    watch = StopStrings(("END",))
    assert watch.add("abEN") == ("ab", False)
    assert watch.add("E") == ("EN", False)


@given(st.text("abEND", max_size=30), st.lists(st.integers(1, 5), max_size=10))
def test_however_it_is_cut_the_text_before_the_stop_is_the_same(text: str, sizes: list[int]) -> None:
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    before, stop, _ = text.partition("END")
    assert fed(("END",), [*parts, text[at:]]) == (before, bool(stop))


def test_a_block_said_again_and_again_is_a_loop() -> None:
    watch = LoopWatch()
    assert any(watch.add(token) for token in [9, 8, 7] + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] * 6)


def test_a_row_of_dots_and_a_list_are_no_loop() -> None:
    watch = LoopWatch()
    rows = [token for n in range(40) for token in (50, 51, 100 + n, 52)]
    assert not any(watch.add(token) for token in [7] * 12 + rows)
