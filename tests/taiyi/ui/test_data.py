"""The page's data: samples that fit their tabs, presets, and generation settings that SamplingParams takes."""

from __future__ import annotations

import pytest

from taiyi.errors import InputError
from taiyi.language import LANGUAGES, detect_language
from taiyi.ui.presets import OWN, default_preset, preset_choices, preset_of, presets
from taiyi.ui.samples import samples
from taiyi.ui.sampling import FIELDS, RANGES, sampling_params, sampling_presets
from taiyi.ui.tabs import TABS


@pytest.mark.parametrize("tab", [tab.ID for tab in TABS])
def test_every_tab_has_examples_in_both_languages(tab: str) -> None:
    rows = samples(tab)
    assert {row.lang for row in rows} == set(LANGUAGES)
    for row in rows:
        assert set(row.title) == set(LANGUAGES)
        assert detect_language(row.values["text"]) == row.lang


@pytest.mark.parametrize("task", ["entities", "relations", "events", "classify", "similarity", "entailment"])
def test_presets_are_found_again_by_their_labels(task: str) -> None:
    for key, preset in presets(task).items():
        assert presets(task)[preset_of(task, preset.labels)].labels == preset.labels, key
    assert preset_of(task, ["of my own"]) == OWN
    for lang in LANGUAGES:
        assert presets(task)[default_preset(task, lang)].lang == lang
        assert preset_choices(task)(lang)[-1][1] == OWN


def test_the_authors_chat_settings_are_those_of_their_scripts() -> None:
    """Taiyi: temperature 0.3, top_p 0.9, 500 new tokens; Taiyi 2: 0.3, 0.7, top_k 20, repetition penalty 1.05."""
    rows = sampling_presets()
    assert [rows["taiyi"][name] for name in FIELDS] == [500, 0.3, 0.9, 0, 1.0]
    assert [rows["taiyi2"][name] for name in FIELDS] == [500, 0.3, 0.7, 20, 1.05]


def test_every_preset_and_every_end_of_a_slider_can_be_used() -> None:
    for row in sampling_presets().values():
        params = sampling_params(*(row[name] for name in FIELDS))
        assert params.max_new_tokens == row["max_new_tokens"]
        assert all(RANGES[name][0] <= row[name] <= RANGES[name][1] for name in FIELDS)
    for end in (0, 1):
        sampling_params(*(RANGES[name][end] for name in FIELDS), "7")


def test_a_seed_is_a_whole_number_or_nothing() -> None:
    row = [RANGES[name][1] for name in FIELDS]
    assert sampling_params(*row, " 42 ").seed == 42
    assert sampling_params(*row, "").seed is None
    with pytest.raises(InputError, match="whole number"):
        sampling_params(*row, "forty-two")
