"""The prompts, read from `data/prompts/<lang>/<task>.yaml`: templates to ask with, and the fixed words of a reply.

A file holds `templates` (each an `id` and a `text` with named fields, as `{text}`) and `words` (what the task's reply
is written with in that language). Entities have `marked`, too: templates that ask for another form of reply, the text
with its mentions marked (`taiyi.tasks.marked`), for models that were trained on it. Ids and fields are the same in
every language; the code holds ids alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from taiyi.errors import InputError

PROMPTS_FOLDER = Path(__file__).parent / "data" / "prompts"
_FIELD = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One way to ask. Fields stand in braces; everything else is written as it is."""

    id: str
    text: str

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields."""
        return frozenset(_FIELD.findall(self.text))

    def fill(self, **values: str) -> str:
        """The text with its fields filled in. Values are not looked into: a brace in them stays a brace.

        Raises KeyError if a field has no value.
        """
        return _FIELD.sub(lambda match: values[match[1]], self.text)


@cache
def _read(task: str, lang: str) -> dict[str, Any]:
    path = PROMPTS_FOLDER / lang / f"{task}.yaml"
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


@cache
def templates(task: str, lang: str) -> tuple[Template, ...]:
    """The templates of a task in the order of its file; the first one is the usual one."""
    return tuple(Template(row["id"], row["text"]) for row in _read(task, lang)["templates"])


@cache
def marked_templates(task: str, lang: str) -> tuple[Template, ...]:
    """The templates of a task that ask for the text with marks, in the order of its file; most tasks have none."""
    return tuple(Template(row["id"], row["text"]) for row in _read(task, lang).get("marked", ()))


def asks_for_marks(task: str, lang: str, template_id: str | None) -> bool:
    """Whether the template of that id asks for the text with marks; no id, or one that is not known, doesn't."""
    return any(template.id == template_id for template in marked_templates(task, lang))


def words(task: str, lang: str) -> Mapping[str, Any]:
    """The fixed words of a task's reply in a language, by id."""
    found: Mapping[str, Any] = _read(task, lang).get("words", {})
    return found


def choose(task: str, lang: str, template_id: str | None = None, rng: random.Random | None = None) -> Template:
    """The template of that id, whichever form of reply it asks for; without one, of the usual form a random one where
    there is an `rng`, else the first.

    Raises InputError (unknown_template) where the task has no such template.
    """
    rows = templates(task, lang)
    if template_id is None:
        return rng.choice(rows) if rng else rows[0]
    rows += marked_templates(task, lang)
    for row in rows:
        if row.id == template_id:
            return row
    raise InputError(
        f"The task {task!r} has no prompt template {template_id!r}; it has {', '.join(row.id for row in rows)}.",
        code="unknown_template",
        task=task,
        template=template_id,
        known=", ".join(row.id for row in rows),
    )
