"""Which annotation scheme reads which labels, with weights that mark every word by a bias."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from taiyi.card import read_card
from taiyi.predictors.readers.token_tagger import TokenTagger, load


@pytest.fixture
def tagger(specialists_dir: Path) -> TokenTagger:
    """The narrow scheme marks every word as Disease, the wide one as Gene."""
    file = specialists_dir / "entities" / "network.safetensors"
    weights = load_file(file)
    weights["heads.narrow.bias"][8] = 100
    weights["heads.wide.bias"][12] = 100
    save_file(weights, file)
    return load(specialists_dir / "entities", read_card(specialists_dir / "entities"))


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["Chemical", "Disease"], {"Disease"}),
        (["Disease"], {"Disease"}),
        (["Gene"], {"Gene"}),
        (["Disease", "Gene"], {"Gene"}),
        (["Chemical"], set()),
    ],
)
def test_the_scheme_with_most_of_the_labels_reads_and_of_equals_the_first(
    tagger: TokenTagger, labels: Sequence[str], found: set[str]
) -> None:
    """Disease with Gene is the wide scheme's, which marks no Disease here; alone it is the narrow one's."""
    assert {label for _, _, label, _ in tagger.entities("a b", labels)} == found


def test_labels_that_no_scheme_has_together_are_shared_out(specialists_dir: Path, tagger: TokenTagger) -> None:
    """With Gene a scheme of its own, each of the two reads what it has."""
    card = read_card(specialists_dir / "entities")
    card.settings["heads"][1] |= {"labels": ["Gene"], "name": "wide"}
    file = specialists_dir / "entities" / "network.safetensors"
    weights = load_file(file)
    weights["heads.wide.weight"], weights["heads.wide.bias"] = (
        weights["heads.wide.weight"][:5].clone(),
        weights["heads.wide.bias"][:5].clone(),
    )
    weights["heads.wide.bias"][4] = 100
    save_file(weights, file)
    shared = load(specialists_dir / "entities", card)
    assert sorted(shared.entities("a b", ["Disease", "Gene"]))[0][:3] == (0, 1, "Disease")
    assert {label for _, _, label, _ in shared.entities("a b", ["Disease", "Gene"])} == {"Disease", "Gene"}


def test_a_scheme_asked_for_by_its_name_reads_alone(tagger: TokenTagger) -> None:
    """Disease alone is the narrow scheme's by default; the wide one marks none here, and Gene everywhere."""
    assert tagger.entities("a b", ["Disease"], "wide") == []
    assert {label for _, _, label, _ in tagger.entities("a b", ["Disease", "Gene"], "wide")} == {"Gene"}
    assert {label for _, _, label, _ in tagger.entities("a b", ["Disease"], "narrow")} == {"Disease"}
