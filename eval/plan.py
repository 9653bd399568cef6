"""Which examples of a set are answered, and in what order.

Both depend on the full list and the seed alone, never on what is already done, so a run that is taken up again goes on
where it stopped, with the same neighbours side by side.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.sets import EvalSet, eval_set, find_source, load_sets, read_set, source_note
from taiyi.errors import FormatError
from taiyi.tasks.base import Example

Note = Callable[[str], None]
"""Takes a sentence for the person who waits."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of each set is scored: of a split ("test" or "dev") `sample` examples at random, of these the first `limit`;
    None is all."""

    split: str = "test"
    sample: int | None = None
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SetPlan:
    """A set with the examples of it that are scored, and the files that they come from."""

    eval_set: EvalSet
    examples: Sequence[Example]
    files: tuple[str, ...]
    note: str = ""

    def asked_with(self, template: str) -> SetPlan:
        """The same plan with another prompt template."""
        asked = [replace(e, request=replace(e.request, template=template)) for e in self.examples]
        return replace(self, examples=asked)


def plans(names: Sequence[str], part: Part, data_dir: Path, note: Note) -> tuple[list[SetPlan], dict[str, str]]:
    """The sets to run, and for each one that is missing the reason; `note` is told what is not as the paper has it.

    Without `names` all sets whose files are found. Raises InputError for a name that is not known, and FormatError
    where a set that was named is missing, or a file is corrupt.
    """
    found, missing = [], {}
    for name in names or load_sets():
        try:
            found.append(_plan(eval_set(name), part, data_dir))
        except FormatError as error:
            if names or error.code != "corpus_missing":
                raise
            missing[name] = str(error)
    for plan in found:
        if plan.note:
            note(plan.note)
    return found, missing


def _plan(row: EvalSet, part: Part, data_dir: Path) -> SetPlan:
    found = find_source(row, part.split, data_dir)
    examples = read_set(row, part.split, data_dir)
    files = tuple(str(path.relative_to(data_dir)) for path in found.paths)
    told = source_note(row, part.split, found.source, len(examples)) or ""
    return SetPlan(row, chosen(examples, part), files, told)


def chosen(examples: Sequence[Example], part: Part) -> list[Example]:
    """The examples that are scored, in the order of the files."""
    places: Sequence[int] = range(len(examples))
    if part.sample is not None and part.sample < len(examples):
        places = sorted(random.Random(part.seed).sample(places, part.sample))
    return [examples[place] for place in places[: part.limit]]


def planned(examples: Sequence[Example]) -> list[Example]:
    """The examples in the order in which they are answered: the longest first.

    Texts of a length are then decoded side by side, and none that takes long is left for the end, when it would run
    alone.
    """
    return sorted(examples, key=lambda example: -_n_chars(example))


def _n_chars(example: Example) -> int:
    request = example.request
    return len(request.text) + len(request.question) + len(request.text_b) + sum(map(len, request.options))
