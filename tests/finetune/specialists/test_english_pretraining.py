"""The encoder's first lessons: raw text in runs, hidden words, and guesses that get better."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from finetune.specialists.english_pretraining import PretrainingConfig, WordGuesser, WordStream, iter_runs, pretrain
from taiyi.predictors.readers.token_input import READERS
from taiyi.predictors.readers.token_network import Encoder, EncoderConfig

WORDS = ["zinc", "caused", "nausea", "iron", "rash"]
TEXTS = ["zinc caused nausea " * 20, "iron caused rash " * 20, "zinc"]
CONFIG = PretrainingConfig(minutes=0.05, batch=4, length=6, sample=8, width=8)


@pytest.fixture
def stream() -> WordStream:
    return WordStream.of(TEXTS, READERS["en"](WORDS), CONFIG.length)


def encoder() -> Encoder:
    torch.manual_seed(1)
    return Encoder(EncoderConfig("en", len(WORDS), 4, (4,) * 5, char_width=4, char_features=4, hidden=8))


def test_runs_are_whole_and_of_one_text(stream: WordStream) -> None:
    """Sixty tokens make ten runs of six; the third text is too short for one."""
    assert stream.runs.shape == (20, 6)
    assert [stream.words.known[n, 0] for n in stream.runs[0]] == [1, 2, 3, 1, 2, 3]
    assert [stream.words.known[n, 0] for n in stream.runs[-1]] == [4, 2, 5, 4, 2, 5]


def test_a_batch_is_what_the_reader_gives_for_the_same_text_but_for_hidden_words(stream: WordStream) -> None:
    rows = stream.runs[:2]
    hidden = np.zeros(rows.shape, bool)
    hidden[1, 2] = True
    batch = stream.batch(rows, hidden)
    tokens = READERS["en"](WORDS)("zinc caused nausea zinc caused nausea")
    assert (batch.known[0].numpy() == tokens.known).all()
    assert (batch.hashed[0].numpy() == tokens.hashed).all()
    assert (batch.chars[0].numpy() == tokens.chars).all()
    assert not batch.known[1, 2].any()
    assert not batch.hashed[1, 2].any()
    assert not batch.chars[1, 2].any()
    assert batch.lengths.tolist() == [6, 6]


def test_every_run_comes_once_before_any_comes_twice(stream: WordStream) -> None:
    numbered = WordStream(stream.words, np.arange(20, dtype=np.int32)[:, None])
    batches = iter_runs(numbered, CONFIG, random.Random(1))
    assert sorted(n for _ in range(5) for n in next(batches).ravel().tolist()) == list(range(20))


def test_the_sampled_loss_is_that_of_the_whole_vocabulary_where_every_word_is_sampled_alike() -> None:
    """With five equally frequent words the estimate from 200,000 samples is the loss of the full softmax."""
    guesser = WordGuesser(encoder(), np.array([0, 9, 9, 9, 9, 9]), CONFIG).eval()
    states, gold = torch.randn(3, 8), torch.tensor([1, 3, 5])
    others = torch.multinomial(guesser.share, 200_000, replacement=True)
    guesser.sample = 200_000
    narrow = torch.nn.functional.layer_norm(guesser.narrow[0](states), (8,))
    full = torch.nn.functional.cross_entropy(narrow @ guesser.words.weight[1:].T, gold - 1)
    assert guesser._loss(0, states, gold, others).item() == pytest.approx(full.item(), abs=0.01)


def test_guesses_get_better(stream: WordStream, capsys: pytest.CaptureFixture[str]) -> None:
    network = encoder()
    pretrain(network, stream, CONFIG, seed=1)
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in capsys.readouterr().err.splitlines()]
    assert losses[-1] < 0.8 * losses[0]
    assert next(network.parameters()).dtype == torch.bfloat16
