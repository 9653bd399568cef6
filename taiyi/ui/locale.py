"""The words of the page, in the reader's language: `taiyi/data/locale/<lang>.yaml`, and the sentences for errors and
issues that each part of the package brings along in `parts/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from taiyi.errors import Issue, TaiyiError
from taiyi.language import LANGUAGES

FOLDER = Path(__file__).parent.parent / "data" / "locale"


@cache
def table(lang: str) -> dict[str, str]:
    """All words of a language by their dotted keys. Of two files that define a key the first in the alphabet counts."""
    found = _flat(_read(FOLDER / f"{lang}.yaml"))
    for path in sorted((FOLDER / "parts").glob("*.yaml")):
        part = _read(path)
        for group in ("error", "issue"):
            for name, row in part.get(group, {}).items():
                found.setdefault(f"{group}.{name}", row[lang])
    return found


def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _flat(rows: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in rows.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + str(name)] = str(value)
    return found


def t(key: str, lang: str, **fields: object) -> str:
    """The words of a key with its fields filled in. Raises KeyError where there is no such key or field."""
    words = table(lang)[key]
    return words.format(**fields) if fields else words


def sentence(error: TaiyiError, lang: str) -> str:
    """What an error says, in `lang`; its English message where no table knows its code."""
    return _filled(f"error.{error.code}", lang, error.fields) or str(error)


def issue_sentence(issue: Issue, lang: str) -> str:
    """What an issue says, in `lang`; its kind and detail where no table knows the kind."""
    fields = {"detail": issue.detail, "label": issue.label or ""}
    return _filled(f"issue.{issue.kind}", lang, fields) or f"{issue.kind}: {issue.detail}".rstrip(": ")


def _filled(key: str, lang: str, fields: Mapping[str, object]) -> str | None:
    words = table(lang).get(key)
    try:
        return words.format(**fields) if words is not None else None
    except (KeyError, IndexError):
        return None


def language_name(lang: str, shown_in: str) -> str:
    """The name of a language in a language."""
    return t(f"language.{lang}", shown_in) if lang in LANGUAGES else lang
