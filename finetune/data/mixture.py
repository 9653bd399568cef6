"""What instruction data is made of: the rows of a mixture file.

    set_aside: {held_out: [report], dev: [tune]}
    rows:
      - {corpus: bc5cdr, task: entities, type: 1, subtasks: each}
      - {corpus: moss, task: chat, type: 2, table: general, files: [moss-003-sft-data.jsonl]}

A row names a corpus of `taiyi.corpora`, or gives the `files` of general dialogues (see `finetune.data.moss`), by path
under the data folder. `Row` tells what its keys mean; unknown ones are refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from finetune.data.instruction import TYPES
from taiyi.catalogue import load_catalogue
from taiyi.corpora import corpus_names, corpus_row, corpus_splits, find_corpus
from taiyi.errors import FormatError, InputError
from taiyi.tasks import TASKS

TABLES: Mapping[str, str] = {
    "NER": "Named Entity Recognition",
    "RE": "Relation Extraction",
    "EE": "Event Extraction",
    "TC": "Text Classification",
    "TP": "Text Pair Task",
    "MT": "Machine Translation",
    "QA": "Biomedical Question Answering",
    "MRD": "Biomedical Multi-Round Dialogue",
    "general": "General Dialogue Data",
    "other": "Other Additional Tasks",
}
"""The rows of the paper's Table 1, by the names that mixture files use."""
TABLE_OF_TASK: Mapping[str, str] = {
    "entities": "NER",
    "relations": "RE",
    "causality": "RE",
    "events": "EE",
    "classify": "TC",
    "similarity": "TP",
    "entailment": "TP",
    "translate": "MT",
    "choose": "QA",
    "question": "QA",
    "passage": "QA",
    "chat": "MRD",
}
SUBTASKS = ("all", "each", "present", "some")
PARTS = ("train", "tune", "report")


@dataclass(frozen=True, slots=True)
class SetAside:
    """Parts of each corpus (`taiyi.corpora.parts`) that aren't trained on: `held_out` is left out, since evaluation
    reports on it; of `dev` come the conversations whose loss is watched."""

    held_out: tuple[str, ...] = ("report",)
    dev: tuple[str, ...] = ("tune",)


@dataclass(frozen=True, slots=True)
class Row:
    """One source of instructions.

    `type` is the paper's stage 1 or 2, `table` the row of its Table 1 that the source counts in (that of its task
    unless given). At most `cap` instructions are kept, chosen by seed. `subtasks` says which labels are asked for:
    "all" together; "each" also every label alone (the paper's way with BC5CDR); "present" also every label alone that
    the text has. Of the labels alone that it doesn't have, a share `negatives` is kept. "some" asks, each time, for all
    labels or for a random choice of them, of entities or classes. Each question is asked `repeats` times, each time in
    another template; a share `marked` of the questions for entities in one that wants the text with marks
    (`taiyi.tasks.marked`). The names of a share `swap` of the passages are exchanged for others of the corpus, each for
    one of its type. With `passages`, entity documents are cut at sentence ends into pieces of up to so many characters,
    and of texts to classify the first piece stays; with `max_chars`, conversations of more characters are left out.
    `set_aside` stands for the mixture's where a corpus has a development part of its own to report on. `get` says where
    `files` are to be had. `weight` is the row's share among what a recipe draws at random (`finetune.nano`); the
    paper's stages take every instruction once an epoch.
    """

    corpus: str
    task: str
    type: int
    table: str = ""
    split: str = "train"
    files: tuple[str, ...] = ()
    cap: int | None = None
    subtasks: str = "all"
    negatives: float = 1.0
    repeats: int = 1
    marked: float = 0.0
    swap: float = 0.0
    passages: int | None = None
    max_chars: int | None = None
    set_aside: SetAside | None = None
    get: str = ""
    weight: float = 1.0

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise InputError(f"the row of {self.corpus!r}: {problem}")

    @property
    def name(self) -> str:
        """The corpus, with its split where that isn't the training part."""
        return self.corpus if self.split == "train" else f"{self.corpus}/{self.split}"


@dataclass(frozen=True, slots=True)
class Mixture:
    """All rows, and what holds for each of them.

    Near duplicates are texts at least `near_duplicates` alike, from 0.8 (below, too many would be missed) to 1; null
    leaves them in. At most `dev_cap` instructions of a row become development data.
    """

    rows: tuple[Row, ...]
    set_aside: SetAside = field(default_factory=SetAside)
    near_duplicates: float | None = 0.9
    dev_cap: int = 200

    def aside(self, row: Row) -> SetAside:
        """What is set aside of a row's corpus."""
        return row.set_aside or self.set_aside


@dataclass(frozen=True, slots=True)
class Missing:
    """A row whose files aren't there: what was looked for, and where it is to be had."""

    corpus: str
    looked_for: str
    get: str

    def __str__(self) -> str:
        return f"{self.corpus}: {self.looked_for}" + (f" Where to get it: {self.get}" if self.get else "")


def _problems(row: Row) -> list[str]:
    """What contradicts itself or is not known in a row."""
    found = []
    if row.task not in TASKS:
        found.append(f"there is no task {row.task!r}; known are {', '.join(TASKS)}.")
    if row.type not in TYPES:
        found.append(f"type is {row.type!r}; use 1 (single tasks) or 2 (questions and dialogues).")
    if row.table and row.table not in TABLES:
        found.append(f"there is no table row {row.table!r}; known are {', '.join(TABLES)}.")
    if row.subtasks not in SUBTASKS:
        found.append(f"there are no subtasks {row.subtasks!r}; use {', '.join(SUBTASKS)}.")
    for name in ("negatives", "marked", "swap"):
        if not 0 <= getattr(row, name) <= 1:
            found.append(f"{name} is {getattr(row, name)!r}; it is a share, from 0 to 1.")
    if (row.marked or row.swap) and row.task != "entities":
        found.append("marked and swap are for entities alone.")
    if row.weight < 0:
        found.append(f"weight is {row.weight!r}; it is 0 or more.")
    for name in ("cap", "repeats", "passages", "max_chars"):
        value = getattr(row, name)
        if value is not None and (type(value) is not int or value < 1):
            found.append(f"{name} is {value!r}; it is a number of at least 1.")
    if row.files and row.task != "chat":
        found.append("files hold dialogues, whose task is chat.")
    if not row.files and row.corpus not in corpus_names():
        found.append(f"there is no such corpus, and no files are given; known are {', '.join(corpus_names())}.")
    if not row.files and not found and row.split not in corpus_splits(row.corpus):
        found.append(f"it has no split {row.split!r}; it has {', '.join(corpus_splits(row.corpus))}.")
    return found


def read_mixture(path: Path) -> Mixture:
    """The mixture of a YAML file. Raises InputError that names the file, and the key or the row."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: the mixture cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: the mixture is no YAML in UTF-8 ({error}).") from error
    try:
        return _mixture_of(content)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _mixture_of(content: Any) -> Mixture:
    given = _checked(content, Mixture, "the mixture")
    if not isinstance(given["rows"], list) or not given["rows"]:
        raise InputError("rows is a list of corpora with their settings; there is none.")
    near = given.get("near_duplicates")
    if near is not None and (not isinstance(near, int | float) or not 0.8 <= near <= 1):
        raise InputError(f"near_duplicates is {near!r}; it is a similarity from 0.8 to 1, or null.")
    rows = tuple(_row_of(row, number) for number, row in enumerate(given["rows"], start=1))
    names = [row.name for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name} stands in two rows; make one of them.")
    aside = {"set_aside": _set_aside(given["set_aside"])} if "set_aside" in given else {}
    return Mixture(**{**given, "rows": rows, **aside})


def _row_of(content: Any, number: int) -> Row:
    given = _checked(content, Row, f"row {number}")
    if "files" in given:
        given["files"] = (given["files"],) if isinstance(given["files"], str) else tuple(given["files"])
    if "set_aside" in given:
        given["set_aside"] = _set_aside(given["set_aside"])
    given.setdefault("table", TABLE_OF_TASK.get(given["task"], "other"))
    return Row(**given)


def _set_aside(content: Any) -> SetAside:
    given = _checked(content, SetAside, "set_aside")
    for name in (name for names in given.values() for name in names):
        if name not in PARTS:
            raise InputError(f"set_aside names the part {name!r}; known are {', '.join(PARTS)}.")
    return SetAside(**{key: tuple(names) for key, names in given.items()})


def _checked(content: Any, cls: Any, what: str) -> dict[str, Any]:
    """The mapping, if it has all keys that `cls` needs and no others."""
    if not isinstance(content, dict):
        raise InputError(f"{what} is no mapping of settings.")
    known = {entry.name: entry for entry in fields(cls)}
    unknown = [key for key in content if key not in known]
    if unknown:
        raise InputError(f"{what} has the key {unknown[0]!r}, which is not known; known are {', '.join(known)}.")
    needed = [name for name, entry in known.items() if entry.default is entry.default_factory is MISSING]
    absent = [name for name in needed if name not in content]
    if absent:
        raise InputError(f"{what} has no {absent[0]}; it needs {', '.join(needed)}.")
    return dict(content)


def files_of(row: Row, data_dir: Path) -> list[Path]:
    """The files that a row is read from. Raises FormatError (corpus_missing) where one is not there."""
    if not row.files:
        return find_corpus(row.corpus, row.split, data_dir)
    paths = [data_dir / name for name in row.files]
    for path in paths:
        if not path.exists():
            raise FormatError(f"There is no {path}.", code="corpus_missing", file=str(path))
    return paths


def missing_of(mixture: Mixture, data_dir: Path) -> list[Missing]:
    """The rows whose files aren't all under `data_dir`, each with where to get it."""
    missing = []
    for row in mixture.rows:
        try:
            files_of(row, data_dir)
        except FormatError as error:
            if error.code != "corpus_missing":
                raise
            missing.append(Missing(row.corpus, str(error), _where(row)))
    return missing


def _where(row: Row) -> str:
    """The addresses of the datasets that the corpus reads, or else the source that its row names."""
    if row.files:
        return row.get
    addresses = [dataset.url for dataset in load_catalogue() if row.corpus in dataset.corpora]
    return "; ".join(dict.fromkeys(addresses)) or str(corpus_row(row.corpus)["source"])
