"""Conversation: what the person typed, after the turns before it."""

from __future__ import annotations

from taiyi.tasks.writing import WritingTask


class ChatTask(WritingTask):
    """The next turn of a chat."""

    id = "chat"
