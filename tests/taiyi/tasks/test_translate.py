"""The direction of a translation."""

import pytest

from taiyi.tasks.base import Request
from taiyi.tasks.translate import TranslateTask, target_of


@pytest.mark.parametrize(
    ("lang", "text_lang", "named"),
    [("en", "en", "Chinese"), ("en", "zh", "English"), ("zh", "en", "中文"), ("zh", "zh", "英文")],
)
def test_the_target_is_the_language_that_the_text_is_not_in_named_in_that_of_the_prompt(lang, text_lang, named):
    asked = Request("translate", "some {text}", lang, text_lang)
    assert target_of(asked) != text_lang
    content = TranslateTask().prompt(asked).messages[-1].content
    assert named in content
    assert "some {text}" in content
