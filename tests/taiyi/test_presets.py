"""The label presets as data."""

import pytest

from taiyi.presets import presets
from taiyi.tasks import TASKS
from taiyi.tasks.request import NEEDS_LABELS, make_request


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("task", sorted(NEEDS_LABELS))
def test_every_task_with_labels_has_presets_that_make_a_prompt_and_a_grammar(task, lang):
    rows = presets(task, lang)
    assert rows
    assert len({row.id for row in rows}) == len(rows)
    for row in rows:
        assert set(row.name) == {"en", "zh"}
        text = "a text" if lang == "en" else "一段文本"
        asked = make_request(task, text, labels=row.labels, roles=row.roles, text_b="b", multi=row.multi)
        assert asked.labels == row.labels
        assert TASKS[task].prompt(asked).messages
        assert TASKS[task].grammar(asked)


def test_a_task_without_labels_has_none():
    assert presets("chat", "en") == ()
