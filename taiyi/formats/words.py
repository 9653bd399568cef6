"""The words that written files show, in the reader's language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

WORDS_FILE = Path(__file__).parent.parent / "data" / "locale" / "parts" / "formats.yaml"


@cache
def words(group: str, lang: str) -> dict[str, str]:
    """The words of a group ("page", "chat") by their keys."""
    table = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))[group]
    return {key: row[lang] for key, row in table.items()}
