"""The training of the reader of Chinese relations on made-up texts: places, targets, losses by hand, what is learnt."""

from __future__ import annotations

import math
import random
from itertools import product
from typing import Any

import pytest
import torch

from finetune.specialists.char_relations import (
    Example,
    begun_names,
    gold_spans,
    groups_of,
    learnt_pairs,
    names_loss,
    pairs_loss,
    places_of,
    train_names,
    train_pairs,
)
from taiyi.predictors.readers.char_relations import names_of
from taiyi.predictors.readers.char_relations_input import N_FEATURES, collate
from taiyi.predictors.readers.char_relations_network import NameSpans, Sizes
from taiyi.predictors.readers.nested_spans_network import NetworkConfig, SpanNetwork

LABELS = ("病因", "临床表现")
CHANNELS = {"病因": 1, "临床表现": 2}
SIZES = Sizes(width=16, n_kinds=2, n_types=2, n_features=N_FEATURES, head_width=4, max_name_chars=4)
CONFIG: dict[str, Any] = {
    "epochs": 12, "rate": 0.02, "dropout": 0.0, "batch_chars": 60, "partial": 1.0, "share": 0.5, "share_of_heads": 0.9,
}  # fmt: skip
LIMITS = {"heads": {"least": -2.0, "most": 3}, "tails": {"least": -2.0, "most": 5}}


def encoded(text: str) -> torch.Tensor:
    """A fixed random vector for each character."""
    generator = torch.Generator()
    return torch.stack([torch.randn(16, generator=generator.manual_seed(ord(char))) for char in text])


def example(text: str, *triples: tuple[str, str, str], whole: bool = True) -> Example:
    return Example(text, encoded(text), frozenset(triples), whole)


def sentence(disease: str, cause: str, sign: str, whole: bool = True) -> Example:
    text = f"{disease}因{cause}，有{sign}。"
    return example(text, ("病因", disease, cause), ("临床表现", disease, sign), whole=whole)


SENTENCES = [
    sentence(disease, cause, sign)
    for disease, cause, sign in product(("痛风", "肺炎", "癫痫"), ("饮酒", "感染", "遗传"), ("发热", "咳嗽", "头痛"))
]


def test_a_place_inside_a_longer_name_counts_only_where_there_is_no_other() -> None:
    """Anaemia stands by itself at 6, sickle at 0 only inside the longer name."""
    text = "镰状贫血是贫血"
    assert places_of(text, ["镰状贫血", "贫血", "镰状"]) == {
        "镰状贫血": [(0, 4)],
        "贫血": [(5, 7)],
        "镰状": [(0, 2)],
    }


def test_spans_to_learn_are_heads_and_tails_of_their_kind_that_are_short_enough() -> None:
    one = example("痛风因长期大量饮酒，致肿。", ("病因", "痛风", "长期大量饮酒"), ("临床表现", "痛风", "肿"))
    assert gold_spans(one, CHANNELS, longest=4) == [(0, 0, 1), (2, 11, 0)]
    assert gold_spans(one, CHANNELS, longest=6) == [(0, 0, 1), (1, 3, 5), (2, 11, 0)]


def test_loss_of_names_where_all_are_annotated_and_where_half_are() -> None:
    """Two spans of even odds, one of them annotated: each costs ln 2. Where half are annotated the other may be a name
    with p = 1/2, and its not being annotated has the chance 1 - 1/4."""
    logits, gold = torch.zeros(1, 1, 1, 2), tuple(torch.tensor([[0], [0], [0], [1]]))
    assert names_loss(logits, gold, None).item() == pytest.approx(2 * math.log(2))
    assert names_loss(logits, gold, torch.tensor([0.5])).item() == pytest.approx(math.log(2) - math.log(0.75))


def test_loss_of_pairs_where_all_are_annotated_and_where_half_are() -> None:
    """Four classes of even odds: a pair's own class has 1/4. A pair that is not annotated is related with 3/4, and has
    the chance 1 - 3/8 where half are annotated."""
    logits, targets = torch.zeros(2, 4), torch.tensor([2, 0])
    assert pairs_loss(logits, targets, None).item() == pytest.approx(2 * math.log(4))
    assert pairs_loss(logits, targets, 0.5).item() == pytest.approx(math.log(4) - math.log(1 - 3 / 8))


def test_an_epoch_sees_all_whole_texts_and_a_share_of_the_others_and_never_both_at_once() -> None:
    others = [sentence("痛风", "饮酒", "发热", whole=False) for _ in range(10)]
    rows = [*SENTENCES, *others]
    groups = groups_of(rows, {**CONFIG, "partial": 0.3}, random.Random(0), lambda row: row)
    assert sorted(map(id, SENTENCES)) == sorted(id(row) for group in groups for row in group if row.whole)
    assert sum(not row.whole for group in groups for row in group) == 3
    assert all(len({row.whole for row in group}) == 1 for group in groups)
    assert all(len(group) * max(len(row.text) for row in group) <= CONFIG["batch_chars"] for group in groups)


def test_names_start_as_the_entity_reader_s() -> None:
    """Its logit of a span, less one; what it knows of words in a lexicon is left out."""
    config = NetworkConfig(20, 16, 3, 1, char_width=4, bigram_width=4, width=16, dilations=(1,), head_width=4)
    entities = SpanNetwork(config, ("Disease", "Symptom")).eval()
    names = begun_names(SIZES, entities, {"start": ["Disease", "Symptom", "Symptom"], "dropout": 0.0}).eval()
    text = torch.randn(1, 5, 16)
    own = names(text, torch.tensor([5]))
    ends = entities.head.ends(text).view(1, 5, 2, -1)
    biases = ends[0, 2, 0, -2] + ends[0, 2, 0, -1] + entities.head.bias[0]
    first, last = ends[0, :, :, :4], ends[0, :, :, 4:8]
    assert own.shape == (1, 3, 5, 4)
    torch.testing.assert_close(own[0, 1], own[0, 2])
    # Of one character first and last are turned by the same angle, which leaves their product as it is.
    torch.testing.assert_close(own[0, 0, 2, 0], (first[2, 0] @ last[2, 0]) / 2 + biases - 1)


@pytest.fixture(scope="module")
def names() -> NameSpans:
    rows = [row for row in SENTENCES if "癫痫" not in row.text]
    return train_names(rows, NameSpans(SIZES), CHANNELS, CONFIG, seed=0)


def test_names_are_learnt(names: NameSpans) -> None:
    (row,) = (row for row in SENTENCES if row.text == "痛风因饮酒，有发热。")
    heads, tails = names_of(row.text, row.encoded, names, {role: {"least": 0.0, "most": 9} for role in LIMITS})
    assert [head.surface for head in heads] == ["痛风"]
    assert [tail.surface for tail in tails] == ["饮酒", "发热"]


def test_pairs_to_learn_hold_every_annotated_one_found_or_not(names: NameSpans) -> None:
    """Of two types of one pair the first counts; a head that was not found is there with all its places."""
    row = example("痛风因饮酒，癫痫也。", ("病因", "癫痫", "饮酒"), ("临床表现", "癫痫", "饮酒"))
    (learnt,) = learnt_pairs([row], names, LABELS, LIMITS)
    target = {(h.surface, t.surface): n for (h, t), n in zip(learnt.pairs.names, learnt.targets, strict=True)}
    assert target["癫痫", "饮酒"] == 1
    assert target["痛风", "饮酒"] == 0
    assert learnt_pairs([example("无")], names, LABELS, LIMITS) == []


def test_types_are_learnt(names: NameSpans) -> None:
    unseen = "痛风因饮酒，有发热。"
    rows = learnt_pairs(SENTENCES, names, LABELS, LIMITS)
    network = train_pairs([row for row in rows if row.example.text != unseen], SIZES, CONFIG, seed=0)
    (row,) = (row for row in rows if row.example.text == unseen)
    types = network(collate([(row.example.encoded, row.pairs)], [False])).argmax(-1)
    assert types.tolist() == list(row.targets)
    assert {1, 2} <= set(row.targets)
