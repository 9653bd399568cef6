"""Instruction data as tokens: what is learnt of it, and how it is packed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finetune.data.build import FILES
from finetune.data.instruction import Instruction, write_instructions
from finetune.data.mixture import Row
from finetune.nano.data import Encoded, InstructionBatches, encode, loaded
from finetune.nano.template import END
from finetune.nano.train import IGNORED
from taiyi.conversation import Message

REPLY = "Chemical: aspirin\nDisease: headache"


def _instruction(n: int, corpus: str = "bc5cdr", reply: str = REPLY, type: int = 1) -> Instruction:
    messages = (
        Message("user", "Identify Chemical, Disease: Aspirin relieved the headache."),
        Message("assistant", reply),
    )
    return Instruction(f"{corpus}:{n}", corpus, "entities", "en", type, None, messages, {})


def _prepared(folder: Path, *instructions: Instruction) -> Path:
    folder.mkdir()
    for (kind, part), name in FILES.items():
        own = [instruction for instruction in instructions if instruction.type == kind and part == "train"]
        write_instructions(folder / name, own)
    return folder


@pytest.fixture
def encoded(tokenizer: Any, tmp_path: Path) -> Encoded:
    encode(_prepared(tmp_path / "made", *map(_instruction, range(3))), tmp_path / "tokens", tokenizer, 400)
    return Encoded.load(tmp_path / "tokens" / "bc5cdr.npz")


def _batches(encoded: Encoded, seed: int = 1, length: int = 400) -> InstructionBatches:
    return InstructionBatches([(encoded, 1.0)], sequences=2, length=length, pad=0, seed=seed)


def test_replies_and_their_end_tokens_alone_are_learnt(encoded: Encoded, tokenizer: Any) -> None:
    ids, labels = _batches(encoded)(0)
    learnt = tokenizer.decode(labels[0][labels[0] != IGNORED])
    assert learnt and learnt == (REPLY + END) * learnt.count(END)
    places = [place for place in np.flatnonzero(labels[0] != IGNORED) if place + 1 < ids.shape[1]]
    assert all(labels[0][place] == ids[0][place + 1] for place in places)


def test_what_a_step_gets_depends_on_seed_and_step_alone(encoded: Encoded) -> None:
    first, again = _batches(encoded), _batches(encoded)
    again(0)
    assert all(np.array_equal(a, b) for a, b in zip(first(5), again(5), strict=True))


def test_each_corpus_has_a_file_with_all_its_conversations_that_fit(tokenizer: Any, tmp_path: Path) -> None:
    long = _instruction(1, "biored", "Chemical: " + "aspirin; " * 200)
    folder = _prepared(tmp_path / "made", _instruction(1), _instruction(2, "mqp", type=2), long)
    counts = encode(folder, tmp_path / "tokens", tokenizer, 400)
    assert {corpus: (own.conversations, own.skipped) for corpus, own in counts.items()} == {
        "bc5cdr": (1, 0),
        "biored": (1, 1),
        "mqp": (1, 0),
    }
    assert [len(Encoded.load(tmp_path / "tokens" / f"{name}.npz")) for name in counts] == [1, 0, 1]


def test_a_stage_draws_from_the_corpora_of_its_types(tokenizer: Any, tmp_path: Path) -> None:
    folder = _prepared(tmp_path / "made", _instruction(1), _instruction(2, "mqp", type=2))
    encode(folder, tmp_path / "tokens", tokenizer, 400)
    rows = [Row("bc5cdr", "entities", 1, weight=3.0), Row("mqp", "similarity", 2, weight=2.0)]
    assert [weight for _, weight in loaded(tmp_path / "tokens", rows, (1,))] == [3.0]
    assert [weight for _, weight in loaded(tmp_path / "tokens", rows, (1, 2))] == [3.0, 2.0]


def test_weights_are_shares_of_the_tokens(tokenizer: Any, tmp_path: Path) -> None:
    """Of two corpora of equal weight, one with conversations about five times as long, each gives half the tokens."""
    long = _instruction(1, "biored", "\n".join([REPLY] * 8))
    encode(_prepared(tmp_path / "made", _instruction(1), long), tmp_path / "tokens", tokenizer, 2000)
    corpora = [(Encoded.load(tmp_path / "tokens" / f"{name}.npz"), 1.0) for name in ("bc5cdr", "biored")]
    batches = InstructionBatches(corpora, sequences=8, length=2000, pad=0, seed=1)
    drawn = [ids for step in range(10) for ids in batches(step)[0]]
    short, longer = (encoded.ids[encoded.mask].tolist() for encoded, _ in corpora)
    n_learnt = [sum(_count(row.tolist(), reply) for row in drawn) for reply in (short, longer)]
    n_tokens = [n * len(encoded.ids) for n, (encoded, _) in zip(n_learnt, corpora, strict=True)]
    assert 0.35 < n_tokens[0] / sum(n_tokens) < 0.65


def _count(row: list[int], piece: list[int]) -> int:
    return sum(row[start : start + len(piece)] == piece for start in range(len(row) - len(piece) + 1))
