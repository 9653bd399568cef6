"""Classes of an English text from its words, each by itself: a linear model over hashed words and pieces of words.

A folder holds `ngrams.safetensors` (float16). The card's `labels` stand in the order of the classes; its `settings`
hold `rows` (of the hashed table), `pieces` (the lengths of runs of characters, if any) and those of `class_scores`. The
networks of `token_classes` and `char_classes` may have such a model beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from taiyi.card import Card
from taiyi.predictors.readers.class_scores import named, probabilities
from taiyi.predictors.readers.pair_features import rows_of
from taiyi.predictors.readers.word_forms import TOKEN, word_form
from taiyi.segment import sentence_ends

WEIGHTS_FILE = "ngrams.safetensors"
PIECE_SIZES = (4, 5)
_STOP_WORDS = """\
a about above after again against all also an and any are as at be because been before being below between both but by
can could did do does doing down during each few for from further had has have having he her here hers him his how i
if in into is it its may me might more most must my no nor not of off on once only or other our ours out over own same
she should so some such than that the their theirs them then there these they this those through to too under until up
us very was we were what when where which while who whom whose why will with would you your yours"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that speak for no class; some corpora have them taken out."""
TITLE_CHARS = 400
"""The first sentence counts as far as this."""


class NgramModel(nn.Module):
    """A weight for each row of the hashed table and each class."""

    def __init__(self, n_rows: int, n_classes: int, pieces: Sequence[int] = PIECE_SIZES) -> None:
        super().__init__()
        self.pieces = tuple(pieces)
        self.weights = nn.Embedding(n_rows, n_classes)
        self.bias = nn.Parameter(torch.zeros(n_classes))
        nn.init.zeros_(self.weights.weight)

    @property
    def n_rows(self) -> int:
        """Rows of the hashed table."""
        return self.weights.num_embeddings

    def logits(self, rows: Tensor) -> Tensor:
        """The sum of the weights of what stands in a text, over the square root of how much that is.

        *Shape:* (texts, longest), -1 where there is none, -> (texts, classes).
        """
        found = (rows >= 0).sum(1, keepdim=True).clamp(min=1)
        weights = self.weights(rows.clamp(min=0)) * (rows >= 0)[..., None]
        logits: Tensor = weights.sum(1) / found**0.5 + self.bias
        return logits


@lru_cache(maxsize=1 << 16)
def word_rows(word: str, n_rows: int, sizes: tuple[int, ...] = PIECE_SIZES) -> tuple[int, ...]:
    """The rows of a word and of its pieces: runs of so many characters, its edges among them."""
    edged = f"<{word}>"
    pieces = (f"piece {edged[n : n + size]}" for size in sizes for n in range(len(edged) - size + 1))
    return tuple(rows_of([f"word {word}", *pieces], n_rows))


def words_of(text: str) -> Iterator[str]:
    """The words of an English text in lower case and in the singular, every digit a 0, without stop words."""
    forms = (word_form(token) for token in TOKEN.findall(text) if token[0].isalnum())
    return (singular(form) for form in forms if form not in STOP_WORDS)


def singular(word: str) -> str:
    """An English word without the ending of the plural, as far as letters tell."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


def text_rows(text: str, n_rows: int, sizes: tuple[int, ...] = PIECE_SIZES) -> list[int]:
    """The rows of everything in a text, each once: of its words, and of those of its first sentence once more."""
    rows = {row for word in set(words_of(text)) for row in word_rows(word, n_rows, sizes)}
    title = text[: sentence_ends(text[:TITLE_CHARS], "en")[0]]
    return sorted(rows.union(rows_of([f"title {word}" for word in words_of(title)], n_rows)))


def padded(rows: Iterable[Sequence[int]]) -> Tensor:
    """The rows of texts for `NgramModel`."""
    return nn.utils.rnn.pad_sequence([torch.tensor(row, dtype=torch.int64) for row in rows], True, -1)


@torch.inference_mode()
def logits_of(model: NgramModel, texts: Sequence[str]) -> Tensor:
    """*Shape:* (texts, classes)."""
    return model.logits(padded(text_rows(text, model.n_rows, model.pieces) for text in texts))


class ClassNgrams:
    """Loaded weights. Reading changes nothing in it: several threads may."""

    def __init__(self, model: NgramModel, labels: Sequence[str], settings: Mapping[str, Any]) -> None:
        self._model = model.eval()
        self._labels = tuple(labels)
        self._settings = settings

    def labels(self, text: str) -> list[tuple[str, float, bool]]:
        """(class, probability, whether it holds) of every class, the likeliest first. The text is read as a whole."""
        scores = probabilities(logits_of(self._model, [text]), self._settings)
        return named(scores, self._labels, self._settings)


def load_model(folder: Path, n_rows: int, n_classes: int, pieces: Sequence[int] = PIECE_SIZES) -> NgramModel:
    """The model of a folder. Raises ValueError where weights and card don't fit each other."""
    model = NgramModel(n_rows, n_classes, pieces)
    try:
        model.load_state_dict({name: value.float() for name, value in load_file(folder / WEIGHTS_FILE).items()})
    except (SafetensorError, RuntimeError) as error:
        raise ValueError(f"{WEIGHTS_FILE} does not fit the card: {error}") from error
    return model.eval()


def load(folder: Path, card: Card) -> ClassNgrams:
    """The reader of a folder. Raises ValueError where weights and card don't fit each other."""
    model = load_model(folder, card.settings["rows"], len(card.labels), card.settings["pieces"])
    return ClassNgrams(model, tuple(card.labels), card.settings)
