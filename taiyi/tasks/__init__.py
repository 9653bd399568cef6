"""The tasks, one row each. The ids are the public verbs of page, shell and API."""

from __future__ import annotations

from taiyi.tasks.base import Example, Parsed, Request, Task
from taiyi.tasks.causality import CausalityTask
from taiyi.tasks.chat import ChatTask
from taiyi.tasks.choice import ChooseTask
from taiyi.tasks.classify import ClassifyTask
from taiyi.tasks.coreference import CoreferenceTask
from taiyi.tasks.entity import EntityTask
from taiyi.tasks.event import EventTask
from taiyi.tasks.pair import EntailmentTask, SimilarityTask
from taiyi.tasks.question import PassageTask, QuestionTask
from taiyi.tasks.relation import RelationTask
from taiyi.tasks.report import ReportTask
from taiyi.tasks.title import SummaryTask, TitleTask
from taiyi.tasks.translate import TranslateTask

_ROWS: tuple[Task, ...] = (
    EntityTask(),
    RelationTask(),
    CausalityTask(),
    EventTask(),
    CoreferenceTask(),
    ClassifyTask(),
    ChooseTask(),
    SimilarityTask(),
    EntailmentTask(),
    TranslateTask(),
    ReportTask(),
    TitleTask(),
    SummaryTask(),
    QuestionTask(),
    PassageTask(),
    ChatTask(),
)

TASKS: dict[str, Task] = {task.id: task for task in _ROWS}

__all__ = ["TASKS", "Example", "Parsed", "Request", "Task"]
