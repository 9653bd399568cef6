"""A run's folder: `run.json` (how it was made), `<set>.jsonl` (a record an example), `scores.json` (a row a set).

Records are appended one by one, so that a run may be killed at any moment: what is complete stays, and a last line that
is torn is cut off when the run is taken up again. The two JSON files are replaced whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from taiyi.errors import FormatError, InputError

RUN_FILE = "run.json"
SCORES_FILE = "scores.json"


class RecordFile:
    """The records of one set. Used as a context it holds the file open for `append`."""

    def __init__(self, folder: Path, set_name: str) -> None:
        self.path = folder / f"{set_name}.jsonl"
        self._file: TextIO | None = None

    def __enter__(self) -> RecordFile:
        """Open for appending, after the last complete line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._cut_torn_line()
        self._file = self.path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        self._file.close()

    def append(self, record: Mapping[str, Any]) -> None:
        """Write a record, in the operating system's hands when this returns."""
        assert self._file is not None
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._file.flush()

    def read(self) -> Iterator[dict[str, Any]]:
        """The complete records, in the order in which they were made; none where there is no file.

        Raises FormatError where a line is no record, or an id comes twice.
        """
        if not self.path.is_file():
            return
        seen: set[str] = set()
        for number, line in enumerate(self._complete_lines(), 1):
            try:
                record: dict[str, Any] = json.loads(line)
                id = record["id"]
            except (ValueError, KeyError, TypeError) as error:
                raise FormatError(
                    f"{self.path}:{number}: this is not a record of a run ({error!r}). Take the line out, and the run "
                    "makes it anew."
                ) from error
            if id in seen:
                raise FormatError(f"{self.path}:{number}: the id {id} has a record already. Take one of the two out.")
            seen.add(id)
            yield record

    def _complete_lines(self) -> list[bytes]:
        return self.path.read_bytes().split(b"\n")[:-1]

    def _cut_torn_line(self) -> None:
        """A record without its line end was being written when the run was killed."""
        if not self.path.is_file():
            return
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with self.path.open("r+b") as file:
                file.truncate(whole)


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file whole: a reader finds the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    aside.replace(path)


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises FormatError where it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"{path}: this is not JSON ({error}). Take another folder with --out.") from error


def check_same(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any], names: Sequence[str]) -> None:
    """Raise InputError where a run is taken up with another value of one of these settings."""
    for name in names:
        if name in before and before[name] != now[name]:
            raise InputError(
                f"{folder} holds a run with {name} {before[name]!r}, not {now[name]!r}. Give the settings that it was "
                "begun with, or another folder with --out."
            )
