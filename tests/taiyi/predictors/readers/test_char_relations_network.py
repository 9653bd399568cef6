"""The networks of names and pairs on random characters: shapes, padding, and sums by hand."""

from __future__ import annotations

import pytest
import torch

from taiyi.predictors.readers.char_relations_input import Candidate, collate, pairs_of
from taiyi.predictors.readers.char_relations_network import NameSpans, PairNetwork, Sizes, _mean_between, _of_places
from taiyi.predictors.readers.nested_spans_network import IMPOSSIBLE

SIZES = Sizes(width=8, n_kinds=2, n_types=3, n_features=43, head_width=4, max_name_chars=3, lstm_width=4, pair_width=6)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_every_span_that_fits_has_a_logit_in_every_channel() -> None:
    """Two texts of 5 and 3 characters, spans of up to 3: the last two characters of each begin shorter ones only."""
    logits = NameSpans(SIZES)(torch.randn(2, 5, 8), torch.tensor([5, 3]))
    assert logits.shape == (2, 3, 5, 3)
    possible = logits[:, 0] > IMPOSSIBLE
    assert possible[0].tolist() == [[True] * 3] * 3 + [[True, True, False], [True, False, False]]
    assert possible[1].sum() == 3 + 2 + 1


def test_names_are_scored_alike_with_padding_and_without() -> None:
    names, encoded = NameSpans(SIZES).eval(), torch.randn(1, 4, 8)
    padded = torch.cat([encoded, torch.zeros(1, 3, 8)], 1)
    alone, together = names(encoded, torch.tensor([4])), names(padded, torch.tensor([4]))
    torch.testing.assert_close(together[:, :, :4], alone)


def test_pairs_are_judged_alike_alone_and_beside_a_longer_text() -> None:
    network = PairNetwork(SIZES).eval()
    pairs = pairs_of("甲致乙", [Candidate("甲", ((0, 1),), ())], [Candidate("乙", ((2, 3),), ())])
    short, long = torch.randn(3, 8), torch.randn(7, 8)
    alone = network(collate([(short, pairs)], [False]))
    together = network(collate([(long, pairs), (short, pairs)], [False, False]))
    assert together.shape == (2, 4)
    torch.testing.assert_close(together[1:], alone)
    assert not torch.allclose(together[0], alone[0])


def test_another_annotation_has_its_own_offsets() -> None:
    """They begin at zero and are learnt by pairs of that annotation alone."""
    network = PairNetwork(SIZES).eval()
    pairs = pairs_of("甲致乙", [Candidate("甲", ((0, 1),), ())], [Candidate("乙", ((2, 3),), ())])
    encoded = torch.randn(3, 8)
    for aside in (False, True):
        network.zero_grad()
        network(collate([(encoded, pairs)], [aside])).sum().backward()
        assert network.aside_types.grad is not None
        assert bool(network.aside_types.grad.any()) is aside


def test_a_name_is_the_mean_of_its_places() -> None:
    """Places (0, 1) and (2, 2): first + last is 1 + 20 and 3 + 30; the third is none."""
    first, last = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[10.0], [20.0], [30.0]])
    places = torch.tensor([[[0, 1], [2, 2], [-1, -1]]])
    assert _of_places(first, last, places).tolist() == [[27.0]]


def test_between_two_names_counts_the_mean_and_nothing_where_they_touch() -> None:
    chars = torch.tensor([[1.0], [2.0], [6.0]])
    assert _mean_between(chars, torch.tensor([[1, 3], [0, 1], [2, 2]])).tolist() == [[4.0], [1.0], [0.0]]
