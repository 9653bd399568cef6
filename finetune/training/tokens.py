"""Instruction files as token files: ids and what is learnt, memory-mapped, made once for file, tokenizer and window."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from finetune.data.instruction import Instruction, read_instructions
from finetune.training.replies import Sequence, cut, end_of_reply, sequences_of
from taiyi.engine.loading import ChatTokenizer
from taiyi.errors import InputError

FORMAT = 1
"""Changes when the same settings make other files."""
_COLUMNS = {"ids": "<u4", "mask": "u1", "starts": "<i8"}


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """What became of a file's conversations. `skipped` were longer than the window; `cut` lost their last turns to it,
    and are counted among what is used."""

    conversations: int = 0
    skipped: int = 0
    cut: int = 0
    tokens: int = 0
    learnt: int = 0

    def __add__(self, other: TokenCounts) -> TokenCounts:
        added = Counter(asdict(self)) + Counter(asdict(other))
        return TokenCounts(**added)


@dataclass(frozen=True, slots=True)
class Tokenized:
    """Sequences on disk: `ids` and `mask` of all of them, one after the other; the n-th begins at `starts[n]`."""

    ids: NDArray[np.uint32]
    mask: NDArray[np.uint8]
    starts: NDArray[np.int64]
    counts: TokenCounts
    source_sha256: str

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Ids and mask of one sequence."""
        part = slice(self.starts[n], self.starts[n + 1])
        return self.ids[part].astype(np.int64), self.mask[part].astype(bool)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each sequence."""
        lengths: NDArray[np.int64] = np.diff(self.starts)
        return lengths


class Encoder:
    """Conversations to sequences for one tokenizer and window. Inference renders with the same chat tokenizer."""

    def __init__(self, tokenizer: Any, name: str, *, max_length: int, too_long: str) -> None:
        """Raises ModelError where the tokenizer's chat template cannot be trained with."""
        self.max_length = max_length
        self.too_long = too_long
        self.chat = ChatTokenizer(tokenizer)
        self.end = end_of_reply(self.chat, tokenizer, name)
        self._tokenizer = tokenizer

    def __call__(self, instruction: Instruction) -> tuple[list[Sequence], TokenCounts]:
        """The sequences to learn from, none longer than the window, and what became of the conversation.

        Raises InputError for an empty reply.
        """
        for n, message in enumerate(instruction.messages, start=1):
            if message.role == "assistant" and not message.content.strip():
                raise InputError(
                    f"message {n} of {instruction.id} is an empty reply; python -m finetune lint finds all."
                )
        whole = sequences_of(instruction.messages, self.chat, self.end)
        kept = [self._fitted(sequence) for sequence in whole]
        used = [sequence for sequence in kept if sequence is not None]
        return used, TokenCounts(
            conversations=1,
            skipped=int(not used),
            cut=int(bool(used) and used != whole),
            tokens=sum(len(sequence.ids) for sequence in used),
            learnt=sum(sum(sequence.mask) for sequence in used),
        )

    def fingerprint(self) -> str:
        """A hash of all that decides what a conversation becomes."""
        tokenizer = self._tokenizer
        known = tokenizer.backend_tokenizer.to_str() if tokenizer.is_fast else sorted(tokenizer.get_vocab().items())
        parts = [FORMAT, known, tokenizer.chat_template, self.end, self.max_length, self.too_long]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8")).hexdigest()

    def _fitted(self, sequence: Sequence) -> Sequence | None:
        if len(sequence.ids) <= self.max_length:
            return sequence
        return cut(sequence, self.end, self.max_length) if self.too_long == "cut" else None


def tokenized(source: Path, encoder: Encoder, *, quiet: bool = False) -> Tokenized:
    """The token file of `source`, made in `tokens/` beside it unless it is there already.

    Raises InputError, with file and line, for what cannot be read or learnt, and where there is no room.
    """
    sha256 = file_sha256(source)
    key = hashlib.sha256(f"{sha256} {encoder.fingerprint()}".encode()).hexdigest()[:16]
    folder = source.parent / "tokens" / f"{source.name.removesuffix('.jsonl')}-{key}"
    if not (folder / "counts.json").is_file():
        aside = folder.with_name(f".{folder.name}.{os.getpid()}")
        try:
            aside.mkdir(parents=True, exist_ok=True)
            _write(source, aside, encoder, quiet)
            shutil.rmtree(folder, ignore_errors=True)
            aside.replace(folder)
        except OSError as error:
            raise InputError(f"{folder}: the tokens cannot be written ({error.strerror}).") from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    counts = TokenCounts(**json.loads((folder / "counts.json").read_text(encoding="utf-8")))
    columns = {name: _mapped(folder / name, dtype) for name, dtype in _COLUMNS.items()}
    return Tokenized(**columns, counts=counts, source_sha256=sha256)


def file_sha256(path: Path) -> str:
    """The hex digest of a file. Raises InputError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); python -m finetune prepare makes the instruction files."
        ) from error


def _write(source: Path, folder: Path, encoder: Encoder, quiet: bool) -> None:
    counts, position = TokenCounts(), 0
    files: dict[str, IO[bytes]] = {name: (folder / name).open("wb") for name in _COLUMNS}
    try:
        _append(files, "starts", [0])
        for sequences, own in _encoded(source, encoder, quiet):
            counts += own
            for sequence in sequences:
                position += len(sequence.ids)
                _append(files, "ids", sequence.ids)
                _append(files, "mask", sequence.mask)
                _append(files, "starts", [position])
    finally:
        for file in files.values():
            file.close()
    (folder / "counts.json").write_text(json.dumps(asdict(counts)), encoding="utf-8")


def _encoded(source: Path, encoder: Encoder, quiet: bool) -> Iterator[tuple[list[Sequence], TokenCounts]]:
    rows = tqdm(
        read_instructions(source), desc=source.name, unit=" rows", file=sys.stderr, mininterval=1, disable=quiet
    )
    for line, instruction in rows:
        try:
            yield encoder(instruction)
        except (InputError, ValueError) as error:
            raise InputError(f"{source}:{line}: {error}") from error


def _append(files: dict[str, IO[bytes]], column: str, values: list[int]) -> None:
    files[column].write(np.asarray(values, dtype=_COLUMNS[column]).tobytes())


def _mapped(path: Path, dtype: str) -> Any:
    """The file as an array; an empty file cannot be mapped."""
    return np.memmap(path, dtype=dtype, mode="r") if path.stat().st_size else np.empty(0, dtype=dtype)
