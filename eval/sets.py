"""The evaluation sets: the rows of `sets.yaml`, and their examples as they are asked and scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from taiyi.corpora import read_corpus
from taiyi.corpora.parts import Part, part_of
from taiyi.errors import FormatError, InputError
from taiyi.tasks.base import Example

SETS_FILE = Path(__file__).parent / "sets.yaml"
SPLITS = ("test", "dev")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the examples of a split come from: a split of a corpus, or a part of one that is also trained on.

    `size` is the official number of examples where it isn't the set's; `note` what a reader of a score must know.
    """

    corpus: str
    split: str
    part: Part | None = None
    size: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EvalSet:
    """One row of `sets.yaml`.

    `table` is the group of the paper's tables ("NER", "RE", "TC", "QA-mc" of Table 2, "BioRED" for Table 3; "" for an
    extra set), `size` the official number of test examples, counted in `unit`. `labels` are those asked for; empty
    where they are all of the corpus. `test` and `dev` are alternatives: the first that is at hand counts.
    """

    name: str
    task: str
    metric: str
    lang: str
    unit: str
    template: str
    get: str
    test: tuple[Source, ...]
    dev: tuple[Source, ...]
    table: str = ""
    extra: bool = False
    size: int | None = None
    labels: tuple[str, ...] = ()

    def sources(self, split: str) -> tuple[Source, ...]:
        """The alternatives of a split. Raises InputError where there is no such split."""
        if split not in SPLITS:
            raise InputError(f"There is no split {split!r}; use one of {', '.join(SPLITS)}.")
        return self.test if split == "test" else self.dev


@cache
def load_sets() -> dict[str, EvalSet]:
    """All sets by name, in the order of the paper's tables; extra ones last."""
    rows = yaml.safe_load(SETS_FILE.read_text(encoding="utf-8"))
    return {name: _set_of(name, row) for name, row in rows.items()}


def eval_set(name: str) -> EvalSet:
    """The set of that name. Raises InputError where there is none."""
    sets = load_sets()
    if name not in sets:
        raise InputError(f"There is no set {name!r}; known are {', '.join(sets)}.")
    return sets[name]


def _set_of(name: str, row: Mapping[str, Any]) -> EvalSet:
    fields = dict(row)
    for split in SPLITS:
        rows = fields[split] if isinstance(fields[split], list) else [fields[split]]
        fields[split] = tuple(Source(**source) for source in rows)
    fields["labels"] = tuple(fields.get("labels", ()))
    return EvalSet(name=name, **fields)


def read_set(eval_set: EvalSet, split: str, data_dir: Path) -> list[Example]:
    """The examples of a set in the order of the files: labels and gold restricted to the set's, template pinned.

    Raises FormatError where no file of the split is found or one is corrupt, or an id occurs twice.
    """
    missing: list[str] = []
    for source in eval_set.sources(split):
        try:
            examples = list(_read_source(eval_set, source, data_dir))
        except FormatError as error:
            if error.code != "corpus_missing":
                raise
            missing.append(str(error))
            continue
        _check_ids(eval_set, examples)
        return examples
    raise FormatError(
        " ".join(missing or [f"{eval_set.name} has no {split} part."]) + f" Where to get it: {eval_set.get}",
        code="corpus_missing",
    )


def _read_source(eval_set: EvalSet, source: Source, data_dir: Path) -> list[Example]:
    examples = read_corpus(source.corpus, source.split, data_dir)
    return [
        _as_asked(eval_set, example)
        for example in examples
        if source.part is None or part_of(example.gold.text) == source.part
    ]


def _as_asked(eval_set: EvalSet, example: Example) -> Example:
    labels = eval_set.labels or example.request.labels
    request = replace(example.request, labels=labels, template=eval_set.template)
    entities = tuple(
        entity for entity in example.gold.entities if not eval_set.labels or entity.label in eval_set.labels
    )
    return replace(example, request=request, gold=replace(example.gold, entities=entities), source=eval_set.name)


def _check_ids(eval_set: EvalSet, examples: list[Example]) -> None:
    seen: set[str] = set()
    for example in examples:
        if example.id in seen:
            raise FormatError(f"{eval_set.name}: the id {example.id} occurs twice; predictions could not name it.")
        seen.add(example.id)
