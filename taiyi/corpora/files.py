"""Files of corpora: found by their official names, unpacked and decoded; what is wrong in them, with its place."""

from __future__ import annotations

import gzip
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatch
from glob import escape
from pathlib import Path
from typing import Any

from taiyi.errors import FormatError

OPENERS: Mapping[str, Callable[..., Any]] = {"": open, ".xz": lzma.open, ".gz": gzip.open}
ARCHIVES = ("", ".tar.xz", ".tar.gz", ".tgz", ".tar", ".zip")
"""What a folder of that name may be packed as; "" is the folder itself."""
HEAD_CHARS = 4000
DAMAGED = (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error, tarfile.TarError, zipfile.BadZipFile)


class CorruptError(FormatError):
    """Something wrong at a place of a file: a line's number, or words such as "record 17".

    Readers raise it without the file, which they do not know; `read_corpus` names it (`in_file`).
    """

    def __init__(self, place: int | str, problem: str, *, file: str = "") -> None:
        where = f"{file}:{place}" if isinstance(place, int) else f"{file}, {place}"
        super().__init__(f"{where}: {problem}", code="corpus_corrupt", where=where, problem=problem)
        self.place, self.problem, self.file = place, problem, file

    def in_file(self, file: str) -> CorruptError:
        """The same with the file's name, unless it names one already."""
        return self if self.file else CorruptError(self.place, self.problem, file=file)


@contextmanager
def record_at(place: int | str) -> Iterator[None]:
    """Inside, a field that is missing or of another shape than the format's is a CorruptError at `place`."""
    try:
        yield
    except KeyError as error:
        raise CorruptError(place, f"the record has no {error}, or a value that is not known.") from error
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise CorruptError(place, f"the record has not the shape that its format says ({error}).") from error


def iter_json_lines(text: str) -> Iterator[tuple[int, Any]]:
    """Number of the line, from 1, and record, for each line that is not blank. Raises CorruptError."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip("\ufeff \t\r"):
            try:
                yield number, json.loads(line.lstrip("\ufeff"))
            except json.JSONDecodeError as error:
                raise CorruptError(number, f"this is no JSON: {error.msg} at column {error.colno}.") from error


def find_files(
    data_dir: Path, name: str, *, folder: str | None = None, holds: str | None = None, packed: bool = False
) -> list[Path]:
    """The files of that official name, plain or with .xz or .gz, anywhere under `data_dir`; the shortest path first.

    `folder` is a glob that some folder of the path matches whatever its case, `holds` a regular expression that stands
    in the first 4,000 characters: for names that several corpora use. `packed` looks for a folder of that name, or an
    archive of it, too.
    """
    suffixes = dict.fromkeys((*ARCHIVES, *OPENERS) if packed else OPENERS)
    order = {name + suffix: n for n, suffix in enumerate(suffixes)}
    found = [path for path in data_dir.rglob(escape(name) + "*") if path.name in order]
    found = [path for path in found if path.is_file() or (packed and path.name == name)]
    found.sort(key=lambda path: (len(path.parts), order[path.name], str(path)))
    folders = [[data_dir.absolute().name, *path.relative_to(data_dir).parts[:-1]] for path in found]
    return [
        path
        for path, names in zip(found, folders, strict=True)
        if (folder is None or any(fnmatch(part.lower(), folder.lower()) for part in names))
        and (holds is None or re.search(holds, _head(path)))
    ]


def find_file(data_dir: Path, name: str, folder: str | None = None) -> Path:
    """The first of `find_files`. Raises FormatError where there is none."""
    for path in find_files(data_dir, name, folder=folder):
        return path
    raise FormatError(
        f"There is no {name} (or {name}.xz, {name}.gz) under {data_dir}.", code="corpus_missing", file=name
    )


def is_packed(path: Path) -> bool:
    """Whether a path is a folder or an archive, with members to read."""
    return path.is_dir() or path.name.endswith(ARCHIVES[1:])


def read_text(path: Path) -> str:
    """The whole text of a file, unpacked; line ends and byte order marks are kept as they stand.

    Raises FormatError where it is not UTF-8 or its packing is damaged.
    """
    return decode(_bytes(path), str(path))


def read_members(path: Path, pattern: str = "*") -> Iterator[tuple[str, str]]:
    """(name, text) of the files in a folder, tar or zip whose path inside matches the glob, in the order of names.

    Raises FormatError where one is not UTF-8 or the archive is damaged.
    """
    try:
        members = sorted(member for member in _members(path) if fnmatch(member[0], pattern))
    except DAMAGED as error:
        raise _damaged(path, error) from error
    for name, data in members:
        yield f"{path}/{name}", decode(data, f"{path}/{name}")


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in filter(Path.is_file, path.rglob("*")):
            yield file.relative_to(path).as_posix(), file.read_bytes()
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            yield from ((info.filename, packed.read(info)) for info in packed.infolist() if not info.is_dir())
    else:
        with tarfile.open(path) as archive:
            files = ((member.name, archive.extractfile(member)) for member in archive if member.isfile())
            yield from ((name, file.read()) for name, file in files if file is not None)


def decode(data: bytes, file: str) -> str:
    """The text of UTF-8 bytes. Raises CorruptError with line and byte of the first that is not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; save the file as UTF-8."
        raise CorruptError(line, problem, file=file) from error


def _bytes(path: Path, limit: int = -1) -> bytes:
    """The first bytes of a file, unpacked; all of them without a limit."""
    try:
        with OPENERS.get(path.suffix, open)(path, "rb") as file:
            data: bytes = file.read(limit)
    except DAMAGED as error:
        raise _damaged(path, error) from error
    return data


def _head(path: Path) -> str:
    return _bytes(path, 4 * HEAD_CHARS).decode("utf-8", errors="replace")[:HEAD_CHARS]


def _damaged(path: Path, error: Exception) -> FormatError:
    return FormatError(f"{path} is damaged or cut short ({error}); get it again.", code="corpus_damaged", file=path)
