"""What is known of every instruction while data is prepared: a few numbers each, and which of them stay."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finetune.data.duplicates import NONE, Rows, exact_twins, near_twins
from finetune.data.instruction import Instruction
from finetune.data.leaks import document_text
from finetune.data.minhash import PLACES, Signature, signature
from taiyi.corpora.parts import normal_form

KEPT, EXACT, NEAR, OVER_CAP = range(4)
PAIRS = frozenset({"similarity", "entailment"})
"""Tasks whose labels may hang on one word of two like texts: near duplicates of them stay."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """For each row (n,) whether it stays (KEPT) or why not, and the row that it says again (NONE where there is
    none)."""

    reasons: NDArray[np.uint8]
    twins: Rows


class Ledger:
    """The rows in the order in which they were made. Signatures and ids are files in `folder`, one of a kind for all
    instructions of a document that follow each other."""

    def __init__(self, folder: Path) -> None:
        self._signatures = folder / "signatures.u32"
        self._ids = folder / "ids.txt"
        self._signature_file = self._signatures.open("wb")
        self._id_file = self._ids.open("wb")
        self.keys, self.exact, self.groups = array("Q"), array("Q"), array("Q")
        self.content, self.id_ends = array("q"), array("q")
        self.shares, self.near = array("H"), array("B")
        self._last_content = ""
        self._n_contents = 0

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, instruction: Instruction, *, key: int, share: int, repeat: int = 0) -> int:
        """Note an instruction that belongs to the `share` (a number of source and part); its number. Instructions of
        different repeats of a question are no duplicates of each other."""
        number = len(self.keys)
        content = _content(instruction)
        if content != self._last_content or not number:
            self._signature_file.write(_signature(content, instruction).tobytes())
            self._last_content, self._n_contents = content, self._n_contents + 1
        group = f"{repeat}\t{_group(instruction)}"
        self.keys.append(key)
        self.exact.append(_hash(f"{group}\n{normal_form(content)}\n{normal_form(instruction.reply)}"))
        self.groups.append(_hash(group))
        self.content.append(self._n_contents - 1)
        self.shares.append(share)
        self.near.append(instruction.task not in PAIRS)
        self._id_file.write(instruction.id.encode("utf-8"))
        self.id_ends.append(self._id_file.tell())
        return number

    def id_of(self, number: int) -> str:
        """The id of a row."""
        self._id_file.flush()
        start = self.id_ends[number - 1] if number else 0
        with self._ids.open("rb") as file:
            file.seek(start)
            return file.read(self.id_ends[number] - start).decode("utf-8")

    def verdicts(self, caps: dict[int, int], threshold: float | None) -> Verdicts:
        """Which rows stay: of duplicates the first; then, of each share, as many as its cap, those with the lowest
        keys."""
        self._signature_file.flush()
        reasons = np.full(len(self), KEPT, dtype=np.uint8)
        twins = exact_twins(_numbers(self.exact))
        reasons[twins != NONE] = EXACT
        if threshold is not None and len(self):
            near = self._near(reasons == KEPT, threshold)
            reasons[near != NONE] = NEAR
            twins = np.where(near != NONE, near, twins)
        shares, keys = np.asarray(self.shares), _numbers(self.keys)
        for share, cap in caps.items():
            rows = np.flatnonzero((shares == share) & (reasons == KEPT))
            reasons[rows[np.argsort(keys[rows], kind="stable")[cap:]]] = OVER_CAP
        return Verdicts(reasons, twins)

    def _near(self, left: NDArray[np.bool_], threshold: float) -> Rows:
        signatures = np.memmap(self._signatures, dtype=np.uint32, mode="r").reshape(-1, PLACES)
        candidates = left & np.asarray(self.near, dtype=bool)
        content = np.asarray(self.content, dtype=np.int64)
        return near_twins(signatures, content, _numbers(self.groups), candidates, threshold)

    def close(self) -> None:
        """Close the files."""
        self._signature_file.close()
        self._id_file.close()


def _content(instruction: Instruction) -> str:
    """What an instruction is about, without the words of its template; the reply too where it is free text, since
    questions are asked often and answered well in many ways."""
    request = instruction.to_request()
    said = [message.content for message in request.history]
    extracted = any((request.labels, request.options))
    return "\n".join((*said, document_text(request), *request.options, *(() if extracted else (instruction.reply,))))


def _group(instruction: Instruction) -> str:
    """What two instructions must have in common to be duplicates: task, languages, labels and roles."""
    request = instruction.to_request()
    asked = (*sorted(request.labels), *sorted(request.roles))
    return "\t".join((request.task, request.lang, request.text_lang, *asked))


def _signature(content: str, instruction: Instruction) -> Signature:
    return signature(content, instruction.request.get("text_lang", "en"))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")


def _numbers(values: array[int]) -> NDArray[np.uint64]:
    return np.asarray(values, dtype=np.uint64)
