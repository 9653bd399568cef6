"""Instruction data: corpora as questions and replies in token form, a file a corpus.

What a corpus asks and answers is written by the tasks themselves, so training, inference and scoring share one form.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finetune.nano.augment import any_template, entity_variants, lexicon_of
from finetune.nano.train import IGNORED, Batch
from taiyi.conversation import Conversation, Message, render
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.tasks import TASKS
from taiyi.tasks.base import Example

ALL_LABELS_SHARE = 0.7  # of classification prompts name every class; the others some, the right ones among them


@dataclass(frozen=True, slots=True)
class CorpusUse:
    """How a corpus is used: its weight among the instructions, questions made of each text, and bounds.

    `set_aside` names the parts (`taiyi.corpora.parts`) that are not trained on: "report" too, unless the corpus has a
    development part of its own to report on.
    """

    weight: float
    variants: int = 1
    max_examples: int = 1_000_000
    max_chars: int = 900  # of a passage; of text and answer together for other tasks
    set_aside: Sequence[str] = ("tune", "report")
    swap: float = 0.3  # share of passages whose names are replaced by others of their type


@dataclass(frozen=True, slots=True)
class Encoded:
    """Examples as tokens: `ids` and `mask` of all one after another; example n is `[starts[n], starts[n + 1])`."""

    ids: NDArray[np.uint16]
    mask: NDArray[np.bool_]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def save(self, path: Path) -> None:
        aside = path.with_suffix(".tmp.npz")
        np.savez(aside, ids=self.ids, mask=self.mask, starts=self.starts)
        aside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Encoded:
        with np.load(path) as saved:
            return cls(saved["ids"], saved["mask"], saved["starts"])


def training_examples(
    name: str, use: CorpusUse, data_dir: Path, leaked: Callable[[str], bool]
) -> tuple[list[Example], int]:
    """The corpus's training examples that are neither set aside nor held out, and how many were held out: those in a
    test set, as `leaked` says."""
    kept = []
    n_leaked = 0
    for example in read_corpus(name, "train", data_dir):
        if part_of(example.gold.text) in use.set_aside:
            continue
        if leaked(example.gold.text):
            n_leaked += 1
        else:
            kept.append(example)
    return kept, n_leaked


def questions(examples: Sequence[Example], use: CorpusUse, rng: random.Random) -> Iterator[Example]:
    """The examples as they are asked: `use.variants` times, each time in other words and with other labels."""
    chosen = list(examples)
    rng.shuffle(chosen)
    chosen = chosen[: use.max_examples]
    entity_like = [example for example in chosen if example.request.task == "entities"]
    lexicon = lexicon_of(example.gold for example in entity_like)
    for _ in range(use.variants):
        for example in chosen:
            if example.request.task == "entities":
                yield from entity_variants(example, lexicon, rng, max_chars=use.max_chars, swap=use.swap)
            elif len(example.gold.text) + len(example.gold.answer or "") <= use.max_chars:
                yield replace(example, request=any_template(_some_labels(example, rng), rng))


def _some_labels(example: Example, rng: random.Random) -> Any:
    request = example.request
    if request.task != "classify" or rng.random() < ALL_LABELS_SHARE:
        return request
    right = {label.name for label in example.gold.labels}
    others = [label for label in request.labels if label not in right]
    kept = right | set(rng.sample(others, rng.randint(min(1, len(others)), len(others))))
    return replace(request, labels=tuple(label for label in request.labels if label in kept))


def encode(examples: Iterable[Example], tokenizer: Any, max_tokens: int) -> Encoded:
    """The examples in the chat template; longer ones than `max_tokens` are left out."""
    ids: list[int] = []
    mask: list[int] = []
    starts = [0]
    for example in examples:
        task = TASKS[example.request.task]
        asked = task.prompt(example.request)
        reply = Message("assistant", task.render(example.gold, example.request))
        own_ids, own_mask = render(Conversation((*asked.messages, reply)), tokenizer)
        if len(own_ids) <= max_tokens:
            ids += own_ids
            mask += own_mask
            starts.append(len(ids))
    return Encoded(np.asarray(ids, np.uint16), np.asarray(mask, bool), np.asarray(starts, np.int64))


class InstructionBatches:
    """Sequences filled with whole examples; only replies, their end tokens included, are learnt.

    A share `replay` of the sequences is raw text instead, so that the model does not forget it. With `prompts` the
    questions are learnt too: every token then teaches the language of the field. What step n gets depends on n and the
    seed alone.
    """

    def __init__(
        self,
        corpora: Sequence[tuple[Encoded, float]],
        *,
        sequences: int,
        length: int,
        pad: int,
        seed: int,
        prompts: bool = False,
        replay: float = 0.0,
        raw: Callable[[np.random.Generator, int], NDArray[np.int64]] | None = None,
    ) -> None:
        filled = [(encoded, weight) for encoded, weight in corpora if len(encoded)]
        self._corpora = [encoded for encoded, _ in filled]
        weights = np.asarray([weight for _, weight in filled], dtype=float)
        self._weights = weights / weights.sum()
        self._sequences, self._length, self._pad, self._seed = sequences, length, pad, seed
        self._prompts, self._replay, self._raw = prompts, replay, raw

    def __call__(self, step: int) -> Batch:
        rng = np.random.default_rng((self._seed, 1, step))
        rows = [self._row(rng) for _ in range(self._sequences)]
        return np.stack([ids for ids, _ in rows]), np.stack([labels for _, labels in rows])

    def _row(self, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        n = self._length
        if self._raw is not None and rng.random() < self._replay:
            stretch = self._raw(rng, n + 1)
            return stretch[:-1], stretch[1:].copy()
        ids = np.full(n + 1, self._pad, np.int64)
        learnt = np.zeros(n + 1, bool)
        filled = misses = 0
        while misses < 6 and filled < n:
            corpus = self._corpora[rng.choice(len(self._corpora), p=self._weights)]
            which = int(rng.integers(len(corpus)))
            start, end = corpus.starts[which], corpus.starts[which + 1]
            if filled + end - start > n + 1:
                misses += 1
                continue
            ids[filled : filled + end - start] = corpus.ids[start:end]
            learnt[filled : filled + end - start] = corpus.mask[start:end] | self._prompts
            filled += int(end - start)
        return ids[:-1], np.where(learnt[1:], ids[1:], IGNORED)


def loaded(folder: Path, uses: Mapping[str, CorpusUse]) -> list[tuple[Encoded, float]]:
    """The encoded corpora that `folder` holds, with their weights."""
    return [
        (Encoded.load(folder / f"{name}.npz"), use.weight)
        for name, use in uses.items()
        if (folder / f"{name}.npz").exists()
    ]
