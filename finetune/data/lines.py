"""The lines of a file that may be anything: bounded, in whatever encoding, or no text at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from finetune.data.checks.row import Problem
from taiyi.errors import InputError

MAX_LINE_BYTES = 8 * 1024 * 1024
_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def iter_lines(path: Path) -> Iterator[tuple[int, str | Problem]]:
    """Number, from 1, and text of each line that is not blank, without its end, or what keeps it from being read.

    A line of more than MAX_LINE_BYTES is passed over without being held; a file that is no text ends at once. Raises
    InputError where the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            number, n_lines = 0, 0
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if number == 1 and (what := _no_text(line)):
                    yield 1, Problem("file", what)
                    return
                if len(line) > MAX_LINE_BYTES:
                    n_bytes = len(line) + _pass_over(file)
                    yield number, Problem("long-line", f"the line has {n_bytes / 2**20:,.0f} MiB")
                elif line.strip():
                    yield number, _text(line, number)
                n_lines += bool(line.strip())
            if not n_lines:
                yield 1, Problem("file", "the file is empty")
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read ({error.strerror}).") from error


def _pass_over(file: IO[bytes]) -> int:
    """Read to the end of the line; how many bytes that were."""
    n_bytes = 0
    while rest := file.readline(MAX_LINE_BYTES):
        n_bytes += len(rest)
        if rest.endswith(b"\n"):
            break
    return n_bytes


def _no_text(first: bytes) -> str | None:
    for mark, name in _BYTE_ORDER_MARKS.items():
        if first.startswith(mark):
            return f"the file is in {name}"
    return "the file is binary, no text" if b"\0" in first else None


def _text(line: bytes, number: int) -> str | Problem:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1} of the line (0x{line[error.start]:02x}) is not UTF-8"
        return Problem("encoding", what + _reads_as(line))


def _reads_as(line: bytes) -> str:
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "; the line can be read as GB18030"
