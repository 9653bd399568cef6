"""Corpora → examples → instructions in files: streamed, filtered, shuffled, the same bytes for the same seed and data.

Every instruction is made once and put into buckets on disk by a hash of seed and id; of each a few numbers stay in
memory. When all are made, duplicates and what is over a cap are known, and the buckets are written out one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from finetune.data.augment import Lexicon, lexicon_of
from finetune.data.instruction import Instruction, to_line
from finetune.data.leaks import Leak, LeakFilter, document_text
from finetune.data.ledger import EXACT, KEPT, NEAR, OVER_CAP, Ledger, Verdicts
from finetune.data.mixture import Mixture, Row
from finetune.data.moss import read_dialogues
from finetune.data.questions import instructions_of
from finetune.data.spool import Spool, sort_key
from finetune.data.tally import Kept, SourceCounts
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.errors import InputError
from taiyi.tasks.base import Example

PARTS = ("train", "dev")
FILES: Mapping[tuple[int, str], str] = {(kind, part): f"type{kind}.{part}.jsonl" for kind in (1, 2) for part in PARTS}
"""The files of instructions, by type and part."""
REMOVED_COLUMNS = ("corpus", "id", "reason", "detail")


@dataclass(slots=True)
class Build:
    """One run over a mixture's rows whose files are all at hand.

    `folder` is where the files are written and gets a folder `spool` for the time of the run. `limit` is how many
    documents of each row are read at most.
    """

    mixture: Mixture
    data_dir: Path
    folder: Path
    leaks: LeakFilter
    kept: Kept
    seed: int
    limit: int | None = None
    counts: list[SourceCounts] = field(default_factory=list)

    def run(self) -> Iterator[SourceCounts]:
        """Make the files; yields the counts of each row when it was read, which are complete when all is written."""
        with ExitStack() as stack:
            spool = stack.enter_context(Spool(self.folder / "spool"))
            ledger = Ledger(self.folder / "spool")
            stack.callback(ledger.close)
            removed = _Removed(stack.enter_context(_text_file(self.folder / "removed.tsv")))
            for number, row in enumerate(self.mixture.rows):
                self.counts.append(SourceCounts(row))
                self._read(number, row, spool, ledger, removed)
                yield self.counts[-1]
            verdicts = ledger.verdicts(self._caps(), self.mixture.near_duplicates)
            files = {key: stack.enter_context(_text_file(self.folder / name)) for key, name in FILES.items()}
            self._write(spool, ledger, verdicts, files, removed)

    def _caps(self) -> dict[int, int]:
        """The cap of each share that has one; a share's number is twice its row's, and one more for development."""
        rows = list(enumerate(self.mixture.rows))
        train = {2 * number: row.cap for number, row in rows if row.cap is not None}
        return train | {2 * number + 1: self.mixture.dev_cap for number, _ in rows}

    def _read(self, number: int, row: Row, spool: Spool, ledger: Ledger, removed: _Removed) -> None:
        """Put the instructions of a row into the spool."""
        counts, aside = self.counts[number], self.mixture.aside(row)
        lexicon = self._lexicon(row) if row.swap else None
        for example in islice(examples_of(row, self.data_dir), self.limit):
            counts.documents += 1
            part = part_of(example.gold.text)
            if part in aside.held_out:
                counts.held_out += 1
                continue
            leak = leak_of(example, self.leaks)
            if leak is not None:
                counts.leaks[leak.set] += 1
                what = f"{leak.set}: {leak.share:.0%} by {leak.how}"
                removed.add(row.corpus, f"{row.name}:{example.id}", "leak", what)
                continue
            pieces = "mention in pieces" if in_pieces(example) else ""
            for repeat, instruction in instructions_of(example, row, self.seed, lexicon):
                counts.made += 1
                reason = refusal(instruction, row) or pieces
                if reason:
                    counts.refused[reason] += 1
                    removed.add(row.corpus, instruction.id, reason)
                    continue
                key = sort_key(self.seed, instruction.id)
                share = 2 * number + (part in aside.dev)
                spool.add(key, ledger.add(instruction, key=key, share=share, repeat=repeat), to_line(instruction)[:-1])

    def _lexicon(self, row: Row) -> Lexicon:
        """The names of a corpus, of what is trained on alone."""
        apart = {*self.mixture.aside(row).held_out, *self.mixture.aside(row).dev}
        golds = (example.gold for example in examples_of(row, self.data_dir))
        return lexicon_of(gold for gold in golds if part_of(gold.text) not in apart)

    def _write(
        self,
        spool: Spool,
        ledger: Ledger,
        verdicts: Verdicts,
        files: Mapping[tuple[int, str], IO[str]],
        removed: _Removed,
    ) -> None:
        """Write what stays, and list the duplicates."""
        for number, line in spool.ordered(lambda number: True):
            counts, part = self.counts[ledger.shares[number] // 2], PARTS[ledger.shares[number] % 2]
            reason = int(verdicts.reasons[number])
            if reason == OVER_CAP:
                counts.over_cap += 1
            elif reason in (EXACT, NEAR):
                counts.duplicates += reason == EXACT
                counts.near_duplicates += reason == NEAR
                twin = ledger.id_of(int(verdicts.twins[number]))
                name = "duplicate" if reason == EXACT else "near duplicate"
                removed.add(counts.row.corpus, ledger.id_of(number), name, twin)
            else:
                assert reason == KEPT
                files[counts.row.type, part].write(line + "\n")
                counts.train += part == "train"
                counts.dev += part == "dev"
                if part == "train":
                    self.kept.add(Instruction.from_dict(json.loads(line)), counts.row.table)


class _Removed:
    """The list of what was left out, and why."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._write(*REMOVED_COLUMNS)

    def add(self, corpus: str, id: str, reason: str, detail: str = "") -> None:
        self._write(corpus, id, reason, detail)

    def _write(self, *cells: str) -> None:
        self._file.write("\t".join(" ".join(cell.split()) for cell in cells) + "\n")


def _text_file(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", newline="\n")


def examples_of(row: Row, data_dir: Path) -> Iterator[Example]:
    """The examples of a row's corpus or files. Raises InputError where they are of another task than the row says, and
    the readers' errors."""
    if row.files:
        for name in row.files:
            yield from read_dialogues(data_dir / name, row.corpus)
        return
    for example in read_corpus(row.corpus, row.split, data_dir):
        if example.request.task != row.task:
            raise InputError(
                f"The mixture says that {row.corpus} has the task {row.task}, but its task is {example.request.task}."
            )
        yield example


def leak_of(example: Example, leaks: LeakFilter) -> Leak | None:
    """The leak of one of the example's texts: what it asks about, what was said before, or the answer; None where none
    stands in a test set."""
    request = example.request
    said = "\n".join(message.content for message in request.history)
    texts = (document_text(request), request.text_b, said, example.gold.answer)
    return next(filter(None, (leaks.leak(text) for text in texts if text)), None)


def in_pieces(example: Example) -> bool:
    """Whether an annotated mention has several places: as one name it does not stand in the text, and a reply must not
    say what is not there."""
    return any(len(entity.spans) > 1 for entity in example.gold.entities)


def refusal(instruction: Instruction, row: Row) -> str:
    """Why an instruction can't be learnt: "empty reply", "empty prompt" or "too long"; "" where it can."""
    for message in instruction.messages:
        if not message.content.strip():
            return "empty reply" if message.role == "assistant" else "empty prompt"
    length = sum(len(message.content) for message in instruction.messages)
    return "too long" if row.max_chars is not None and length > row.max_chars else ""
