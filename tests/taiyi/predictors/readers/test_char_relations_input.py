"""From logits of spans to names, and from two names to numbered features, by hand."""

from __future__ import annotations

import torch

from taiyi.predictors.readers.char_relations_input import N_FEATURES, Candidate, candidates, collate, pairs_of

TEXT = "痛风@常由饮酒引起。痛风可致关节痛。"


def name(surface: str, *logits: float) -> Candidate:
    starts = [n for n in range(len(TEXT)) if TEXT.startswith(surface, n)]
    return Candidate(surface, tuple((n, n + len(surface)) for n in starts), logits)


def test_a_spelling_has_all_its_likely_places_and_its_best_logit_in_each_channel() -> None:
    logits = torch.full((2, len(TEXT), 3), -9.0)
    logits[0, 0, 1], logits[1, 0, 1], logits[1, 10, 1] = 1.0, -1.0, 2.0  # gout, twice
    logits[1, 5, 1], logits[1, 14, 2] = 0.5, -4.0  # drinking, and a joint's pain that is too unlikely
    assert candidates(TEXT, logits, least=-2.0, most=9) == [
        Candidate("痛风", ((0, 2), (10, 12)), (1.0, 2.0)),
        Candidate("饮酒", ((5, 7),), (-2.0, 0.5)),
    ]


def test_of_many_spellings_the_likeliest_are_kept_in_the_order_of_the_text() -> None:
    logits = torch.full((1, len(TEXT), 2), -9.0)
    logits[0, 0, 1], logits[0, 5, 1], logits[0, 14, 1] = 1.0, 3.0, 2.0
    assert [found.surface for found in candidates(TEXT, logits, least=0.0, most=2)] == ["饮酒", "关节"]


def test_a_span_with_white_space_at_an_end_is_no_name() -> None:
    logits = torch.full((1, 3, 3), -9.0)
    logits[0, 0, 1], logits[0, 0, 2] = 1.0, 1.0
    assert [found.surface for found in candidates("甲 乙", logits, least=0.0, most=9)] == ["甲 乙"]


def test_each_head_meets_every_tail_that_is_spelt_otherwise() -> None:
    gout, drinking = name("痛风"), name("饮酒")
    pairs = pairs_of(TEXT, [gout, drinking], [gout, drinking])
    assert [(head.surface, tail.surface) for head, tail in pairs.names] == [("痛风", "饮酒"), ("饮酒", "痛风")]
    assert all(max(row) < N_FEATURES for row in pairs.features)


def test_features_tell_of_the_nearest_places_and_of_the_whole_text() -> None:
    """Gout (10) stands two characters before pain (14), in one sentence; it is a title elsewhere, begins the text, is
    named twice, and is the first of two heads. Each feature's values begin where those of the one before it end."""
    pairs = pairs_of(TEXT, [name("痛风"), name("饮酒")], [name("关节痛")])
    step, crossed, title, first, head_named, tail_named, rank, among, also_head = pairs.features[0]
    assert pairs.between[0] == (12, 14)
    assert step == 1 + 1  # two characters and one, as a power of two
    assert (crossed, title, first) == (17, 17 + 4 + 1, 17 + 4 + 2 + 1)
    assert (head_named, tail_named) == (25 + 1, 29)
    assert (rank, among, also_head) == (33, 37 + 1, 41)


def test_a_tail_before_its_head_and_one_inside_it_are_told_apart() -> None:
    """Drinking ends at 7, gout begins at 10: a sentence ends between them. A part of a name overlaps it."""
    before = pairs_of(TEXT, [Candidate("痛风", ((10, 12),), ())], [name("饮酒")])
    assert (before.features[0][0], before.features[0][1], before.between[0]) == (9 + 2, 17 + 1, (7, 10))
    inside = pairs_of(TEXT, [name("关节痛")], [name("关节")])
    assert (inside.features[0][0], inside.between[0]) == (0, (14, 17))


def test_a_batch_counts_names_and_characters_through_all_its_texts() -> None:
    pairs = pairs_of("甲致乙", [Candidate("甲", ((0, 1),), ())], [Candidate("乙", ((2, 3),), ())])
    batch = collate([(torch.zeros(5, 4), pairs), (torch.zeros(3, 4), pairs)], [False, True])
    assert batch.encoded.shape == (2, 5, 4)
    assert batch.lengths.tolist() == [5, 3]
    assert batch.pairs.tolist() == [[0, 0], [1, 1]]
    assert batch.heads[:, 0].tolist() == [[0, 0], [5, 5]]
    assert batch.tails.tolist() == [[[2, 2], [-1, -1], [-1, -1]], [[7, 7], [-1, -1], [-1, -1]]]
    assert batch.between.tolist() == [[1, 2], [6, 7]]
    assert batch.aside.tolist() == [0, 1]
