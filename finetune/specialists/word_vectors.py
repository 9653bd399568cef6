"""Word vectors from raw text: positive pointwise mutual information of words and their neighbours, factorized.

Left and right neighbours are told apart, up to four words away and weighted by distance; contexts are smoothed by the
power .75 (Levy, Goldberg, Dagan 2015, "Improving distributional similarity with lessons learned from word
embeddings"). Minutes on one core, no training loop.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from finetune.overlap import RAW_SHARE, Fingerprints
from taiyi.corpora import read_corpus
from taiyi.predictors.readers.word_forms import TOKEN, word_form

REACH = 4
SMOOTHING = 0.75


@dataclass(frozen=True, slots=True)
class VectorConfig:
    """`sources` are files of the raw folder, of each at most `max_chars` characters are read; `corpora` are read as
    plain text besides. In Chinese (`lang`) what gets a vector are characters and pairs of them."""

    lang: str
    sources: Sequence[str]
    corpora: Sequence[str] = ()
    max_chars: int = 40_000_000
    n_words: int = 25_000
    width: int = 96
    min_pair_count: float = 1.5


def iter_texts(data_dir: Path, config: VectorConfig, prints: Fingerprints) -> Iterator[str]:
    """Raw texts of which less than one segment in twenty stands in a test set; how many fell out goes to stderr."""
    for name in config.sources:
        read = dropped = 0
        with lzma.open(data_dir / "raw" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                text = "\n".join(str(record[key]) for key in ("title", "abstract", "text") if record.get(key))
                if not text and "messages" in record:
                    text = "\n".join(message["content"] for message in record["messages"])
                if prints.leaked(text, RAW_SHARE):
                    dropped += 1
                    continue
                read += len(text)
                yield text
                if read >= config.max_chars:
                    break
        print(f"{name}: {read:,} characters, {dropped} texts dropped as leaks", file=sys.stderr, flush=True)
    for name in config.corpora:
        for example in read_corpus(name, "train", data_dir):
            text = f"{example.request.text}\n{example.request.text_b}"
            if not prints.leaked(text, RAW_SHARE):
                yield text


def streams_of(text: str, lang: str) -> Iterator[list[str]]:
    """The forms of a text in the order in which they are neighbours; for Chinese also its pairs of characters, those
    that begin at even and those that begin at odd places, so that neighbours share no character."""
    forms = [word_form(token) for token in TOKEN.findall(text)]
    yield forms
    if lang == "zh":
        for first in (0, 1):
            yield ["".join(forms[n : n + 2]) for n in range(first, len(forms) - 1, 2)]


def word_vectors(texts: Iterable[str], config: VectorConfig, seed: int) -> tuple[list[str], NDArray[np.float32]]:
    """The most frequent words and, of unit mean length, their vectors (words, width)."""
    ids_by_word: dict[str, int] = {}
    pieces: list[NDArray[np.int32]] = []
    counts: Counter[int] = Counter()
    for text in texts:
        for forms in streams_of(text, config.lang):
            ids = [ids_by_word.setdefault(form, len(ids_by_word)) for form in forms]
            counts.update(ids)
            pieces.append(np.asarray([*ids, *[-1] * REACH], np.int32))
    words = list(ids_by_word)
    chosen = [index for index, _ in counts.most_common(config.n_words)]
    rank = np.full(len(words) + 1, -1, np.int64)
    rank[chosen] = np.arange(len(chosen))
    stream = rank[np.concatenate(pieces)]
    vectors = _factors(_pair_weights(stream, len(chosen), config.min_pair_count), len(chosen), config.width, seed)
    return [words[index] for index in chosen], vectors


def _pair_weights(
    stream: NDArray[np.int64], n: int, least: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Word, context (right neighbours, then left ones after `n`) and weight of every pair that weighs `least`."""
    keys: NDArray[np.int64] = np.empty(0, np.int64)
    weights: NDArray[np.float64] = np.empty(0)
    for distance in range(1, REACH + 1):
        left, right = stream[:-distance], stream[distance:]
        both = (left >= 0) & (right >= 0)
        found, counts = np.unique(left[both] * n + right[both], return_counts=True)
        keys, place = np.unique(np.concatenate([keys, found]), return_inverse=True)
        weights = np.bincount(place, np.concatenate([weights, counts / distance]), len(keys))
    keys, weights = keys[weights >= least], weights[weights >= least]
    left, right = keys // n, keys % n
    return np.concatenate([left, right]), np.concatenate([right, left + n]), np.concatenate([weights, weights])


def _factors(
    pairs: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]], n: int, width: int, seed: int
) -> NDArray[np.float32]:
    word, context, weight = pairs
    by_word = np.bincount(word, weight, n)
    by_context = np.bincount(context, weight, 2 * n) ** SMOOTHING
    information = np.log(weight * by_context.sum() / (by_word[word] * by_context[context]))
    positive = information > 0
    matrix = torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([word[positive], context[positive]])),
        torch.from_numpy(information[positive].astype(np.float32)),
        (n, 2 * n),
        check_invariants=False,
    ).coalesce()
    torch.manual_seed(seed)
    left, values, _ = torch.svd_lowrank(matrix, q=width + 16, niter=3)
    vectors = (left * values.sqrt())[:, :width].numpy()
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1).mean()
    return scaled


def cached_vectors(
    data_dir: Path, path: Path, config: VectorConfig, seed: int
) -> tuple[list[str], NDArray[np.float32]]:
    """The vectors in `path`, made and written there where there are none."""
    if not path.exists():
        prints = Fingerprints.of_tests(data_dir)
        words, vectors = word_vectors(iter_texts(data_dir, config, prints), config, seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, words=np.array(words), vectors=vectors.astype(np.float16))
    with np.load(path) as saved:
        return saved["words"].tolist(), saved["vectors"].astype(np.float32)
