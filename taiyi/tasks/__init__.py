"""The tasks, one row each. The ids are the public verbs of page, shell and API."""

from __future__ import annotations

from taiyi.tasks.base import Example, Parsed, Request, Task
from taiyi.tasks.entity import EntityTask

_ROWS: tuple[Task, ...] = (EntityTask(),)

TASKS: dict[str, Task] = {task.id: task for task in _ROWS}

__all__ = ["TASKS", "Example", "Parsed", "Request", "Task"]
