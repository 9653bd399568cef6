"""The shipped settings load, and keep to what the recipe promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.data.mixture import read_mixture
from finetune.data.prepare import check_reported
from finetune.nano.config import DEFAULT_CONFIG, DEFAULT_MIXTURE, NanoConfig
from taiyi.errors import InputError


def test_two_stages_and_one_take_as_many_updates_of_as_many_tokens_from_one_base() -> None:
    """What Figure 4 compares differs in the order of the data, and in that the second stage warms up again."""
    stages = NanoConfig.load().stages
    first, second, one = stages["stage1"], stages["stage2"], stages["one_stage"]
    assert first.steps + second.steps == one.steps
    assert {(stage.sequences, stage.length) for stage in (first, second, one)} == {(one.sequences, one.length)}
    assert (first.adam_lr, first.muon_lr) == (one.adam_lr, one.muon_lr)
    assert all(stage.rate(stage.steps - 1) < 0.01 for stage in (first, second, one)), "each comes to rest"
    assert (first.start_from, second.start_from, one.start_from) == ("base", "stage1", "base")
    assert (first.types, second.types, one.types) == ((1,), (1, 2), (1, 2))


def test_the_stage_that_goes_on_meets_other_conversations() -> None:
    stages = NanoConfig.load().stages
    assert stages["continued"].types == stages["stage2"].types
    assert stages["continued"].order != stages["stage2"].order


def test_the_mixture_trains_on_nothing_that_is_reported_or_tuned_on() -> None:
    mixture = read_mixture(DEFAULT_MIXTURE)
    check_reported(mixture)
    assert all("tune" in mixture.aside(row).dev and "tune" not in mixture.aside(row).held_out for row in mixture.rows)
    assert all(row.weight > 0 for row in mixture.rows)


@pytest.mark.parametrize(("added", "named"), [("batch: 3", "batch"), ("stages: {base: {stepz: 3}}", "stepz")])
def test_an_unknown_setting_is_refused_by_name(tmp_path: Path, added: str, named: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(DEFAULT_CONFIG.read_text(encoding="utf-8") + f"\n{added}\n", encoding="utf-8")
    with pytest.raises(InputError, match=named):
        NanoConfig.load(path)
