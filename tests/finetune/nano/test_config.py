"""The shipped settings load, and name corpora that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.nano.config import DEFAULT_CONFIG, NanoConfig, load_mixture
from taiyi.corpora import corpus_names
from taiyi.errors import InputError


def test_the_shipped_settings_load() -> None:
    config = NanoConfig.load()
    assert config.base.steps > 0
    assert config.tasks.decay > 0
    assert all(source.weight > 0 for source in config.raw.values())


def test_every_corpus_of_the_mixture_has_a_row() -> None:
    names = {name for uses in load_mixture().values() for name in uses}
    assert names <= set(corpus_names())


def test_what_is_tuned_on_is_never_trained_on() -> None:
    assert all("tune" in use.set_aside for uses in load_mixture().values() for use in uses.values())


def test_an_unknown_setting_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(DEFAULT_CONFIG.read_text(encoding="utf-8") + "\nbatch: 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="batch"):
        NanoConfig.load(path)
    with pytest.raises(InputError, match="wieght"):
        mixture = tmp_path / "mixture.yaml"
        mixture.write_text("tasks:\n  bc5cdr: {wieght: 3}\n", encoding="utf-8")
        load_mixture(mixture)
