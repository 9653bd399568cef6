"""Checkpoints that are there whole or not at all: written aside, marked complete, renamed.

checkpoints/step-40/          a checkpoint, with `complete.json`: its step, and its files with their sizes
checkpoints/.saving/          one that was being written when the run ended; swept at the next start
best/                         the weights with the best figure so far, with `complete.json`: step and figures
.best-before/                 the best before, for the moment in which the new one takes its place
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from taiyi.errors import TaiyiError

MARK = "complete.json"
_PREFIX = "step-"


class TrainingStoppedError(TaiyiError):
    """Training can't go on; the last complete checkpoint stays usable."""


class Checkpoints:
    """The checkpoints of a stage, of which the newest `keep` stay."""

    def __init__(self, out: Path, keep: int) -> None:
        self.folder = out / "checkpoints"
        self._keep = keep
        self.aside = self.folder / ".saving"

    def newest(self) -> Path | None:
        """The complete checkpoint of the latest step; None where there is none. What is incomplete is passed over."""
        found = self._complete()
        return found[-1] if found else None

    def sweep(self) -> None:
        """Remove what an interrupted run left half-written."""
        shutil.rmtree(self.aside, ignore_errors=True)

    def complete(self, step: int, written: Path) -> Path:
        """Take `written`, a folder in `aside`, as the checkpoint of `step`; older ones than the newest `keep` go."""
        place = self.folder / f"{_PREFIX}{step}"
        mark(written, {"step": step})
        shutil.rmtree(place, ignore_errors=True)
        written.replace(place)
        _sync(self.folder)
        self.sweep()
        for old in self._complete()[: -self._keep]:
            (old / MARK).unlink()
            shutil.rmtree(old, ignore_errors=True)
        return place

    def last_words(self) -> str:
        """A sentence on what a stopped run can be continued from."""
        newest = self.newest()
        if newest is None:
            return "No checkpoint was complete yet, so the same command starts anew."
        return f"The last complete checkpoint is {newest}; the same command goes on from there."

    def _complete(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        steps = {}
        for path in self.folder.iterdir():
            number = path.name.removeprefix(_PREFIX)
            if path.name.startswith(_PREFIX) and number.isdecimal() and is_complete(path):
                steps[int(number)] = path
        return [steps[step] for step in sorted(steps)]


class Best:
    """The weights with the best figure so far, and which figures they had."""

    def __init__(self, out: Path) -> None:
        self.folder = out / "best"
        self._aside = out / ".best-saving"
        self._before = out / ".best-before"

    def sweep(self) -> None:
        """Bring the folder in order after a run that was killed while its best took another's place."""
        if not is_complete(self.folder) and is_complete(self._before):
            shutil.rmtree(self.folder, ignore_errors=True)
            self._before.replace(self.folder)
        for rubbish in (self._aside, self._before):
            shutil.rmtree(rubbish, ignore_errors=True)

    def facts(self) -> dict[str, Any] | None:
        """`step`, `figure` and the other figures of the best so far; None where there is none."""
        return facts(self.folder) if is_complete(self.folder) else None

    def replace(self, write: Callable[[Path], None], described: Mapping[str, Any], *, main: bool = True) -> None:
        """Let `write` fill a folder, and make it the best, with `described` in its mark.

        Every process of a run calls this, `main` in one of them: the writing may need all of them.
        """
        if main:
            shutil.rmtree(self._aside, ignore_errors=True)
        write(self._aside)
        if not main:
            return
        mark(self._aside, described)
        if self.folder.exists():
            shutil.rmtree(self._before, ignore_errors=True)
            self.folder.replace(self._before)
        self._aside.replace(self.folder)
        _sync(self.folder.parent)
        shutil.rmtree(self._before, ignore_errors=True)


def mark(folder: Path, described: Mapping[str, Any]) -> None:
    """Make sure that the folder's files are on the disk, then write their sizes and `described` as its mark."""
    sizes = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            _sync(path)
            sizes[path.relative_to(folder).as_posix()] = path.stat().st_size
    aside = folder / f"{MARK}.part"
    aside.write_text(json.dumps({**described, "files": sizes}, indent=1), encoding="utf-8")
    _sync(aside)
    aside.replace(folder / MARK)


def facts(folder: Path) -> dict[str, Any]:
    """What the folder's mark says, without its files."""
    found = json.loads((folder / MARK).read_text(encoding="utf-8"))
    return {key: value for key, value in found.items() if key != "files"}


def is_complete(folder: Path) -> bool:
    """Whether the folder is marked and its files have the sizes of the mark."""
    try:
        sizes = json.loads((folder / MARK).read_text(encoding="utf-8"))["files"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sync(path: Path) -> None:
    """Have the file or folder itself written to the disk, not to the system's memory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
