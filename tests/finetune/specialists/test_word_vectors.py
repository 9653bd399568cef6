"""Word vectors: words in like surroundings come to lie together."""

from __future__ import annotations

import random

import numpy as np

from finetune.specialists.word_vectors import VectorConfig, streams_of, word_vectors


def test_words_in_like_surroundings_lie_together() -> None:
    """Drugs are taken and animals run, in random sentences; nothing else tells them apart."""
    rng = random.Random(1)
    drugs, animals = ["zinc", "iron", "copper"], ["mouse", "rat", "rabbit"]
    texts = [f"patients took {rng.choice(drugs)} daily with water" for _ in range(300)]
    texts += [f"one {rng.choice(animals)} ran through the long maze" for _ in range(300)]
    words, vectors = word_vectors(texts, VectorConfig("en", (), n_words=40, width=4), seed=1)
    by_word = {word: row / np.linalg.norm(row) for word, row in zip(words, vectors, strict=True)}
    assert by_word["zinc"] @ by_word["iron"] > by_word["zinc"] @ by_word["mouse"] + 0.3


def test_chinese_has_characters_and_pairs_that_share_none_with_their_neighbours() -> None:
    assert list(streams_of("头痛吃药", "zh")) == [["头", "痛", "吃", "药"], ["头痛", "吃药"], ["痛吃"]]
    assert list(streams_of("Il2 up", "en")) == [["il0", "up"]]
