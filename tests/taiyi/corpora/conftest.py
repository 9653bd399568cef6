"""A folder of corpora, filled by each test with files that it writes itself in their native forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """`put(name, content)` writes a file below a folder, text as it is and anything else as JSON, and gives back the
    folder; `lines=True` writes a list as JSON lines."""

    def write(name: str, content: Any, *, lines: bool = False) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if lines:
            content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        elif not isinstance(content, str):
            content = json.dumps(content, ensure_ascii=False, indent=2)
        path.write_text(content, encoding="utf-8", newline="")
        return tmp_path

    return write
