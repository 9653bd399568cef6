"""The networks: what stands beside a text in a batch does not change what is read from it."""

from __future__ import annotations

import pytest
import torch

from taiyi.predictors.readers.token_input import READERS
from taiyi.predictors.readers.token_network import Classifier, EncoderConfig, Tagger, collate


def config(lang: str) -> EncoderConfig:
    return EncoderConfig(lang, 4, 6, (5,) * len(READERS[lang].tables), char_width=4, char_features=6, hidden=7)


@pytest.mark.parametrize("lang", sorted(READERS))
@torch.inference_mode()
def test_padding_changes_nothing(lang: str) -> None:
    """A text alone, and beside a longer one: the same logits up to rounding."""
    torch.manual_seed(1)
    read = READERS[lang](["the", "头"])
    short, long = read("the 头痛"), read("the long 头痛又发热 text, which goes on")
    tagger, classifier = Tagger(config(lang), {"a": 5}).eval(), Classifier(config(lang), 3).eval()
    alone, together = tagger(collate([short]), "a"), tagger(collate([short, long]), "a")
    torch.testing.assert_close(alone[0], together[0, : len(short)], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        classifier(collate([short]))[0], classifier(collate([short, long]))[0], atol=1e-5, rtol=1e-5
    )


@torch.inference_mode()
def test_a_text_without_tokens_is_read_too() -> None:
    read = READERS["en"]([])
    assert Classifier(config("en"), 3).eval()(collate([read(" ")])).isfinite().all()


def test_word_vectors_are_not_learnt_but_saved() -> None:
    network = Classifier(config("en"), 3)
    assert "encoder.vectors" in network.state_dict()
    assert "encoder.vectors" not in dict(network.named_parameters())
