"""Instruction files become token files: once, whole, and with what did not fit counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finetune.data.instruction import write_instructions
from finetune.training.replies import runs_of
from finetune.training.tokens import Encoder, TokenCounts, tokenized
from taiyi.conversation import Conversation, Message, render
from taiyi.engine.loading import ChatTokenizer, load_tokenizer
from taiyi.errors import InputError
from tests.finetune.training.made_run import DIALOGUE, instruction

SHORT = (Message("user", "Cough?"), Message("assistant", "None"))
LONG = (Message("user", "The patient was given metformin. " * 40), Message("assistant", "Chemical: metformin"))


@pytest.fixture(scope="module")
def tokenizer(base_of: Callable[[str], Path]) -> Any:
    return load_tokenizer(str(base_of("llama")))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A short conversation, one that is longer than 128 tokens, a dialogue."""
    path = tmp_path / "type1.train.jsonl"
    rows = (instruction(n, messages) for n, messages in enumerate((SHORT, LONG, DIALOGUE)))
    write_instructions(path, rows)
    return path


def encoder(tokenizer: Any, max_length: int = 128, too_long: str = "skip") -> Encoder:
    return Encoder(tokenizer, "made", max_length=max_length, too_long=too_long)


def test_a_token_file_holds_what_rendering_gives(source: Path, tokenizer: Any) -> None:
    found = tokenized(source, encoder(tokenizer, max_length=1024), quiet=True)
    assert len(found) == 3
    for n, messages in enumerate((SHORT, LONG, DIALOGUE)):
        ids, mask = render(Conversation(messages), ChatTokenizer(tokenizer))
        assert [list(part) for part in found[n]] == [ids, [bool(learnt) for learnt in mask]]


def test_a_conversation_longer_than_the_window_is_skipped_and_counted(source: Path, tokenizer: Any) -> None:
    found = tokenized(source, encoder(tokenizer), quiet=True)
    assert len(found) == 2
    assert (found.counts.conversations, found.counts.skipped, found.counts.cut) == (3, 1, 0)
    assert found.counts.tokens == len(found.ids) == sum(found.lengths)
    assert found.counts.learnt == int(found.mask.sum())


def test_a_dialogue_longer_than_the_window_is_cut_at_a_turn(tmp_path: Path, tokenizer: Any) -> None:
    """The window holds all but the last token, so the last turn goes as a whole."""
    source = tmp_path / "type2.train.jsonl"
    write_instructions(source, [instruction(0, DIALOGUE)])
    length = len(render(Conversation(DIALOGUE), ChatTokenizer(tokenizer))[0])
    found = tokenized(source, encoder(tokenizer, length - 1, "cut"), quiet=True)
    ids, mask = found[0]
    assert (found.counts.skipped, found.counts.cut) == (0, 1)
    assert tokenizer.decode(ids).endswith("多久了？<|eot_id|>")
    assert len(runs_of(list(mask))) == 1
    assert mask[-1]


def test_a_file_is_read_once_for_a_tokenizer_a_template_and_a_window(
    source: Path, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def folders() -> int:
        return len(list((source.parent / "tokens").iterdir()))

    first = tokenized(source, encoder(tokenizer), quiet=True)
    assert np.array_equal(tokenized(source, encoder(tokenizer), quiet=True).ids, first.ids)
    assert folders() == 1
    tokenized(source, encoder(tokenizer, max_length=64), quiet=True)
    assert folders() == 2
    monkeypatch.setattr(tokenizer, "chat_template", tokenizer.chat_template.replace("\n\n", "\n"))
    tokenized(source, encoder(tokenizer), quiet=True)
    assert folders() == 3
    with source.open("a", encoding="utf-8") as file:
        file.write(source.read_text(encoding="utf-8"))
    assert len(tokenized(source, encoder(tokenizer), quiet=True)) == 4
    assert folders() == 4


def test_a_half_written_token_file_is_written_anew(source: Path, tokenizer: Any) -> None:
    tokenized(source, encoder(tokenizer), quiet=True)
    (folder,) = (source.parent / "tokens").iterdir()
    (folder / "counts.json").unlink()
    (folder / "ids").write_bytes(b"\0\0\0\0")
    assert len(tokenized(source, encoder(tokenizer), quiet=True)) == 2


def test_an_empty_reply_is_refused_with_file_and_line(tmp_path: Path, tokenizer: Any) -> None:
    source = tmp_path / "type1.train.jsonl"
    write_instructions(source, [instruction(0, SHORT), instruction(7, (SHORT[0], Message("assistant", " ")))])
    with pytest.raises(InputError, match=r"type1\.train\.jsonl:2: message 2 of made:7 is an empty reply"):
        tokenized(source, encoder(tokenizer), quiet=True)
    assert list((tmp_path / "tokens").iterdir()) == []


def test_a_file_that_is_missing_names_the_verb_that_makes_it(tmp_path: Path, tokenizer: Any) -> None:
    with pytest.raises(InputError, match=r"type2\.train\.jsonl cannot be read .* finetune prepare makes"):
        tokenized(tmp_path / "type2.train.jsonl", encoder(tokenizer), quiet=True)


def test_counts_are_added_field_by_field() -> None:
    assert TokenCounts(1, 0, 1, 5, 2) + TokenCounts(2, 1, 0, 7, 3) == TokenCounts(3, 1, 1, 12, 5)
