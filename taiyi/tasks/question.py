"""Questions: open ones, whose text is the question, and ones about a passage, which is the text."""

from __future__ import annotations

from taiyi.tasks.base import Request
from taiyi.tasks.writing import WritingTask


class QuestionTask(WritingTask):
    """An open question."""

    id = "question"


class PassageTask(WritingTask):
    """A question that a passage answers."""

    id = "passage"

    def fields(self, request: Request) -> dict[str, str]:
        """The passage and the question."""
        return {"text": request.text, "question": request.question}
