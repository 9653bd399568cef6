"""Titles and summaries."""

from __future__ import annotations

from taiyi.tasks.writing import WritingTask


class TitleTask(WritingTask):
    """A title for an abstract."""

    id = "title"


class SummaryTask(WritingTask):
    """A short summary of a text."""

    id = "summary"
