"""The laws of the network, which hold for any weights."""

import numpy as np
import torch

from taiyi.predictors.readers.nested_spans import Window, collate
from taiyi.predictors.readers.nested_spans_network import IMPOSSIBLE, NetworkConfig, SpanNetwork

CONFIG = NetworkConfig(
    n_chars=20, n_bigrams=30, n_features=6, n_span_features=2, char_width=8, bigram_width=4, width=16,
    dilations=(1, 2), head_width=4, max_mention_chars=3,
)  # fmt: skip


def network() -> SpanNetwork:
    torch.manual_seed(0)
    made = SpanNetwork(CONFIG, ("甲", "乙")).eval()
    torch.nn.init.normal_(made.head.matches.weight)
    return made


def window(*ids: int, matched: tuple[int, int] | None = None) -> Window:
    first, last = ([matched[0]], [matched[1]]) if matched else ([], [])
    values = np.full((len(first), 2), 200, dtype=np.uint8)
    return Window(np.array(ids), np.array(first, dtype=np.int64), np.array(last, dtype=np.int64), values)


def test_a_window_has_the_same_scores_alone_and_beside_a_longer_one() -> None:
    short, long = window(4, 5, 6, matched=(0, 1)), window(*range(3, 14))
    with torch.inference_mode():
        alone = network()(collate([short], CONFIG))[0]
        beside = network()(collate([long, short], CONFIG))[1]
    assert torch.allclose(alone, beside[:, :3, :3], atol=1e-4)
    assert (beside[:, :, 3:] == IMPOSSIBLE).all()


def test_no_span_ends_before_it_starts_or_is_too_long() -> None:
    with torch.inference_mode():
        logits = network()(collate([window(3, 4, 5, 6, 7)], CONFIG))[0]
    possible = [[0 <= last - first < 3 for last in range(5)] for first in range(5)]
    assert ((logits > IMPOSSIBLE) == torch.tensor(possible)).all()


def test_a_lexicon_match_moves_the_score_of_its_own_span_and_no_other_directly() -> None:
    """With the features of the characters switched off, only the matched span changes."""
    made = network()
    torch.nn.init.zeros_(made.encoder.features.weight)
    with torch.inference_mode():
        plain = made(collate([window(3, 4, 5)], CONFIG))[0]
        matched = made(collate([window(3, 4, 5, matched=(0, 1))], CONFIG))[0]
    changed = (plain - matched).abs() > 1e-6
    assert changed[:, 0, 1].all()
    assert changed.sum() == 2


def test_a_mention_and_one_inside_it_can_both_be_likely() -> None:
    """A lexicon match lifts the outer and the inner span alike, and nothing takes one away for the other."""
    made = network()
    with torch.no_grad():
        made.head.matches.weight.fill_(50.0)
    both = Window(
        np.array([3, 4, 5]), np.array([0, 1]), np.array([2, 1]), np.full((2, 2), 255, dtype=np.uint8)
    )  # fmt: skip
    with torch.inference_mode():
        logits = made(collate([both], CONFIG))[0]
    assert (logits[:, 0, 2] > 0).all()
    assert (logits[:, 1, 1] > 0).all()
