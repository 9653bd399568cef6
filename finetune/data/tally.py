"""What is counted while data is prepared: per source, per template, by length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from finetune.data.instruction import Instruction
from finetune.data.mixture import Row

LENGTH_BOUNDS = (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)

Measure = Callable[[str], int]
"""How long a text is: in characters, or in tokens."""


@dataclass(slots=True)
class SourceCounts:
    """One row of the mixture: documents read and set aside, instructions made, and what became of them.

    `leaks` counts documents by test set. `made` are instructions; `refused` counts those that can't be learnt, by
    reason, `duplicates` and `near_duplicates` those that an earlier one says, `over_cap` those beyond the row's cap.
    """

    row: Row
    documents: int = 0
    held_out: int = 0
    leaks: Counter[str] = field(default_factory=Counter)
    made: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    near_duplicates: int = 0
    over_cap: int = 0
    train: int = 0
    dev: int = 0


@dataclass(slots=True)
class Kept:
    """The training instructions that stay: by table row and language, by template, by type and length; the lengths of
    all turns, and of the assistant's, which are learnt, by type."""

    measure: Measure
    by_table: Counter[tuple[str, str]] = field(default_factory=Counter)
    templates: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lengths: dict[int, Counter[int]] = field(default_factory=lambda: {1: Counter(), 2: Counter()})
    longest: dict[int, int] = field(default_factory=dict)
    total_length: Counter[int] = field(default_factory=Counter)
    learnt_length: Counter[int] = field(default_factory=Counter)

    def add(self, instruction: Instruction, table: str) -> None:
        """Count an instruction."""
        self.by_table[table, instruction.lang] += 1
        if instruction.template is not None:
            self.templates[instruction.task, instruction.lang, instruction.template] += 1
        lengths = [(message.role, self.measure(message.content)) for message in instruction.messages]
        length = sum(length for _, length in lengths)
        kind = instruction.type
        self.learnt_length[kind] += sum(length for role, length in lengths if role == "assistant")
        self.lengths[kind][next((bound for bound in LENGTH_BOUNDS if length <= bound), 0)] += 1
        self.longest[kind] = max(self.longest.get(kind, 0), length)
        self.total_length[kind] += length
