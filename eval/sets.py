"""The evaluation sets: the rows of `sets.yaml`, and their examples as they are asked and scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from taiyi.corpora import corpus_row, find_corpus, form_note, read_corpus
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
    where they are all of the corpus, and `scheme` the annotation scheme (see Request). `test` and `dev` are
    alternatives: the first that is at hand counts.
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
    scheme: str = ""

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


@dataclass(frozen=True, slots=True)
class Found:
    """The source of a split that is at hand, with what must be known of its form among the notes, and its files."""

    source: Source
    paths: tuple[Path, ...]


def find_source(eval_set: EvalSet, split: str, data_dir: Path) -> Found:
    """The first source of the split whose files are all under `data_dir`.

    Raises FormatError (corpus_missing), which says what was looked for and where to get it, where there is none.
    """
    if not data_dir.is_dir():
        raise InputError(f"There is no folder {data_dir}; name the one that the corpora's files are under.")
    missing: list[str] = []
    for source in eval_set.sources(split):
        try:
            paths = tuple(find_corpus(source.corpus, source.split, data_dir))
            notes = (source.note, form_note(source.corpus, source.split, data_dir))
            return Found(replace(source, note="; ".join(filter(None, notes))), paths)
        except FormatError as error:
            if error.code != "corpus_missing":
                raise
            missing.append(str(error))
    reason = " ".join(missing) or f"{eval_set.name} has no {split} part."
    raise FormatError(f"{reason} Where to get it: {eval_set.get}", code="corpus_missing", set=eval_set.name)


def read_set(eval_set: EvalSet, split: str, data_dir: Path) -> list[Example]:
    """The examples of a set in the order of its files: labels and gold restricted to the set's, template pinned.

    Raises FormatError where no source of the split is at hand, or where a file is corrupt.
    """
    source = find_source(eval_set, split, data_dir).source
    examples = read_corpus(source.corpus, source.split, data_dir)
    return [
        _as_asked(eval_set, example)
        for example in examples
        if source.part is None or part_of(example.gold.text) == source.part
    ]


def label_names(eval_set: EvalSet, labels: Sequence[str]) -> dict[str, str]:
    """Every name that a label may have in predictions → ours: our own, and those of the official files."""
    names = {label: label for label in labels}
    for corpus in dict.fromkeys(source.corpus for source in (*eval_set.test, *eval_set.dev)):
        row = corpus_row(corpus)
        for form in (row, *row.get("forms", ())):
            if isinstance(form.get("labels"), Mapping):
                names |= {theirs: ours for theirs, ours in form["labels"].items() if ours in labels}
    return names


def source_note(eval_set: EvalSet, split: str, source: Source, n: int) -> str | None:
    """What is to be said where `n` examples are not the official number or the source is not the paper's."""
    official = source.size or (eval_set.size if split == "test" else n)
    here = f"{eval_set.name} ({split}) has {n:,} {eval_set.unit} here"
    size = f"{here}, officially {official:,}" if official and n != official else here
    return f"{size}{': ' if source.note else ''}{source.note}." if source.note or size != here else None


def _as_asked(eval_set: EvalSet, example: Example) -> Example:
    request = replace(example.request, template=eval_set.template, scheme=eval_set.scheme)
    gold = example.gold
    if eval_set.labels:
        request = replace(request, labels=eval_set.labels)
        gold = replace(gold, entities=tuple(e for e in gold.entities if e.label in eval_set.labels))
    return replace(example, request=request, gold=gold, source=eval_set.name)
