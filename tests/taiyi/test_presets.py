"""The label presets as data: each makes a request, a prompt and a grammar."""

from pathlib import Path

import pytest
import yaml

import taiyi
from taiyi.tasks import TASKS
from taiyi.tasks.request import NEEDS_LABELS, make_request

ROWS = yaml.safe_load((Path(taiyi.__file__).parent / "data" / "presets.yaml").read_text(encoding="utf-8"))


def test_every_task_with_labels_has_presets_in_both_languages():
    assert set(ROWS) == set(NEEDS_LABELS)
    assert all(set(by_lang) == {"en", "zh"} for by_lang in ROWS.values())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("task", sorted(ROWS))
def test_each_preset_makes_a_prompt_and_a_grammar(task, lang):
    rows = ROWS[task][lang]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert set(row["name"]) == {"en", "zh"}
        text = "a text" if lang == "en" else "一段文本"
        roles, multi = row.get("roles", ()), row.get("multi", False)
        asked = make_request(task, text, labels=row["labels"], roles=roles, text_b="b", multi=multi)
        assert list(asked.labels) == row["labels"]
        assert TASKS[task].prompt(asked).messages
        assert TASKS[task].grammar(asked)
