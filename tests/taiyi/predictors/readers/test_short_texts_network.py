"""The networks for short texts: padding and company change nothing, and what two texts share is counted rightly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from taiyi.predictors.readers.nested_spans_network import NetworkConfig
from taiyi.predictors.readers.short_texts_network import (
    GramClassifier,
    PairClassifier,
    TextClassifier,
    batch_of,
    shared_features,
)

CONFIG = NetworkConfig(20, 32, 4, 1, char_width=6, bigram_width=4, width=8, dilations=(1, 2))
SHORT, LONG = np.array([3, 4, 5]), np.array([6, 7, 8, 9, 10, 11, 12])


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(1)


@torch.inference_mode()
def test_a_text_s_logits_do_not_depend_on_its_company() -> None:
    network = TextClassifier(CONFIG, 3).eval()
    torch.nn.init.normal_(network.out.weight)
    alone = network(batch_of([SHORT], CONFIG))
    together = network(batch_of([SHORT, LONG], CONFIG))
    assert alone.shape == (1, 3)
    assert alone.std() > 0
    torch.testing.assert_close(together[:1], alone)


@torch.inference_mode()
def test_a_pair_s_logits_do_not_depend_on_its_company() -> None:
    network = PairClassifier(CONFIG, 4, 6).eval()
    alone = network(batch_of([SHORT, LONG], CONFIG))
    together = network(batch_of([LONG, SHORT, SHORT, LONG], CONFIG))
    assert alone.shape == (1, 4)
    torch.testing.assert_close(together[1:], alone)


@torch.inference_mode()
def test_which_text_comes_first_matters() -> None:
    """That one query is narrower than another does not hold the other way round."""
    network = PairClassifier(CONFIG, 2, 6).eval()
    there, back = (network(batch_of(pair, CONFIG)) for pair in ([SHORT, LONG], [LONG, SHORT]))
    assert not torch.allclose(there, back)


@torch.inference_mode()
def test_features_reach_the_network() -> None:
    network = TextClassifier(CONFIG, 2).eval()
    torch.nn.init.normal_(network.out.weight)
    plain = network(batch_of([SHORT], CONFIG))
    marked = network(batch_of([SHORT], CONFIG, [np.ones((3, 4), np.float32)]))
    assert not torch.allclose(plain, marked)


def test_grams_are_characters_pairs_and_triples_with_the_edges() -> None:
    """Of three characters: 3 by themselves, 4 pairs with the edges, 3 triples of two characters or more. Padding adds
    none, and the same characters have the same rows."""
    model = GramClassifier(1 << 20, 2)
    alone, (short, other) = (
        model.rows(batch_of([SHORT], CONFIG).chars),
        model.rows(batch_of([SHORT, LONG], CONFIG).chars),
    )
    found = set(alone[alone >= 0].tolist())
    assert len(found) == 10
    assert found == set(short[short >= 0].tolist())
    assert not found & set(other[other >= 0].tolist())


def test_the_model_over_grams_sums_their_weights_over_the_root_of_their_number() -> None:
    model = GramClassifier(64, 2)
    torch.nn.init.constant_(model.weights.weight, 1.0)
    assert model(batch_of([SHORT, LONG], CONFIG))[0].tolist() == pytest.approx([10 / 10**0.5] * 2)


def test_what_two_texts_share_is_marked_character_by_character() -> None:
    """4 5 6 7 beside 5 6 4: all but 7 stand there; only the pair 5 6 does, which 6 ends and 5 begins; no triple."""
    found = shared_features(np.array([4, 5, 6, 7]), np.array([5, 6, 4]))
    assert found.tolist() == [[1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]]


def test_a_triple_is_marked_in_its_middle() -> None:
    assert shared_features(np.array([4, 5, 6]), np.array([4, 5, 6]))[:, 3].tolist() == [0, 1, 0]


def test_texts_without_characters_share_nothing() -> None:
    assert shared_features(np.array([], np.int64), np.array([4])).shape == (0, 4)
    assert not shared_features(np.array([4]), np.array([], np.int64)).any()


@torch.inference_mode()
def test_an_empty_text_has_logits_too() -> None:
    network = PairClassifier(CONFIG, 2, 6).eval()
    assert network(batch_of([np.array([], np.int64), SHORT], CONFIG)).isfinite().all()
