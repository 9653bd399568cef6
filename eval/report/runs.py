"""Run folders as the report reads them: the settings, a row of scores a set, and the single cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.judging import METRICS, Judgement
from eval.records import RUN_FILE, SCORES_FILE, RecordFile, read_json
from eval.sets import eval_set, load_sets
from taiyi.document import Document
from taiyi.errors import DocumentError, FormatError, InputError, Issue

NEEDED = ("low", "high", "n", "unparsed", "missing", "written", "ungrounded", "signature")


@dataclass(frozen=True, slots=True)
class Case:
    """One record: what was asked, what came, and what the metric said of it."""

    id: str
    prompt: str
    reply: str
    gold: Document
    predicted: Document | None
    judgement: Judgement
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. `settings` are those of `run.json`, `rows` those of `scores.json` by set, in the order of the
    paper's tables."""

    folder: Path
    name: str
    settings: Mapping[str, Any]
    rows: Mapping[str, Mapping[str, Any]]

    def split(self, name: str) -> str:
        """The part of a set that was scored: "test" or "dev"."""
        return str(self.rows[name].get("split") or self.settings["split"])

    def score(self, name: str) -> float:
        """The figure that counts for a set, in [0, 1] (BLEU in [0, 100])."""
        return float(self.rows[name][METRICS[eval_set(name).metric].headline])

    def files(self, name: str) -> tuple[str, ...]:
        """The files that a set was read from, as the run names them."""
        return tuple(self.rows[name].get("files", ()))

    def absent(self) -> dict[str, str]:
        """Why sets have no row, by set."""
        return dict(self.settings.get("missing", {}))

    def cases(self, name: str) -> Iterator[Case]:
        """The records of a set, in the order of the file. Raises FormatError where one can't be read."""
        file = RecordFile(self.folder, name)
        if not file.path.is_file():
            raise FormatError(f"There is no {file.path}, which {SCORES_FILE} has a row of; run the set again.")
        for number, record in enumerate(file.read(), 1):
            try:
                yield _case(record)
            except (ValueError, KeyError, TypeError, DocumentError) as error:
                raise FormatError(f"{file.path}:{number}: this is not a record of a run ({error!r}).") from error


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """The runs of these folders, named as short as tells them apart.

    Raises InputError where a folder is named twice and FormatError where one holds no finished run.
    """
    places = [folder.resolve() for folder in folders]
    if len(set(places)) < len(places):
        raise InputError("The same run folder is named twice; name each once.")
    names = [place.name for place in places]
    if len(set(names)) < len(names):
        names = [f"{place.parent.name}/{place.name}" for place in places]
    if len(set(names)) < len(names):
        names = [str(place) for place in places]
    return [_run(folder, name) for folder, name in zip(folders, names, strict=True)]


def _run(folder: Path, name: str) -> Run:
    settings = _json(folder / RUN_FILE, dict)
    row_by_set: dict[str, Mapping[str, Any]] = {}
    for row in _json(folder / SCORES_FILE, list):
        set_name = _checked(row, folder / SCORES_FILE)
        if set_name in row_by_set:
            raise FormatError(f"{folder / SCORES_FILE}: the set {set_name} has two rows; keep one.")
        row_by_set[set_name] = row
    ordered = {name: row_by_set[name] for name in load_sets() if name in row_by_set}
    return Run(folder, name, settings, ordered)


def _checked(row: Mapping[str, Any], path: Path) -> str:
    """The set of a row that has all that a report needs."""
    known = eval_set(row.get("set", ""))
    for key in (METRICS[known.metric].headline, *NEEDED):
        if key not in row:
            raise FormatError(f"{path}: the row of {known.name} has no {key}; score it anew.")
    return known.name


def _json(path: Path, kind: type) -> Any:
    if not path.is_file():
        raise FormatError(f"There is no {path}: name the folder of a finished `python -m eval run`.")
    value = read_json(path)
    if not isinstance(value, kind):
        raise FormatError(f"{path}: expected a JSON {'list' if kind is list else 'object'}.")
    return value


def _case(row: Mapping[str, Any]) -> Case:
    return Case(
        id=str(row["id"]),
        prompt=row.get("prompt") or "",
        reply=row.get("reply") or "",
        gold=Document.from_dict(row["gold"]),
        predicted=Document.from_dict(row["document"]) if row.get("document") else None,
        judgement=Judgement.from_dict(str(row["id"]), row["score"]),
        issues=tuple(Issue(**issue) for issue in row.get("issues", ())),
    )
